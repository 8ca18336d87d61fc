// From which address a machine calls: each client and each node has its own, in every history the same. So whoever
// counts by address tells clients apart, and sees one client as one.
import { clientOf } from '../../history/node-words.ts'
import { hash32 } from '../../plain/random.ts'
import type { Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'

/** Addresses of one network that a client may have: .0 and .255 are none, and nodes are at .1. */
const clientsOfNetwork = 253

/** The address that a node calls from: clients have 10.0.0.2, 10.0.0.3 and so on, all others one by their name. */
export function addressOfMachine(node: string): string {
  const client = clientOf(node)
  if (client !== undefined) return `10.0.${Math.floor(client / clientsOfNetwork)}.${2 + (client % clientsOfNetwork)}`
  const hash = hash32(0, node) >>> 0
  return `10.1.${hash % 256}.${2 + ((hash >>> 8) % clientsOfNetwork)}`
}

/** The address of whoever sent the request that runs in a context. */
export function addressOfCaller({ host, cause }: Context): string {
  const { events } = host as World // the only Host that lends contexts is a World
  const sent = events[events[cause]?.cause ?? -1] // the cause of a handler is the arrival of its request
  return addressOfMachine(sent?.node ?? '')
}
