// The events of legs that leave, without what the history adds.
import type { Address } from '../scenario/address.ts'
import type { Send } from './history.ts'

/** A leg that leaves, without its position in the history and its time. */
export type SentLeg = Omit<Send, 'seq' | 'atMs'>

/** The event of a request. `trace`: the trace context that it carries. */
export function sentRequest(
  node: string,
  cause: number,
  address: Address,
  trace: string | undefined,
  bytes: number | undefined,
): SentLeg {
  const sent = { kind: 'send', node, cause, address, request: -1, copy: 0, status: 0 } as const
  return sized(trace === undefined ? sent : { ...sent, trace }, bytes)
}

/** The event of a reply. `code`: the number by which its protocol distinguishes replies. */
export function sentReply(
  node: string,
  cause: number,
  address: Address,
  request: number,
  code: number,
  bytes?: number,
): SentLeg {
  return sized({ kind: 'send', node, cause, address, request, copy: 0, status: code }, bytes)
}

function sized(sent: SentLeg, bytes: number | undefined): SentLeg {
  return bytes === undefined ? sent : { ...sent, bytes }
}
