// Messages as they cross a node boundary: bytes and plain data, never shared references.

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
  /**
   * The rest of a body that takes its time: `hear` gets each further piece, then how it ended. Returns how to stop
   * listening.
   */
  readonly rest?: (hear: BodyListener) => () => void
}

/**
 * Bytes of a slow body; its end; its connection broke; or its silence lasted longer than the platform waits (undici's
 * bodyTimeout).
 */
export type BodyPiece = Uint8Array | 'end' | 'reset' | 'timeout'
export type BodyListener = (piece: BodyPiece) => void

/** Why a call ended without a reply, as its client sees it. */
export type CallFailure = 'refused' | 'reset' | 'timeout'

/** A callee: hands one request to an incarnation (what its `boot` gave) or an outside host. */
export interface Server {
  handle(app: unknown, request: WireRequest): Promise<WireReply>
}
