// The connections that a server has under way, each with one request: what its close waits for. Knows no life.
import type { WireEnd } from './wire-end.ts'

interface Connections {
  readonly open: Set<WireEnd>
  /** Called once none is left. */
  idle: (() => void) | undefined
}

const known = new WeakMap<object, Connections>()

function connectionsOf(server: object): Connections {
  const found = known.get(server)
  if (found !== undefined) return found
  const made: Connections = { open: new Set(), idle: undefined }
  known.set(server, made)
  return made
}

/** A server has got a connection. */
export function connected(server: object, end: WireEnd): void {
  const connections = connectionsOf(server)
  connections.open.add(end)
  end.once('close', () => {
    connections.open.delete(end)
    if (connections.open.size > 0) return
    const { idle } = connections
    connections.idle = undefined
    idle?.()
  })
}

/** How many are under way. */
export function openConnections(server: object): number {
  return connectionsOf(server).open.size
}

/** Calls `idle` once no request is under way, which may be now. */
export function whenIdle(server: object, idle: () => void): void {
  const connections = connectionsOf(server)
  if (connections.open.size === 0) idle()
  else connections.idle = idle
}

/** Resets those under way, as Node's `closeAllConnections` does. */
export function resetConnections(server: object): void {
  for (const end of [...connectionsOf(server).open]) end.resetAndDestroy()
}
