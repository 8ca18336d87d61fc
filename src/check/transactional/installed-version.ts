// A version: a state that an item went through, who read it, and which came next. Data only.
import type { Item, Read, Txn, Write } from '../transactions.ts'

/** One state of an item. */
export interface InstalledVersion {
  readonly item: Item
  /** What made it; undefined for nothing there, where all begins. */
  readonly write: Write | undefined
  readonly readers: Read[]
  /** Versions that came after it, the nearest where they are known. */
  readonly next: Next[]
}

/** A version that came later, and how that is known; without a reason because reads show it. */
export interface Next {
  readonly write: Write
  readonly why?: { readonly order: 'session' | 'real time'; readonly first: Txn; readonly then: Txn }
}
