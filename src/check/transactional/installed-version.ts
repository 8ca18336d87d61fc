// A version: one state of an item, its readers, and the versions after it. Data only.
import type { Item, Read, Txn, Write } from '../transactions.ts'

/** One state of an item. */
export interface InstalledVersion {
  readonly item: Item
  /** The write that made it; undefined for the initial state. */
  readonly write: Write | undefined
  readonly readers: Read[]
  /** Versions after it; only the nearest ones, if these are known. */
  readonly next: Next[]
}

/** A later version, and why it is known to be later. Without `why`, reads show it. */
export interface Next {
  readonly write: Write
  readonly why?: { readonly order: 'session' | 'real time'; readonly first: Txn; readonly then: Txn }
}
