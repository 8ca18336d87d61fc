// HTTP messages as they cross a node boundary: bytes and plain data, never shared references.
import type { BodyRest } from '../simulate/protocol.ts'

/** A request on the wire. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array | null
}

/** A reply on the wire. */
export interface WireReply {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  /** All of it, or what was there when the head left. */
  readonly body: string | Uint8Array | null
  /** The rest of a body that takes its time. */
  readonly rest?: BodyRest
}
