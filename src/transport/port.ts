// port: wraps a fake of a remote dependency, such as a repository, a mailer or a gateway. Each call of one of its
// asynchronous methods travels over a link, as a request does. Knows links; must not know any fake.
import { assertList, assertOptions, foundWords } from '../plain/options.ts'
import { carried } from '../plain/carried.ts'
import { current, isDead, neverSettles, type Context } from '../simulate/context.ts'
import { linksOf } from '../simulate/link.ts'
import { giveUp } from '../simulate/give-up.ts'
import { nodeBeside } from '../simulate/node-beside.ts'
import type { Node } from '../simulate/node-state.ts'
import type { Callee } from '../simulate/protocol.ts'
import { RunAgain } from '../simulate/run-again.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import { portError, portProtocol, type PortReply, type PortRequest } from './port-protocol.ts'

/** Options of {@link port}. */
export interface PortOptions<T> {
  /** The methods that change something. A call of any other method may be repeated on its way. @default all of them */
  readonly write?: readonly (keyof T & string)[]
}

/**
 * Wraps the fake of a remote dependency for the code under test. Inside a simulation each call of an asynchronous
 * method is a call over the network: the request leaves, the fake does its work, the reply leaves, the reply arrives.
 * It takes time, and all faults of calls apply to it: the reply is lost after the mail was sent, or the caller crashes
 * between the two. Arguments and results are copied if they are plain data. An error that a method throws reaches the
 * caller. After a fault the caller gets an error with `code` (`ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `ETIMEDOUT`
 * after 300 s) or `status` (429, 503 and the like). An `AbortSignal` among the arguments ends the caller's wait. A
 * method that is not declared `async` but returns a promise is a call, too: when this is discovered, the history is run
 * again. Other methods and fields are those of the fake itself; outside a simulation all are.
 *
 * The fake never crashes. Its state has to be the same before every history: register it with {@link store}.
 *
 * @param name its name in stories and addresses; no node or store may have it. A name with a dot (`smtp.mailer`) can be
 *   used in the links of `tolerates`
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
      const server = { handle: (_: unknown, request: PortRequest) => work(native, fake, request) }
      return call(world, context, { node, server }, { method, args, isRead })
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

type Method = (this: unknown, ...args: unknown[]) => unknown

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

/** Calls the method of the fake. */
async function work(native: Method, fake: unknown, { args, isRead }: PortRequest): Promise<PortReply> {
  const context = current()
  try {
    return { kind: 'value', value: carried(await native.apply(fake, [...args])) }
  } catch (error) {
    return { kind: 'threw', error }
  } finally {
    if (!isRead && context !== undefined) (context.host as World).committed(context.cause)
  }
}

function call(
  world: World,
  context: Context,
  callee: Callee<PortRequest, PortReply>,
  { method, args, isRead }: PortRequest,
): Promise<unknown> {
  const signal = signalIn(args)
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // the caller's own reason, of any type
  const what = `${callee.node.name}.${method}()`
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      giveUp(world, issued)
      reject(signal?.reason as Error)
    }
    const done = (): void => signal?.removeEventListener('abort', abort)
    const issued = linksOf(world).issue(world, context, {
      protocol: portProtocol,
      request: { method, isRead, args: carried(args.map(withoutSignal)) },
      callee,
      answer(reply) {
        done()
        if (reply.kind === 'value') resolve(reply.value)
        else reject(reply.kind === 'threw' ? (reply.error as Error) : portError(what, reply))
      },
      fail(failure) {
        done()
        reject(portError(what, failure))
      },
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** The signal that ends the caller's wait: an argument, or the `signal` field of one. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    if (arg instanceof AbortSignal) return arg
    if (typeof arg === 'object' && arg !== null && 'signal' in arg && arg.signal instanceof AbortSignal)
      return arg.signal
  }
  return undefined
}

/** The argument without its signal, which stays with the caller. */
function withoutSignal(arg: unknown): unknown {
  if (arg instanceof AbortSignal) return undefined
  if (typeof arg !== 'object' || arg === null || !('signal' in arg) || !(arg.signal instanceof AbortSignal)) return arg
  const { signal: _, ...rest } = arg
  return rest
}
