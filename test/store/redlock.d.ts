// The part of redlock 5 that is used here: its package.json hides its own declarations from ESM.
declare module 'redlock' {
  /** A lock that was granted. */
  export interface Lock {
    /** When it is over, in milliseconds since the epoch. */
    readonly expiration: number
  }

  export default class Redlock {
    constructor(clients: readonly unknown[], settings: { readonly retryCount: number })
    on(event: 'error', listener: (error: unknown) => void): this
    acquire(resources: readonly string[], duration: number): Promise<Lock>
  }
}
