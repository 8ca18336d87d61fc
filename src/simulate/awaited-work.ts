// Real asynchronous work that code waits for while virtual time stands still. Its results are released one a step, in
// the order in which the work began.
import type { Context } from './context.ts'

/** Work that has begun. */
export interface AwaitedWork {
  readonly context: Context
  readonly what: string
  /** Hands its result to whoever waits; undefined while it runs. */
  release: (() => void) | undefined
}

/** Appends work to a queue, and returns what its code waits for. */
export function awaitWork<T>(queue: AwaitedWork[], context: Context, what: string, work: PromiseLike<T>): Promise<T> {
  const entry: AwaitedWork = { context, what, release: undefined }
  queue.push(entry)
  return new Promise<T>((resolve, reject) => {
    work.then(
      (value) => {
        entry.release = () => resolve(value)
      },
      (error: unknown) => {
        entry.release = () => reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
