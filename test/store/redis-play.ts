// Histories of one node that uses Redis by ioredis: what its code gave, and what the server then held.
import { Redis, type RedisOptions as ClientOptions } from 'ioredis'
import { serve, type System } from '../../src/index.ts'
import { redis, type RedisEntry, type RedisOptions } from '../../src/redis.ts'
import type { History } from '../../src/history/history.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { everyFault, listed, noFaults, singleFaults, type Plan } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { nothingToJudge, post, scenarioOf } from '../simulate/systems.ts'

/** Makes clients of one process. */
export type Connect = (options?: ClientOptions) => Redis

/** What became of one history. */
export interface RedisPlay {
  readonly history: History
  readonly gave: unknown
  readonly entries: readonly RedisEntry[]
  /** Faults that could have struck. */
  readonly singles: readonly Fault[]
}

/** A client whose lost connections are no errors of anybody. */
export const connect: Connect = (options = {}) =>
  new Redis({ host: 'cache.internal', ...options }).on('error', () => undefined)

/** Runs code of a node once for each plan, in one simulation. */
export async function playing<T>(
  code: (connect: Connect) => Promise<unknown>,
  work: (play: (plan?: Plan) => Promise<RedisPlay>) => Promise<T>,
  options: RedisOptions = {},
): Promise<T> {
  const store = redis(options)
  let gave: unknown
  const shop = serve(() => async () => {
    gave = await code(connect)
    return new Response('done')
  })
  const system: System = {
    nodes: { shop },
    stores: [store],
    operations: [post('act', 'http://shop/')],
    invariants: [nothingToJudge],
  }
  const simulation = await open(system)
  try {
    return await work(async (plan = noFaults) => {
      gave = undefined
      const { history, sites } = await simulation.run({ ...scenarioOf(system), plan }, { collect: true })
      return { history, gave, entries: store.entries(), singles: singleFaults(sites, everyFault) }
    })
  } finally {
    await simulation.close()
  }
}

/** What the code of a node gives without faults. */
export function given(code: (connect: Connect) => Promise<unknown>, options?: RedisOptions): Promise<unknown> {
  return playing(code, async (play) => (await play()).gave, options)
}

/** The same with each single fault of some kind, and what that was. */
export function withEach(
  code: (connect: Connect) => Promise<unknown>,
  isMeant: (fault: Fault) => boolean,
  options?: RedisOptions,
): Promise<readonly (RedisPlay & { readonly fault: Fault })[]> {
  return playing(
    code,
    async (play) => {
      const { singles } = await play()
      const found: (RedisPlay & { fault: Fault })[] = []
      for (const fault of singles.filter(isMeant)) found.push({ ...(await play(listed([fault]))), fault })
      return found
    },
    options,
  )
}

/** Waits, in the time of the simulation. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
