// Versions and accesses: the nouns of the session guarantees. Plain data; must not know how they are found or judged.
import type { Call } from '../calls.ts'

/** What is written of a key by one write; or that nothing is there yet. */
export interface Version {
  /** Position among all versions. */
  readonly id: number
  readonly of: KeyVersions
  /** What was written or appended; `null` is nothing there. */
  readonly value: unknown
  /** Undefined where nothing is there yet. */
  readonly writer: Call | undefined
  /** Position among the micro-operations of its transaction. */
  readonly step: number
}

/** The versions of one key. */
export interface KeyVersions {
  readonly key: string | number
  /** Whether it is a list that only grows. */
  readonly list: boolean
  readonly initial: Version
  readonly written: ReadonlyMap<unknown, Version>
  /** Of a list: its versions in their order, as the longest read shows them. */
  readonly chain: readonly Version[]
  /** How many reads tell of it. */
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
