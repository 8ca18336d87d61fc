// What a store's adapter reports of a call on it.

/** What a store is asked for, as far as an address says it. */
export type Asked = Pick<StoreAccess, 'operation' | 'values'>

/** One call on a store. */
export interface StoreAccess {
  /** `insert orders`, `set seen`: without values. */
  readonly operation: string
  /** Keys and parameters, where an alias may stand. */
  readonly values: readonly unknown[]
  readonly write: boolean
  /** For the story: `values` is a key and, if something is stored under it, that value. @default they are parameters */
  readonly isKeyed?: boolean
  /** The result of a read, for the story. Absent for a write. */
  readonly gave?: { readonly value: unknown }
  /** A write that left everything as it was: nobody has more to do because of it. */
  readonly idle?: boolean
}
