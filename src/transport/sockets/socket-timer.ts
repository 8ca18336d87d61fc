// setTimeout of a net.Socket in a simulation: no byte for so long is a 'timeout', in virtual time, on the clock of the
// process that uses the socket.
import type net from 'node:net'
import { current, isDead, type VirtualTimer } from '../../simulate/context.ts'
import type { Callable } from '../../simulate/globals.ts'

/** What Node writes. */
interface Inside {
  timeout: number
}

const timers = new WeakMap<object, VirtualTimer>()
/** Sockets that no exchange uses now: what waits in a pool keeps nothing going. */
const idle = new WeakSet<object>()

/** Stops a socket's timer. */
export function stopTimer(socket: object): void {
  timers.get(socket)?.cancel()
  timers.delete(socket)
}

/** Bytes came or went. */
export function refreshTimer(socket: object): void {
  timers.get(socket)?.refresh()
}

/** Whether an exchange is under way on a socket. */
export function setIdle(socket: object, isIdle: boolean): void {
  if (isIdle) idle.add(socket)
  else idle.delete(socket)
  timers.get(socket)?.keep(!isIdle)
}

/** In place of net.Socket.prototype.setTimeout. */
export function socketTimeout(native: Callable): Callable {
  return function (ms, callback) {
    const context = current()
    const socket = this as net.Socket & Inside // a method's
    if (context === undefined && !timers.has(socket)) return native.call(this, ms, callback)
    const delayMs = Number(ms)
    socket.timeout = delayMs
    stopTimer(socket)
    const listener = callback as (() => void) | undefined // Node checks it
    if (delayMs === 0) {
      if (listener !== undefined) socket.removeListener('timeout', listener)
      return socket
    }
    if (listener !== undefined) socket.once('timeout', listener)
    if (context === undefined || isDead(context.life)) return socket
    const timer = context.host.arm(context, Math.trunc(delayMs), () => void socket.emit('timeout'), false)
    if (idle.has(socket)) timer.keep(false)
    timers.set(socket, timer)
    return socket
  }
}
