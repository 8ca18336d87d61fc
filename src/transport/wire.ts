// HTTP messages as they cross a node boundary: bytes and plain data, without shared references.
import type { BodyRest } from '../simulate/protocol.ts'

/** How names of fields were written that are not in lower case, by these in lower case: as in Node's `rawHeaders`. */
export type Spelling = ReadonlyMap<string, string>

/** A request on the wire. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  /** As its client wrote it, where that is no path and query of a URL, or another one than that of `url`. */
  readonly target?: string
  readonly headers: readonly (readonly [string, string])[]
  /** Of the fields before and behind its body. @default all in lower case */
  readonly spelling?: Spelling
  /** The whole body, or the part that came first. */
  readonly body: string | Uint8Array | null
  /** The fields that follow the body. @default none */
  readonly trailers?: readonly (readonly [string, string])[]
  /** The rest of a body over a bad connection. */
  readonly rest?: BodyRest
  /** Where there is a rest: the request as it was sent. */
  readonly sent?: WireRequest
}

/** What is asked for at an origin, as a URL says it. */
export function pathOf({ pathname, search }: URL): string {
  return pathname + search
}

/**
 * A reply on the wire. Status 0: the server closed the connection instead of answering; by force, where the text of the
 * status is `reset`.
 */
export interface WireReply {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  /** Of the fields before and behind its body. @default all in lower case */
  readonly spelling?: Spelling
  /** The whole body, or the part that was there when the head was sent. */
  readonly body: string | Uint8Array | null
  /** The rest of a body that is streamed. */
  readonly rest?: BodyRest
  /** The fields that follow the body, asked for at its end. @default none */
  readonly trailers?: () => readonly (readonly [string, string])[]
  /** Where the rest comes over a bad connection: all of the body. */
  readonly whole?: string | Uint8Array
}
