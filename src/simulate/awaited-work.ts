// Real asynchronous work that code waits for. Its result comes as a step of its own at the virtual time at which the
// work began, behind what is due then already: as in a real process, others get their turn meanwhile.
import { isDead, type Context } from './context.ts'
import { hold } from './paused.ts'
import type { Scheduler } from './scheduler.ts'

/** Work that has begun. */
export interface AwaitedWork {
  readonly context: Context
  readonly what: string
  /** Hands its result to whoever waits; undefined while it runs. */
  release: (() => void) | undefined
  /** Called once it has ended, where the simulation waits for it. */
  ended: (() => void) | undefined
}

/** What a world offers to work that is awaited. */
interface Waiting {
  readonly scheduler: Scheduler
  /** Work whose turn has come: nothing else happens until it is done. */
  readonly realWork: AwaitedWork[]
}

/** Takes work into the order of steps, and returns what its code waits for. */
export function awaitWork<T>(
  { scheduler, realWork }: Waiting,
  context: Context,
  what: string,
  work: PromiseLike<T>,
): Promise<T> {
  const entry: AwaitedWork = { context, what, release: undefined, ended: undefined }
  const step = (): void => {
    if (!isDead(context.life) && !hold(context.life, step)) realWork.push(entry)
  }
  scheduler.add(scheduler.nowMs, step)
  return new Promise<T>((resolve, reject) => {
    work.then(
      (value) => {
        entry.release = () => resolve(value)
        entry.ended?.()
      },
      (error: unknown) => {
        entry.release = () => reject(error instanceof Error ? error : new Error(String(error)))
        entry.ended?.()
      },
    )
  })
}

/**
 * Work whose result reaches its code natively: what else is due waits for it from now on. Returns what is called when
 * it has.
 */
export function workAtOnce(world: Waiting & { slow: boolean }, context: Context, what: string): () => void {
  const entry: AwaitedWork = { context, what, release: undefined, ended: undefined }
  world.realWork.push(entry)
  world.slow = true
  return () => {
    world.slow = true
    entry.release = () => undefined
    entry.ended?.()
  }
}
