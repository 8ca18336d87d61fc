// Durable stores: what survives a crash. The interface that every adapter in store/ implements.
// Knows nothing of databases.
import type { EngineFault } from '../scenario/site.ts'
import type { StoredContent } from '../verdict/verdict.ts'

/** Bytes for a client; null: the connection ends; an error: it breaks. */
export type GiveBytes = (bytes: Uint8Array | null | Error) => void

/** A client's connection over the simulated network, from the view of what it leads to. */
export interface AcceptedConnection {
  /** Bytes from the client. */
  arrive(bytes: Uint8Array): void
  /** The client has closed it. */
  end(): void
}

/** A store that the code under test uses, patched in place while a test runs. */
export interface Store extends StoredContent {
  readonly kind: 'store'
  /** Its name in the story and in addresses. */
  readonly name: string
  /** It does not see calls, and so cannot report any. @default false */
  readonly unseen?: boolean
  /** What no history can show on it, for the report: to be read after "Not explored:". @default nothing of the kind */
  readonly limits?: string
  /** What its engine does of its own, and its adapter carries out. @default none */
  readonly faults?: readonly EngineFault[]
  /**
   * Starts watching: patches the driver in place and remembers the first content. Called once per test.
   *
   * @throws where the store may not be wiped
   */
  attach(): void | Promise<void>
  /** Restores driver and content. */
  detach(): void | Promise<void>
  /** Restores the first content. Called before every history. */
  reset(): void | Promise<void>
  /**
   * An incarnation died, and its uncommitted writes are undone. `running`: its synchronous code still runs, as a ghost,
   * until `settle`, and whatever it writes until then is undone too.
   */
  crash(incarnation: object, running: boolean): void
  /** The drain is over: undoes what ghosts wrote. */
  settle(): void
  /**
   * The current content, for {@link Store.early}; undefined if it cannot be read. A store needs both methods for the
   * calls of two processes to interleave.
   */
  remember?(): unknown
  /** Carries out a read as if the store had the remembered content. Changes nothing. */
  early?<T>(remembered: unknown, read: () => T): T
  /** Puts a remembered content in the place of the present one. Needed for `unsynced` among its `faults`. */
  restore?(remembered: unknown): void
  /**
   * Takes the connection of a socket that leads to this store; undefined where it leads elsewhere. `isDetailed`:
   * a story will be told.
   */
  accept?(place: { host: string; port: number; isDetailed: boolean }, give: GiveBytes): AcceptedConnection | undefined
  /** Identifies the database: two stores that return the same value are connections to one database. @default itself */
  place?(): unknown
  /**
   * Starts a life of its server, which then is a node of its name: it dies, it pauses, and its clock may be wrong. The
   * calls to it get what this returns, or what that resolves to. @default its server is no process of the simulation
   */
  readonly boot?: () => unknown
  /** Whether a transaction is open. Then the content read may not last. */
  isOpen(): boolean
}
