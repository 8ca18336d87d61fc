// Which request of node:http asks an agent for a connection, and which line of whose code made it, for the story: by
// the time its bytes are read, the stack holds none of it.
import { ClientRequest } from 'node:http'
import type net from 'node:net'
import { current } from '../../simulate/context.ts'
import { callerLine, type CallerLine } from '../../simulate/call-details.ts'
import type { Callable } from '../../simulate/globals.ts'
import type { World } from '../../simulate/world.ts'

const lines = new WeakMap<ClientRequest, CallerLine>()

/** In place of http.Agent.prototype.addRequest. */
export function notingLine(native: Callable): Callable {
  return function (...args) {
    const [request] = args
    const context = current()
    // The only Host that lends contexts is a World
    const isTold = context !== undefined && (context.host as World).details !== undefined
    if (isTold && request instanceof ClientRequest) lines.set(request, callerLine())
    const before = asking
    asking = request instanceof ClientRequest ? request : undefined
    try {
      return native.apply(this, args)
    } finally {
      asking = before
    }
  }
}

/** The request that asks its agent for a connection now. */
let asking: ClientRequest | undefined

/** Which request an agent connects for now. */
export function askingRequest(): ClientRequest | undefined {
  return asking
}

/** Whether what connects now is an agent, for a request that is to be answered over HTTP/1.1. */
export function isOfPlainRequest(): boolean {
  return asking !== undefined && asking.method !== 'CONNECT' && !asking.hasHeader('upgrade')
}

/** The line of the request that a socket carries now; undefined where nobody tells a story. */
export function lineOfRequest(socket: net.Socket): CallerLine | undefined {
  const request: unknown = Reflect.get(socket, '_httpMessage') // Node keeps it there until the answer has come
  return request instanceof ClientRequest ? lines.get(request) : undefined
}
