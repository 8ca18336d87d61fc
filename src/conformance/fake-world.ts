// A world of nothing but stores, to hold an adapter against: it records calls, crashes the caller where a test says so,
// and settles at the end of a drain, as the real one does.
import { invocationRoot } from '../scenario/address.ts'
import { Clock } from '../simulate/clock.ts'
import { within, type Context, type Host, type Life } from '../simulate/context.ts'
import type { StoreAccess } from '../simulate/store-access.ts'
import type { Store } from '../system/store.ts'

/** A call as the fake world saw it. */
export interface SeenCall extends StoreAccess {
  readonly store: string
  readonly node: string
  readonly open: boolean
}

/** A world of nothing but stores. */
export interface FakeWorld {
  readonly seen: SeenCall[]
  /** The next call that fits crashes its caller, directly after it took effect. */
  crashAfter(operation: string): void
  life(node: string): Life
  /** One synchronous stretch of a life. */
  run<T>(life: Life, stretch: () => T): T
  /** A life ends between stretches. */
  kill(life: Life): void
  /** From now on every read comes before the change that was made last. */
  holdBack(): void
  /** From now on writes are refused, as where a disk is full. */
  refuseWrites(): void
  /** The end of a drain. */
  settle(): void
  /** What the world saw since the last time. */
  take(): string[]
}

/**
 * A world for these stores; attach them first.
 *
 * @example
 * const world = fakeWorld([store])
 * world.run(world.life('shop'), () => cache.set('a', 1))
 * world.take() // ['set cache !']
 */
export function fakeWorld(stores: readonly Store[]): FakeWorld {
  const seen: SeenCall[] = []
  let crashing: string | undefined
  let remembered: unknown
  let holdsBack = false
  let refuses = false
  const reports: Pick<Host, 'stored' | 'changing' | 'reading' | 'refuses' | 'fail'> = {
    refuses: () => refuses,
    fail: () => undefined,
    changing(_, store) {
      remembered = store.remember?.()
    },
    reading: (_, store, read) => (holdsBack && store.early !== undefined ? store.early(remembered, read) : read()),
    stored({ life }, store, access) {
      seen.push({ ...access, store: store.name, node: life.node, open: store.isOpen() })
      if (access.operation !== crashing) return
      crashing = undefined
      end(life, true)
    },
  }
  const host = reports as Host // stores report their calls; they ask nothing else of a host
  const end = (life: Life, running: boolean): void => {
    life.dead = true
    for (const store of stores) store.crash(life, running)
  }
  return {
    seen,
    holdBack: () => {
      holdsBack = true
    },
    refuseWrites: () => {
      refuses = true
    },
    crashAfter: (operation) => {
      crashing = operation
    },
    life: (node) => ({ node, clock: new Clock(), dead: false, paused: undefined, incarnation: 1 }),
    run: (life, stretch) => within(contextOf(host, life), stretch),
    kill: (life) => end(life, false),
    settle: () => {
      for (const store of stores) store.settle()
    },
    take: () =>
      seen.splice(0).map(({ operation, write, open }) => `${operation}${write ? ' !' : ''}${open ? ' (open)' : ''}`),
  }
}

function contextOf(host: Host, life: Life): Context {
  return {
    host,
    life,
    root: invocationRoot('test', 0),
    path: [],
    id: 'test#0',
    invocation: 0,
    cause: -1,
    counts: new Map(),
    sends: undefined,
  }
}
