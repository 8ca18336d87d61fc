// port: a fake that code is given in place of something remote, such as a repository, a mailer or a gateway. Each call
// of one of its asynchronous methods travels over a link as a request does. Knows links; must not know any fake.
import { carried } from '../plain/carried.ts'
import { current, isDead, neverSettles, type Context } from '../simulate/context.ts'
import { linksOf } from '../simulate/link.ts'
import { hasEnded } from '../simulate/link-call.ts'
import { newNode, type Node } from '../simulate/node-state.ts'
import type { Callee } from '../simulate/protocol.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import { portError, portProtocol, type PortReply, type PortRequest } from './port-protocol.ts'

/** Options of {@link port}. */
export interface PortOptions<T> {
  /** The methods that change something. The others may be asked twice by anybody. @default all of them */
  readonly write?: readonly (keyof T & string)[]
  /** Asynchronous methods that are not declared `async`, and so cannot be told from others. @default none */
  readonly calls?: readonly (keyof T & string)[]
}

/**
 * A fake that stands for something remote, as the code under test is given it. Inside a simulation each call of an
 * `async` method has four points: the request leaves, the fake does its work, the reply leaves, the reply arrives. It
 * takes time, and every fault of a call strikes there: a lost reply after the mail was sent, a crash between the two.
 * Arguments and results are copied where they are plain data. What a method throws reaches the caller; a fault gives an
 * error with `code` (`ECONNREFUSED`, `ECONNRESET`, `ETIMEDOUT` after 300 s) or `status` (429, 503 and the like). An
 * `AbortSignal` among the arguments ends the caller's wait. Other methods and fields are the fake's own, and outside a
 * simulation all of it is.
 *
 * The fake never crashes. What it keeps has to be the same before every history: register it, with {@link store}.
 *
 * @param name its name in stories and addresses: no node, no store. With a dot in it (`smtp.mailer`) it may stand in a
 *   link of `tolerates`
 * @param fake an object with asynchronous methods, or an asynchronous function
 * @throws where the name is none, or there is nothing to call; a SetupError in a history where a method gives a promise
 *   and was not known as asynchronous
 * @example
 * const sent: Mail[] = []
 * const mailer = port('mailer', { async send(mail: Mail) { sent.push(mail) } })
 *
 * nodes: { shop: serve(() => createShop({ mailer })) },
 * stores: [store('sent', { reset: () => { sent.length = 0 } })],
 */
export function port<T extends object>(name: string, fake: T, options: PortOptions<T> = {}): T {
  checkPort(name, fake)
  const { write, calls = [] } = options
  const nodes = new WeakMap<World, Node>()
  const wrappers = new WeakMap<object, Method>()
  const wrapperOf = (method: string, native: Method): Method => {
    const wrapper = wrappers.get(native) ?? wrapped(method, native)
    wrappers.set(native, wrapper)
    return wrapper
  }
  const wrapped = (method: string, native: Method): Method => {
    const isRead = write !== undefined && !write.some((other) => other === method)
    const isCall = isAsync(native) || calls.some((other) => other === method)
    return (...args) => {
      const context = current()
      if (context === undefined) return native.apply(fake, args)
      if (isDead(context.life)) return neverSettles()
      if (!isCall) return ownCall(context, `port("${name}"): ${method}()`, native.apply(fake, args))
      const world = context.host as World // the only Host that lends contexts is a World
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
    throw new Error(`port(): ${JSON.stringify(name)} is no name. Give one word, as a host has: port('mailer', fake).`)
  if ((typeof fake !== 'object' && typeof fake !== 'function') || fake === null)
    throw new Error(`port("${name}"): found ${String(fake)}, and nothing to call. Give an object with async methods.`)
  if (Object.isFrozen(fake))
    throw new Error(`port("${name}"): the fake is frozen, so that nothing can stand before its methods. Leave it open.`)
}

/** Whether it is declared `async`; of a mock function, what stands behind it. */
function isAsync(method: Method & { getMockImplementation?: () => unknown }): boolean {
  const behind = typeof method.getMockImplementation === 'function' ? method.getMockImplementation() : method
  return Object.prototype.toString.call(behind) === '[object AsyncFunction]'
}

/** What a method gave that is no call. */
function ownCall({ host }: Context, what: string, result: unknown): unknown {
  const gavePromise = typeof result === 'object' && result !== null && 'then' in result
  if (gavePromise)
    (host as World).fail(
      new SetupError(
        `${what} gave a promise and is not declared async, so that it was not seen as a call in time. Declare it ` +
          'async, or name it: port(name, fake, { calls: [...] }).',
      ),
    )
  return result
}

/** A port is a node of its own that never crashes. */
function nodeIn(world: World, name: string): Node {
  const taken = world.nodes.has(name) ? 'node' : world.stores.some((store) => store.name === name) ? 'store' : undefined
  if (taken !== undefined)
    world.fail(new SetupError(`port("${name}"): a ${taken} has this name. Names stand in stories; give it its own.`))
  const node = newNode(name)
  node.instances[0].life = { node: name, clock: world.clock(name), dead: false, paused: undefined, incarnation: 1 }
  return node
}

/** The fake does its work. */
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
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // whatever the caller aborted with
  const what = `${callee.node.name}.${method}()`
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      issued.settled = true
      hasEnded(world, issued, 'given up')
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

/** The signal that ends the wait: an argument itself, or the `signal` of one. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    if (arg instanceof AbortSignal) return arg
    if (typeof arg === 'object' && arg !== null && 'signal' in arg && arg.signal instanceof AbortSignal)
      return arg.signal
  }
  return undefined
}

/** A signal does not travel. */
function withoutSignal(arg: unknown): unknown {
  if (arg instanceof AbortSignal) return undefined
  if (typeof arg !== 'object' || arg === null || !('signal' in arg) || !(arg.signal instanceof AbortSignal)) return arg
  const { signal: _, ...rest } = arg
  return rest
}
