// undici's dispatchers: what carries a request below `fetch`, undici.request and whatever else is built on undici. In a
// simulation they carry it over the simulated network, so that a `fetch` that was kept before the package was imported,
// and a dispatcher that somebody gave, both lead there. Finds the classes of each copy of undici: Node's own, which
// shows in the global dispatcher, and those in node_modules, which are CommonJS modules.
import { createRequire } from 'node:module'
import { current, type Context } from '../context.ts'
import { replace, type Callable } from './replace.ts'

/** Carries a request of a simulation: undici's `dispatch(options, handler)` of one dispatcher. */
export type Dispatch = (context: Context, dispatcher: object, options: object, handler: object) => boolean

/**
 * Where undici keeps the global dispatcher: the second since its version 7.20, the first for older copies beside it.
 */
const globalKeys = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')]

/** The file of a copy of undici that defines a class of dispatchers. */
const definesDispatchers = /[\\/]undici[\\/]lib[\\/](?:dispatcher[\\/])?[\w-]+\.js$/

const modules = createRequire(import.meta.filename).cache
/** Files that define none: thousands are loaded, and each simulation asks again. */
const others = new Set<string>()
const patched = new WeakSet<object>()
let lent: Dispatch | undefined

/** Patches the dispatchers of each copy of undici that is loaded by now. */
export function installDispatchers(dispatch: Dispatch): void {
  lent = dispatch
  for (const key of globalKeys) installOn(Reflect.get(globalThis, key))
  for (const path of Object.keys(modules)) {
    if (others.has(path)) continue
    const exported: unknown = definesDispatchers.test(path) ? modules[path]?.exports : others.add(path)
    if (typeof exported === 'function') installOn(exported.prototype)
  }
}

/** Patches what carries requests along a prototype chain. */
function installOn(dispatcher: unknown): void {
  for (let owner = dispatcher; typeof owner === 'object' && owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (patched.has(owner)) continue
    const carries = symbolOf(owner, 'dispatch')
    const remembers = symbolOf(owner, 'Intercepted Dispatch')
    if (carries !== undefined) replace([owner], carries, simulating)
    if (remembers !== undefined) replace([owner], 'dispatch', (native) => forgetting(native, remembers))
    if (carries !== undefined || remembers !== undefined) patched.add(owner)
  }
}

/** undici's symbols are its own, and known by their descriptions. */
function symbolOf(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description)
}

/** undici 6 keeps for each dispatcher what its first request went through: before the patching, that was native. */
function forgetting(native: Callable, key: symbol): Callable {
  const renewed = new WeakSet<object>()
  return function (options, handler) {
    const dispatcher = this as object // a method's
    if (!renewed.has(dispatcher)) Reflect.deleteProperty(dispatcher, key)
    renewed.add(dispatcher)
    return native.call(this, options, handler)
  }
}

function simulating(native: Callable): Callable {
  return function (options, handler) {
    const context = current()
    const dispatcher = this as object // a method's
    if (context === undefined || lent === undefined || handsOn(dispatcher)) return native.call(this, options, handler)
    return lent(context, dispatcher, options as object, handler as object) // undici has checked them
  }
}

/** An Agent whose dispatchers of single origins were made by somebody: by a `factory`, or by a MockAgent. */
function handsOn(dispatcher: object): boolean {
  const factory = keptUnder(dispatcher, 'factory')
  if (dispatcher.constructor.name !== 'Agent' || typeof factory !== 'function') return false
  if (factory.name !== 'defaultFactory') return true
  const clients = keptUnder(dispatcher, 'clients')
  return clients instanceof Map && [...clients.values()].some(isMock)
}

/** A mock's `dispatch` is its own. undici 7 keeps how often each client is used beside it. */
function isMock(client: unknown): boolean {
  if (typeof client !== 'object' || client === null) return false
  return Object.hasOwn(client, 'dispatch') || ('dispatcher' in client && isMock(client.dispatcher))
}

/** The dispatcher that somebody chose for a call of `fetch`, by its options or for all; undefined where nobody did. */
export function chosenDispatcher(init: unknown): unknown {
  const given = typeof init === 'object' && init !== null && 'dispatcher' in init ? init.dispatcher : undefined
  const chosen = given ?? chosenForAll()
  if (typeof chosen !== 'object' || chosen === null || seen.has(chosen)) return chosen
  seen.add(chosen)
  if (lent !== undefined) installDispatchers(lent) // its copy of undici may have been loaded a moment ago
  installOn(chosen)
  return chosen
}

function chosenForAll(): unknown {
  for (const key of globalKeys) {
    const one: unknown = Reflect.get(globalThis, key)
    if (!isPlain(one)) return one
  }
  return undefined
}

const seen = new WeakSet<object>()

/** Agents without options: nobody chose them, undici did. */
const plain = new WeakSet<object>()

function isPlain(dispatcher: unknown): boolean {
  if (typeof dispatcher !== 'object' || dispatcher === null || plain.has(dispatcher)) return true
  const { name } = dispatcher.constructor
  const isAgent =
    name === 'Agent' && Object.values(optionsOf(dispatcher)).every((value) => value === undefined || value === Infinity)
  if (!isAgent && name !== 'Dispatcher1Wrapper') return false // that one stands for the other global dispatcher
  plain.add(dispatcher)
  return true
}

/** An option that a dispatcher was made with: it keeps them together, or this one under a symbol of its own. */
export function optionOf(dispatcher: object, name: string, description?: string): unknown {
  return keptUnder(dispatcher, description) ?? optionsOf(dispatcher)[name]
}

function optionsOf(dispatcher: object): Readonly<Record<string, unknown>> {
  const options = keptUnder(dispatcher, 'options')
  // Looked up by name
  return typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {}
}

function keptUnder(dispatcher: object, description: string | undefined): unknown {
  const key = description === undefined ? undefined : symbolOf(dispatcher, description)
  return key === undefined ? undefined : Reflect.get(dispatcher, key)
}
