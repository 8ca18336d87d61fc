// Code that was loaded before the package keeps the native Date as a value: decorators and ORMs store it as the type of
// a column, and later compare it with the global one. What globals reach (such metadata is kept there, since a library
// may be loaded twice), and what reflect-metadata stores, gets the replacement. A search of the whole heap would find
// more, and was measured: 0.2 to 0.4 s a worker. Local variables are out of reach of both; see real-dates.ts.
import { createRequire } from 'node:module'
import { types } from 'node:util'

/** What is looked at, at most: a walk of some ten milliseconds. */
const maxProperties = 100_000

type Exchange = (value: unknown) => unknown

/** Puts `ours` where globals lead to `native`. The global itself, and all that Node holds, stay as they are. */
export function adoptHolders(native: object, ours: object): void {
  const exchange: Exchange = (value) => (value === native ? ours : value)
  new HolderWalk(exchange, [native, ours, globalThis, process, console]).from(roots())
  adoptMetadata(exchange)
}

/** What was added to the global object and to Reflect, and what CommonJS modules export. */
function roots(): readonly unknown[] {
  return [Reflect, globalThis, createRequire(import.meta.filename).cache].flatMap(valuesOf)
}

function valuesOf(owner: object): readonly unknown[] {
  return Reflect.ownKeys(owner).map((key): unknown => Object.getOwnPropertyDescriptor(owner, key)?.value)
}

/** Breadth first, so that what lies near the global object is seen, however much lies behind. */
class HolderWalk {
  readonly #exchange: Exchange
  readonly #seen: Set<unknown>
  readonly #queue: object[] = []
  #left = maxProperties

  constructor(exchange: Exchange, closed: readonly object[]) {
    this.#exchange = exchange
    this.#seen = new Set(closed)
  }

  from(values: readonly unknown[]): void {
    for (const value of values) this.#meet(value)
    for (const object of this.#queue) {
      if (this.#left <= 0) return
      if (types.isMap(object))
        this.#map(object) // not `instanceof`, which the prototype of a subclass is as well
      else if (types.isSet(object)) this.#set(object)
      this.#properties(object)
    }
  }

  #meet(value: unknown): void {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || this.#seen.has(value)) return
    this.#seen.add(value)
    // A proxy would run its owner's code; binary data has a property for each byte
    if (!types.isProxy(value) && !ArrayBuffer.isView(value)) this.#queue.push(value)
  }

  #properties(object: object): void {
    const isModule = Object.getOwnPropertyDescriptor(object, Symbol.toStringTag)?.value === 'Module'
    for (const key of Reflect.ownKeys(object)) {
      if ((this.#left -= 1) <= 0) return
      const property = Object.getOwnPropertyDescriptor(object, key)
      const value: unknown = isModule ? exported(object, key) : property?.value
      const put = this.#exchange(value)
      if (put === value) this.#meet(value)
      else if (property?.writable === true) Reflect.set(object, key, put)
    }
  }

  #map(map: Map<unknown, unknown>): void {
    const entries = [...map]
    this.#left -= entries.length
    const exchanged = entries.map(([key, value]) => [this.#exchange(key), this.#exchange(value)] as const)
    if (exchanged.some(([key, value], i) => key !== entries[i]?.[0] || value !== entries[i]?.[1])) {
      map.clear() // so that the order stays
      for (const [key, value] of exchanged) map.set(key, value)
    }
    for (const value of exchanged.flat()) this.#meet(value)
  }

  #set(set: Set<unknown>): void {
    const members = [...set]
    this.#left -= members.length
    const exchanged = members.map(this.#exchange)
    if (exchanged.some((member, i) => member !== members[i])) {
      set.clear()
      for (const member of exchanged) set.add(member)
    }
    for (const member of exchanged) this.#meet(member)
  }
}

/** An export of a module that is loaded; of one that is not evaluated yet, undefined. */
function exported(module: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(module, key)
  } catch {
    return undefined // in its temporal dead zone
  }
}

/** `emitDecoratorMetadata` writes types by reflect-metadata, which keeps them where no walk comes. */
function adoptMetadata(exchange: Exchange): void {
  for (const name of ['getMetadata', 'getOwnMetadata']) {
    const native: unknown = Reflect.get(Reflect, name)
    if (typeof native !== 'function') continue
    const read = (...args: unknown[]): unknown => {
      const found: unknown = Reflect.apply(native, Reflect, args)
      return Array.isArray(found) && found.some((type) => exchange(type) !== type)
        ? Object.assign(found, found.map(exchange)) // the types of parameters
        : exchange(found)
    }
    Reflect.set(Reflect, name, read)
  }
}
