// Durable stores: what survives a crash. The interface that every adapter in transport/ implements.
// Knows nothing of databases.

/** A store that the code under test uses, patched in place while a test runs. */
export interface Store {
  readonly kind: 'store'
  /** Its name in the story and in addresses. */
  readonly name: string
  /**
   * Begins watching: patches the driver in place and remembers the first content. Once a test.
   *
   * @throws where it may not be wiped
   */
  attach(): void | Promise<void>
  /** Puts driver and content back as they were. */
  detach(): void | Promise<void>
  /** The first content again. Before every history. */
  reset(): void | Promise<void>
  /**
   * An incarnation died. `running`: its synchronous stretch runs on as a ghost until `settle`, and nothing that it
   * still writes may last. Otherwise what it had uncommitted is undone now.
   */
  crash(incarnation: object, running: boolean): void
  /** The drain is over: what ghosts wrote is undone. */
  settle(): void
  /** Whether a transaction is open: then its content is not the truth. */
  isOpen(): boolean
}
