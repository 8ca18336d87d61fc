// memory: how much the heap grows while `assess` explores many histories of a shop whose nodes crash, so that awaits and
// timers of all sorts are left behind, and so that whatever an exploration keeps of its histories shows.
import { assess, type System } from '../../src/index.ts'
import { holds, type Invariant } from '../../src/verdict/verdict.ts'
import type { Effort, Result } from './result.ts'
import { shop, shopSystem } from './throughput-direct.ts'

const histories = { quick: 5_000, full: 100_000 }
/** The most that the heap may grow, in MB. */
const limitMb = 10
/** Histories that nobody measures: the engine compiles, caches fill. */
const warmUps = 2_000

export async function* memory({ quick }: Effort): AsyncGenerator<Result, void> {
  const grown = await grownMb(warmUps, quick ? histories.quick : histories.full)
  yield { name: 'memory', value: grown, unit: 'MB', baseline: limitMb, ratio: grown / limitMb }
}

/** By how many MB the heap grows over so many histories after so many others. */
export async function grownMb(before: number, measured: number): Promise<number> {
  const heap = new HeapProbe([before, before + measured])
  const { kind, explored } = await assess(crashingShop(heap.invariant), {
    numRuns: before + measured, // more than are measured, since single faults count too
    seed: 1,
    timeLimitMs: Infinity,
  })
  const [first, last] = heap.mb
  if (kind !== 'holds' || first === undefined || last === undefined) throw new Error(`Bug: the shop ${kind}`)
  if ((explored.fired.crash ?? 0) < measured / 100) throw new Error('Bug: hardly any node crashed')
  return last - first
}

function crashingShop(heap: Invariant): System {
  const system = shopSystem(shop((url, init) => fetch(url, init)))
  return { ...system, invariants: [...system.invariants, heap], tolerates: ['crash', 'lose', 'delay'] }
}

/** An invariant that says nothing, and measures the heap at certain histories. */
class HeapProbe {
  readonly mb: number[] = []
  readonly invariant: Invariant

  constructor(at: readonly number[]) {
    let seen = 0
    this.invariant = {
      kind: 'invariant',
      name: 'heap',
      effects: [],
      check: () => {
        seen += 1
        if (at.includes(seen)) this.mb.push(heapMb())
        return holds
      },
    }
  }
}

/** Live objects alone: collected twice, since the first makes finalizers due. */
function heapMb(): number {
  if (globalThis.gc === undefined) throw new Error('memory needs node --expose-gc, as in `npm run bench -- memory`.')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}
