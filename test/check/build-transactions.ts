// Hand-written histories of transactions: who did what, all at once or one after the other. For tests only.
import type { MicroOp } from '../../src/act.ts'
import type { Completion, History } from '../../src/history.ts'
import { ends, historyOf, invoke, over, type Line } from './build-history.ts'

/** A client, what its transaction did, and how it ended. */
export type Told = readonly [client: number, steps: readonly MicroOp[], fate?: Completion['kind']]

/** All begin, then all end. */
export function together(...all: readonly Told[]): History {
  return historyOf(...all.map(([client, steps], id) => invoke(id, 'txn', id, asked(steps), client)), ...all.map((one, id) => ended(10 + id, id, one)), over(99))
}

/** Each ends before the next begins. */
export function inTurn(...all: readonly Told[]): History {
  return historyOf(...all.flatMap((one, id): readonly Line[] => [invoke(10 * id, 'txn', id, asked(one[1]), one[0]), ended(10 * id + 5, id, one)]), over(99))
}

function asked(steps: readonly MicroOp[]): readonly MicroOp[] {
  return steps.map(([f, key, value]) => (f === 'r' ? [f, key, null] : [f, key, value]))
}

function ended(atMs: number, id: number, [, steps, fate = 'ok']: Told): Line {
  return ends(atMs, fate, id, undefined, fate === 'ok' ? steps : undefined)
}
