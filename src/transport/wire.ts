// HTTP messages as they cross a node boundary: bytes and plain data, without shared references.
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
  /** The whole body, or the part that was there when the head was sent. */
  readonly body: string | Uint8Array | null
  /** The rest of a body that is streamed. */
  readonly rest?: BodyRest
}
