// Versions and accesses: the data of the session guarantees. Must not know how they are found or judged.
import type { Call } from '../calls.ts'

/** The state of a key after one write, or its initial state. */
export interface Version {
  /** Its position among all versions. */
  readonly id: number
  readonly of: KeyVersions
  /** The value that was written or appended; `null` for the initial state. */
  readonly value: unknown
  /** Undefined for the initial state. */
  readonly writer: Call | undefined
  /** The position of the write among the micro-operations of its transaction. */
  readonly step: number
}

/** The versions of one key. */
export interface KeyVersions {
  readonly key: string | number
  /** Whether it is a list that only grows. */
  readonly list: boolean
  readonly initial: Version
  readonly written: ReadonlyMap<unknown, Version>
  /** For a list: its versions in order, as the longest read shows them. */
  readonly chain: readonly Version[]
  /** How many reads of the key there are. */
  readonly reads: number
}

/** One read or write of a client. */
export interface Access {
  readonly kind: 'read' | 'write'
  readonly version: Version
  readonly call: Call
  /** Whether it was answered ok. If not, it may have happened, once, at any time after it was invoked. */
  readonly known: boolean
}
