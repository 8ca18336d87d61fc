// How a connection fails, as Node's sockets say it: code, errno, syscall and message are those that clients look at.
import { withoutStack } from '../../plain/without-stack.ts'

/** The address that every name of a node leads to, until that moves: nobody can tell more of a simulated machine. */
export const addressOfNodes = '10.0.0.1'

/** Where a node is that has moved so often. */
export function addressAfter(moves: number): string {
  return moves === 0 ? addressOfNodes : `10.0.${moves}.1`
}

/** How often a node that is, or was, at an address has moved; undefined where no node ever is. */
export function movesIn(address: string): number | undefined {
  const moves = /^10\.0\.(\d+)\.1$/.exec(address)?.[1]
  return moves === undefined ? undefined : Number(moves)
}

/** An error as libuv and Node make it. */
function systemError(message: string, fields: object): Error {
  return Object.assign(
    withoutStack(() => new Error(message)),
    fields,
  )
}

/** Nobody listens there. */
export function refused(address: string, port: number): Error {
  const fields = { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address, port }
  return systemError(`connect ECONNREFUSED ${address}:${port}`, fields)
}

/** No connection came about. */
export function timedOut(address: string, port: number): Error {
  const fields = { errno: -110, code: 'ETIMEDOUT', syscall: 'connect', address, port }
  return systemError(`connect ETIMEDOUT ${address}:${port}`, fields)
}

/** How long Linux tries to connect, in milliseconds: seven times, after 1, 2, 4, 8, 16, 32 and 64 s. */
export const systemConnectMs = 127_000

/** The other side is gone. */
export function reset(): Error {
  return systemError('read ECONNRESET', { errno: -104, code: 'ECONNRESET', syscall: 'read' })
}

/** A server's request whose client is gone. */
export function aborted(): Error {
  return systemError('aborted', { code: 'ECONNRESET' })
}

/** Nobody has such a name. */
export function nameNotFound(hostname: string): Error {
  return lookupFailed(hostname, 'ENOTFOUND', -3008)
}

/** The resolver does not answer. */
export function nameUnresolved(hostname: string): Error {
  return lookupFailed(hostname, 'EAI_AGAIN', -3001)
}

function lookupFailed(hostname: string, code: string, errno: number): Error {
  return systemError(`getaddrinfo ${code} ${hostname}`, { errno, code, syscall: 'getaddrinfo', hostname })
}

/** How a client of sockets hears that its call ended. */
export function connectionError(failure: string, host: string, port: number): Error | undefined {
  switch (failure) {
    case 'refused':
      return refused(addressOfNodes, port)
    case 'unreachable':
      return timedOut(addressOfNodes, port)
    case 'notFound':
      return nameNotFound(host)
    case 'tryAgain':
      return nameUnresolved(host)
    case 'reset':
      return reset()
    default:
      return undefined
  }
}
