// Messages as they cross a node boundary: bytes and plain data, without shared references.

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
  /**
   * The rest of a body that is streamed: `hear` gets each further piece, then how it ended. Returns a function that
   * stops listening.
   */
  readonly rest?: (hear: BodyListener) => () => void
}

/**
 * A piece of a streamed body: bytes, or how it ended. `reset`: the connection broke. `timeout`: nothing came for longer
 * than the platform waits (undici's bodyTimeout).
 */
export type BodyPiece = Uint8Array | 'end' | 'reset' | 'timeout'
export type BodyListener = (piece: BodyPiece) => void

/** Why a call ended without a reply, as its caller sees it. */
export type CallFailure = 'refused' | 'reset' | 'timeout'

/** A callee: passes one request to an incarnation (`app`: what its `boot` returned) or to an outside host. */
export interface Server {
  handle(app: unknown, request: WireRequest): Promise<WireReply>
}
