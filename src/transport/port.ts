// port: wraps a fake of a remote dependency, such as a repository, a mailer or a gateway. Each call of one of its
// asynchronous methods travels over a link, as a request does. Knows links; must not know any fake.
import { assertList, assertOptions, foundWords } from '../plain/options.ts'
import { current, isDead, neverSettles } from '../simulate/context.ts'
import { nodeBeside } from '../simulate/node-beside.ts'
import type { Node } from '../simulate/node-state.ts'
import { RunAgain } from '../simulate/run-again.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import { portNames } from '../system/place.ts'
import { callMethod, workOf, type Method } from './method-call.ts'
import type { PortRequest } from './port-protocol.ts'

/** Options of {@link port}. */
export interface PortOptions<T> {
  /** The methods that change something. A call of any other method may be repeated on its way. @default all of them */
  readonly write?: readonly (keyof T & string)[]
}

/**
 * Wraps the fake of a remote dependency for the code under test. Inside a simulation each call of an asynchronous
 * method is a call over the network: the request leaves, the fake does its work, the reply leaves, the reply arrives.
 * It takes time, and all faults of calls apply to it: the reply is lost after the mail was sent, or the caller crashes
 * between the two. Arguments and results arrive as copies of their own type: objects, arrays, `Date`, `Map`, `Set`,
 * bytes, `undefined` and bigint, where JSON would change some. Instances of other classes, and functions, are passed as
 * they are. An error that a method throws reaches the caller. After a fault the caller gets an error with `code`
 * (`ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `ETIMEDOUT` after 300 s) or `status` (429, 503 and the like). An
 * `AbortSignal` among the arguments ends the caller's wait. A method that is not declared `async` but returns a promise
 * is a call, too: when this is discovered, the history is run again. Other methods and fields are those of the fake
 * itself; outside a simulation all are.
 *
 * The fake never crashes. Its state has to be the same before every history: register it with {@link store}.
 *
 * @param name its name in stories, addresses and `tolerates`; no node or store may have it
 * @param fake an object with asynchronous methods, or an asynchronous function
 * @throws if the name is invalid or the fake has nothing to call
 * @example
 * const sent: Mail[] = []
 * const mailer = port('mailer', { async send(mail: Mail) { sent.push(mail) } })
 *
 * nodes: { shop: serve(() => createShop({ mailer })) },
 * stores: [store('sent', { reset: () => { sent.length = 0 } })],
 */
export function port<T extends object>(name: string, fake: T, options: PortOptions<T> = {}): T {
  checkPort(name, fake)
  assertOptions(`port("${name}")`, options, ['write'])
  assertList(`port("${name}"): write`, options.write, 'the names of methods that write')
  const { write } = options
  for (const method of write ?? [])
    if (typeof Reflect.get(fake, method) !== 'function')
      throw new Error(`port("${name}"): write names ${foundWords(method)}, which is no method of the fake.`)
  portNames.add(name)
  const nodes = new WeakMap<World, Node>()
  const wrappers = new WeakMap<object, Method>()
  const wrapperOf = (method: string, native: Method): Method => {
    const wrapper = wrappers.get(native) ?? wrapped(method, native)
    wrappers.set(native, wrapper)
    return wrapper
  }
  const wrapped = (method: string, native: Method): Method => {
    const isRead = write !== undefined && !write.some((other) => other === method)
    const isCall = isAsync(native)
    return (...args) => {
      const context = current()
      if (context === undefined) return native.apply(fake, args)
      if (isDead(context.life)) return neverSettles()
      const world = context.host as World // the only Host that lends contexts is a World
      const id = `${name}.${method}`
      if (!isCall && !world.portCalls.has(id)) return ownCall(world, id, native.apply(fake, args))
      const node = nodes.get(world) ?? nodeIn(world, name)
      nodes.set(world, node)
      const server = { handle: (_: unknown, request: PortRequest) => workOf(native, fake, request) }
      return callMethod(world, context, { node, server }, { method, args, isRead })
    }
  }
  // The casts hold: both were found to be functions
  return new Proxy(fake, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof key === 'symbol' || typeof value !== 'function' || key === 'constructor') return value
      return wrapperOf(key, value as Method)
    },
    apply: (target, _, args: unknown[]) => {
      const { name: own } = target as unknown as Method
      return wrapperOf(own === '' ? 'call' : own, target as unknown as Method)(...args)
    },
  })
}

function checkPort(name: string, fake: unknown): void {
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name) || name === 'client')
    throw new Error(
      `port(): ${JSON.stringify(name)} is no valid name. Give one word, like a host name: port('mailer', fake).`,
    )
  if ((typeof fake !== 'object' && typeof fake !== 'function') || fake === null)
    throw new Error(
      `port("${name}"): found ${String(fake)}, which has nothing to call. Give an object with async methods.`,
    )
  if (Object.isFrozen(fake))
    throw new Error(`port("${name}"): the fake is frozen, so its methods cannot be wrapped. Do not freeze it.`)
}

/** Whether a method is declared `async`. */
function isAsync(method: Method): boolean {
  return Object.prototype.toString.call(method) === '[object AsyncFunction]'
}

/** The result of a method that was not known to be asynchronous. If it is a promise, the history is run again. */
function ownCall(world: World, id: string, result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('then' in result)) return result
  world.portCalls.add(id)
  world.fail(new RunAgain(`${id}() gives a promise`))
  return neverSettles()
}

/** The node of a port, which never crashes. */
function nodeIn(world: World, name: string): Node {
  const isSeen = world.stores.some((store) => store.name === name && store.unseen !== true)
  const taken = world.nodes.has(name) ? 'node' : isSeen ? 'store' : undefined
  if (taken !== undefined)
    world.fail(new SetupError(`port("${name}"): a ${taken} has this name. Names stand in stories; give it its own.`))
  return nodeBeside(world, name)
}
