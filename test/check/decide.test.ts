// Parts of a history take turns: whether one of them needs more memory than there is, or has no order, is no reason to
// stop while another can go on.
import { expect, test } from 'vitest'
import { decide, type Decision } from '../../src/check/linearizable/decide.ts'
import type { Progress, PlacementSearch, RemainingBudget } from '../../src/check/linearizable/search-order.ts'
import type { StatePartition } from '../../src/check/linearizable/state-partition.ts'

/** How a search comes out, after how many steps, and how much memory it holds until it gives that back. */
interface Script {
  readonly outcome: Progress
  /** @default 10 */
  readonly steps?: number
  /** @default 0 */
  readonly bytes?: number
}

const budget = (): RemainingBudget => ({ steps: 1_000_000, bytes: 1_000 })

/** The decision, with the parts by their places, and how much memory was held at most. */
function decided(scripts: readonly Script[], left: RemainingBudget = budget()): { decision: unknown; most: number } {
  let held = 0
  let most = 0
  const take = (count: number, remaining: RemainingBudget): number => {
    remaining.bytes -= count
    held += count
    most = Math.max(most, held)
    return count
  }
  const start = (part: StatePartition): PlacementSearch => {
    const { outcome, steps = 10, bytes = 0 } = scripts[Number(part.key)] ?? { outcome: 'exhausted' }
    let missing = steps
    let mine = 0
    const search: Pick<PlacementSearch, 'run' | 'release'> = {
      run: (slice, remaining) => {
        if (mine === 0 && remaining.bytes < bytes) return 'full'
        if (mine === 0) mine = take(bytes, remaining)
        const taken = Math.min(slice, missing, remaining.steps)
        remaining.steps -= taken
        missing -= taken
        return missing > 0 ? 'exhausted' : outcome
      },
      release: (remaining) => {
        take(-mine, remaining)
        mine = 0
      },
    }
    return search as PlacementSearch // decide calls nothing else
  }
  const parts = scripts.map((_, key) => ({ key, operations: [] }) as unknown as StatePartition) // decide reads no more
  return { decision: placesOf(decide(parts, start, left)), most }
}

function placesOf(decision: Decision): unknown {
  const keys = (parts: readonly StatePartition[]): unknown => parts.map(({ key }) => key)
  if (decision.kind === 'not-linearizable') return { kind: decision.kind, parts: keys(decision.parts) }
  return decision.kind === 'exhausted' ? { ...decision, undecided: keys(decision.undecided) } : decision
}

const fits: Script = { outcome: 'linearizable' }
const full: Script = { outcome: 'full' }
const refuted: Script = { outcome: 'not-linearizable' }
const refutedLate: Script = { outcome: 'not-linearizable', steps: 20_000 }
const endless: Script = { outcome: 'linearizable', steps: Infinity }

test('goes on while any part can, whichever is full', () => {
  expect(decided([refutedLate, full]).decision).toEqual({ kind: 'not-linearizable', parts: [0] })
  expect(decided([full, refutedLate]).decision).toEqual({ kind: 'not-linearizable', parts: [1] })
})

test('is exhausted once all that is left is full', () => {
  expect(decided([full, fits]).decision).toEqual({ kind: 'exhausted', budget: 'bytes', undecided: [0] })
})

test('is exhausted once the steps are used up', () => {
  expect(decided([endless, fits]).decision).toEqual({ kind: 'exhausted', budget: 'steps', undecided: [0] })
})

test('names all parts that have no order', () => {
  expect(decided([refutedLate, fits, refuted, fits]).decision).toEqual({ kind: 'not-linearizable', parts: [2, 0] })
})

test('a part that explodes does not hide that another has no order, nor make anybody wait long for it', () => {
  const left = { steps: 100_000_000, bytes: 1_000 }

  expect(decided([endless, refuted], left).decision).toEqual({ kind: 'not-linearizable', parts: [1] })

  expect(left.steps).toBe(0) // what was left for others: no more than 100,000
})

test('parts that do not fit into memory together have it one after the other', () => {
  const large: Script = { outcome: 'linearizable', steps: 2_000, bytes: 400 }
  const alone: Script = { outcome: 'linearizable', steps: 2_000, bytes: 900 }

  expect(decided([large, large, large, alone])).toEqual({ decision: { kind: 'linearizable' }, most: 900 })
})
