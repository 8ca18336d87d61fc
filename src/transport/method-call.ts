// A method's call as one over the network: its arguments leave as copies, the work is done at the other end, and a copy
// of its result comes back. Knows links; must not know whose method it is.
import { carried } from '../plain/carried.ts'
import { current, type Context } from '../simulate/context.ts'
import { giveUp } from '../simulate/give-up.ts'
import { linksOf } from '../simulate/link.ts'
import type { Callee } from '../simulate/protocol.ts'
import type { World } from '../simulate/world.ts'
import { portError, portProtocol, type PortReply, type PortRequest } from './port-protocol.ts'

export type Method = (this: unknown, ...args: unknown[]) => unknown

/** Does the work of a call: the method is called with the arguments that arrived. */
export async function workOf(native: Method, self: unknown, { args, isRead }: PortRequest): Promise<PortReply> {
  const context = current()
  try {
    return { kind: 'value', value: carried(await native.apply(self, [...args])) }
  } catch (error) {
    return { kind: 'threw', error }
  } finally {
    if (!isRead && context !== undefined) (context.host as World).committed(context.cause)
  }
}

/** A call of a method over the network. */
export function callMethod(
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
