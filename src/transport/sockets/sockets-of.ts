// What a simulation lends to the patched sockets: who takes a connection, which ones are open, and what is done with
// them when the history is over.
import type net from 'node:net'
import { within, type Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import type { FarEnd } from './far-end.ts'
import type { WatchedConnect } from './watched-connect.ts'
import type { WireEnd } from './wire-end.ts'

/** A connection of a client. */
export interface Connection {
  readonly socket: net.Socket
  /** Its far end. */
  readonly end: FarEnd
  /** Who connected. */
  readonly context: Context
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /**
   * The stack of who connected. Undefined where nobody will ask for it: a request of node:http leads to somebody, and
   * stacks below HTTP clients are deep.
   */
  readonly caller: Error | undefined
  /** Where it leads, if its holder looked that up itself. */
  address: string | undefined
  /** Where its first request looks at how it comes about. */
  watched: WatchedConnect | undefined
}

/** What a connection leads to. */
export interface Endpoint {
  /** Whether anybody is there. */
  knows(connection: Pick<Connection, 'context' | 'host' | 'port' | 'isSecure'>): boolean
  /** The address that a name leads to now. */
  addressOf(host: string): string
  /** Takes the far end of a new connection. */
  take(connection: Connection): void
}

/** The sockets of one history. */
export class Sockets {
  readonly endpoint: Endpoint
  readonly open: Set<Connection> = new Set()
  /** The ends of servers that have not closed their connection. */
  readonly served: Set<WireEnd> = new Set()
  /** The history is over: nothing can be reached any more. */
  isOver = false
  lastPort = 49151
  /** The names of the nodes that listen, or did before they went down, by port. */
  readonly ports: Map<number, Set<string>> = new Map()

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
  }
}

/** Sockets of a simulation lead to `endpoint` from now on. */
export function lendSockets(world: World, endpoint: Endpoint): Sockets {
  const sockets = new Sockets(endpoint)
  world.sockets = sockets
  return sockets
}

/** Undefined outside a simulation. */
export function socketsOf(context: Context | undefined): Sockets | undefined {
  if (context === undefined) return undefined
  return socketsOfWorld(context.host as World) // the only Host that lends contexts is a World
}

/** Undefined where it was lent none. */
export function socketsOfWorld({ sockets }: World): Sockets | undefined {
  return sockets instanceof Sockets ? sockets : undefined
}

/** The history is over and all its lives have ended: what pools keep is closed. False where they keep nothing. */
export function closeSockets(sockets: Sockets): boolean {
  sockets.isOver = true
  for (const end of sockets.served) end.release()
  sockets.served.clear()
  if (sockets.open.size === 0) return false
  for (const { socket, context } of sockets.open) {
    socket.on('error', () => undefined)
    within(context, () => void socket.destroy())
  }
  sockets.open.clear()
  return true
}
