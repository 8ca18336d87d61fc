// A call of a platform at a node of the user's, over a link: what its protocol says, and that it may come twice.
import type { Protocol } from '../../simulate/protocol.ts'
import { portProtocol, type PortReply, type PortRequest } from '../../transport/port-protocol.ts'

/** The protocol of such calls. They are named by their method, and platforms deliver at least once. */
export function pushProtocol(patienceMs: number): Protocol<PortRequest, PortReply> {
  return { ...portProtocol, operationOf: ({ method }) => method, isIdempotent: () => true, patienceMs }
}
