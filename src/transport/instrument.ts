// instrument: a driver that no adapter knows, taken hold of where all its calls pass. The named methods of one client
// are replaced while a test runs, and each call of one travels over a link. Must not know any driver.
import { types } from 'node:util'
import { describeError } from '../plain/describe-error.ts'
import { assertList, assertOptions, assertType, foundWords } from '../plain/options.ts'
import { suggestion } from '../plain/suggestion.ts'
import { current, isDead, neverSettles, outsideContext } from '../simulate/context.ts'
import { nodeBeside } from '../simulate/node-beside.ts'
import type { Node } from '../simulate/node-state.ts'
import { storeMisused } from '../simulate/store-call.ts'
import type { World } from '../simulate/world.ts'
import type { Store } from '../system/store.ts'
import { callMethod, workOf, type Method } from './method-call.ts'
import type { PortRequest } from './port-protocol.ts'

/** How {@link instrument} names the client, and brings back its state. */
export interface InstrumentOptions<C> {
  /** Its name in stories and addresses. */
  readonly name: string
  /** Brings back the state that every history starts from. It may take real time, and runs once more at the end. */
  readonly reset: () => unknown
  /** Those of the methods that change something. A call of any other may be repeated on its way. @default all */
  readonly write?: readonly (keyof C & string)[]
}

/**
 * Any client of a store as a store: while the test runs, the named methods of this one client are replaced, and each
 * call of one is a call over the network, as that of a `port`: the request leaves, the client does its work, the reply
 * leaves and arrives. Name the methods through which **all** that the code asks for passes, such as `query` of a
 * driver. The code under test keeps its client.
 *
 * The client itself must work without real I/O: one that opens a socket ends the history with an error that names the
 * line. What the client gives is a copy, as of a `port`; what it keeps open between calls (a connection that was taken
 * out, a transaction) stays open when its caller dies. What calls of each other's methods the client makes are its own
 * work. Where no history sees a call, the test fails and says so.
 *
 * @throws where the client is a Proxy, as query builders are, or frozen; where a name is no method of it; if a method
 *   gives no promise, or is given a function, that history ends with an error
 * @example
 * const db = new MemoryDatabase()
 *
 * stores: [instrument(db, ['query', 'execute'], { name: 'db', write: ['execute'], reset: () => db.clear() })],
 */
export function instrument<C extends object>(
  client: C,
  methods: readonly (keyof C & string)[],
  options: InstrumentOptions<C>,
): Store {
  assertOptions('instrument()', options ?? null, ['name', 'reset', 'write'])
  const { name, reset, write } = options
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name) || name === 'client')
    throw new Error(`instrument(): ${foundWords(name)} is no valid name. Give one word: { name: 'db' }.`)
  const of = `instrument("${name}")`
  checkClient(of, client, methods)
  assertType(`${of}: reset`, reset ?? null, 'function', 'a function that brings back the first state')
  assertList(`${of}: write`, write, 'the names of methods that write')
  const stranger = write?.find((method) => !methods.includes(method))
  if (stranger !== undefined) throw new Error(`${of}: write names "${stranger}"${suggestion(stranger, methods)}`)
  const begin = async (): Promise<void> => {
    try {
      await outsideContext(async () => reset())
    } catch (error) {
      throw new Error(`${of}: reset threw ${describeError(error)}. It has to work before every history.`, {
        cause: error,
      })
    }
  }
  let restore: (() => void) | undefined
  return {
    kind: 'store',
    name,
    limits: `what the client of "${name}" keeps open when its caller dies, such as a transaction`,
    attach() {
      if (restore !== undefined)
        throw new Error(`${of}: it is in use by another simulation at this moment. Give each test its own client.`)
      restore = replaceMethods(client, methods, instrumented(name, client, write))
    },
    async detach() {
      if (restore === undefined) return
      restore()
      restore = undefined
      await begin()
    },
    reset: begin,
    crash: () => undefined,
    settle: () => undefined,
    isOpen: () => false,
  }
}

function checkClient(of: string, client: unknown, methods: unknown): void {
  if ((typeof client !== 'object' && typeof client !== 'function') || client === null)
    throw new Error(`${of}: found ${foundWords(client)}, which has nothing to call. Give the client of a driver.`)
  if (types.isProxy(client))
    throw new Error(
      `${of}: found a Proxy, as query builders and ORMs make them: its methods are made anew at each access, and ` +
        "cannot be taken hold of. Give the driver's own client below it, whose methods all its queries pass through.",
    )
  if (Object.isFrozen(client))
    throw new Error(`${of}: the client is frozen, so its methods cannot be replaced. Do not freeze it.`)
  assertList(`${of}: methods`, methods ?? null, "names of methods, as in ['query']")
  const names = methods as readonly unknown[] // just checked
  if (names.length === 0) throw new Error(`${of}: no method is named, so that nothing would be seen.`)
  for (const method of names) {
    const found: unknown = Reflect.get(client, String(method))
    const words = found === undefined ? 'no method of the client' : `no method (found ${foundWords(found)})`
    if (typeof found !== 'function')
      throw new Error(`${of}: "${String(method)}" is ${words}${suggestion(String(method), methodsOf(client))}`)
  }
}

/** The names of its methods, its classes' own among them. */
function methodsOf(client: object): readonly string[] {
  const names = new Set<string>()
  for (let at: unknown = client; at instanceof Object && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && key !== 'constructor') names.add(key)
  return [...names]
}

/** What takes the place of a method. */
function instrumented(
  name: string,
  client: object,
  write: readonly string[] | undefined,
): (method: string, native: Method) => Method {
  const nodes = new WeakMap<World, Node>()
  return (method, native) => {
    const isRead = write !== undefined && !write.includes(method)
    const work: Method = (...args) => {
      const result = native.apply(client, args)
      if (typeof result === 'object' && result !== null && 'then' in result) return result
      throw storeMisused(
        `instrument("${name}"): ${method}() gives no promise. Name only methods that do: whatever asks over a ` +
          'network waits for an answer.',
      )
    }
    return (...args) => {
      const context = current()
      if (context === undefined) return native.apply(client, args)
      if (isDead(context.life)) return neverSettles()
      const world = context.host as World // the only Host that lends contexts is a World
      const node = nodes.get(world) ?? nodeBeside(world, name)
      nodes.set(world, node)
      if (context.life === node.instances[0].life) return native.apply(client, args) // its own
      if (args.some((arg) => typeof arg === 'function'))
        return Promise.reject(
          storeMisused(
            `instrument("${name}"): ${method}() was given a function, which would run at the other end. Name the ` +
              'methods that such a function calls, in place of this one.',
          ),
        )
      const server = { handle: (_: unknown, request: PortRequest) => workOf(work, client, request) }
      return callMethod(world, context, { node, server }, { method, args, isRead })
    }
  }
}

/** Hides methods behind own properties. Returns what puts back what was there. */
function replaceMethods(
  client: object,
  methods: readonly string[],
  make: (method: string, native: Method) => Method,
): () => void {
  const before = methods.map((method) => [method, Object.getOwnPropertyDescriptor(client, method)] as const)
  for (const method of methods) {
    const value = make(method, Reflect.get(client, method) as Method) // checked before
    Object.defineProperty(client, method, { value, configurable: true, enumerable: false, writable: true })
  }
  return () => {
    for (const [method, descriptor] of before)
      if (descriptor === undefined) Reflect.deleteProperty(client, method)
      else Object.defineProperty(client, method, descriptor)
  }
}
