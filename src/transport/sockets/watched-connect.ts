// How a socket connects for a request of node:http that watches it, as one does with a limit of its own on connecting.
// What such a request writes is read before its socket is connected, so that what becomes of it is known by then: where
// no connection comes about the socket goes on connecting, and where nobody answers so does the handshake of TLS. Any
// other request is connected a tick after it asked.
import type { ClientRequest } from 'node:http'
import type net from 'node:net'
import { isDead, within, type Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import { bytesOf } from './wire-end.ts'

/** What happens on a socket between the lookup of its host and its connection. */
export class WatchedConnect {
  /** No connection comes about for its request. */
  isUnreachable = false
  /** Whether nobody answers its request. */
  isSilent: () => boolean = () => false
  readonly #socket: net.Socket
  readonly #read: (bytes: Buffer) => void
  readonly #watchers: number
  /** Read while nothing may be read yet. */
  #early: Buffer[] | undefined = []
  /** Writes whose bytes were read, but which the socket has not made. */
  #ahead = 0
  readonly #writes: (() => void)[] = []

  private constructor(socket: net.Socket, read: (bytes: Buffer) => void) {
    this.#socket = socket
    this.#read = read
    this.#watchers = watchersOf(socket)
    const write = socket.write.bind(socket)
    // One function for all its overloads
    socket.write = ((...args: Parameters<typeof write>): boolean => {
      const encoding: unknown = args[1] // or a callback
      const bytes = bytesOf(args[0], typeof encoding === 'string' ? args[1] : undefined)
      this.#ahead += 1
      if (this.#early === undefined) read(bytes)
      else this.#early.push(bytes)
      return write(...args)
    }) as typeof write
  }

  /** Undefined where no request looks at its socket. */
  static of(
    socket: net.Socket,
    request: ClientRequest | undefined,
    read: (bytes: Buffer) => void,
  ): WatchedConnect | undefined {
    return request === undefined || request.listenerCount('socket') === 0 ? undefined : new WatchedConnect(socket, read)
  }

  /** Makes a write of the socket once that is connected. */
  later(write: () => void): void {
    if (this.#socket.connecting) this.#writes.push(write)
    else write()
  }

  /** Whether the bytes of the next write were read already. */
  wasRead(): boolean {
    if (this.#ahead === 0) return false
    this.#ahead -= 1
    return true
  }

  /** The host is known. Calls `connected`, and then `secured` where there is a handshake, unless they never come. */
  begin(context: Context, connected: () => void, secured: (() => void) | undefined): void {
    for (const bytes of this.#early?.splice(0) ?? []) this.#read(bytes)
    this.#early = undefined
    const open = (): void => {
      if (this.#socket.destroyed || this.isUnreachable) return
      connected()
      if (secured !== undefined && this.isSilent()) return
      Reflect.deleteProperty(this.#socket, 'write')
      secured?.()
      for (const write of this.#writes.splice(0)) write()
    }
    process.nextTick(() => {
      if (watchersOf(this.#socket) === this.#watchers) return open()
      const { scheduler, nowMs } = context.host as World // the only Host that lends contexts is a World
      // By then the request has left
      scheduler.add(nowMs, () => {
        if (!isDead(context.life)) within(context, open)
      })
    })
  }
}

/** How many listeners wait for the connection of a socket. */
function watchersOf(socket: net.Socket): number {
  return socket.listenerCount('connect') + socket.listenerCount('secureConnect')
}
