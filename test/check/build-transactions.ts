// Builds histories of transactions by hand, in the conventions of recorded histories. For tests only.
import type { MicroOp } from '../../src/history/act.ts'
import type { Completion, History } from '../../src/history/history.ts'
import { ends, historyOf, invoke, over, type Line } from './build-history.ts'

/** A transaction of a client that is answered ok after 5 ms, with the values that its reads returned. */
export function did(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [
    invoke(atMs, 'txn', id(client, atMs), asked(micros), client),
    ends(atMs + 5, 'ok', id(client, atMs), undefined, micros),
  ]
}

/** A transaction of a client that gets no answer. */
export function asks(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [
    invoke(atMs, 'txn', id(client, atMs), asked(micros), client),
    ends(atMs + 5, 'info', id(client, atMs), 'timeout'),
  ]
}

/** A transaction of a client that fails. */
export function fails(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [invoke(atMs, 'txn', id(client, atMs), asked(micros), client), ends(atMs + 5, 'fail', id(client, atMs))]
}

/** One act of a client that is answered ok after 5 ms. */
export function acts(client: number, atMs: number, f: string, input: unknown, output?: unknown): readonly Line[] {
  return [invoke(atMs, f, id(client, atMs), input, client), ends(atMs + 5, 'ok', id(client, atMs), undefined, output)]
}

/** A transaction: its client, its steps, and how it ended. */
export type Told = readonly [client: number, steps: readonly MicroOp[], fate?: Completion['kind']]

/** The history of transactions that all overlap: all begin, then all end. */
export function together(...all: readonly Told[]): History {
  return historyOf(
    ...all.map(([client, steps], id) => invoke(id, 'txn', id, asked(steps), client)),
    ...all.map((one, id) => ended(10 + id, id, one)),
    over(99),
  )
}

/** The history of transactions that run one after the other. */
export function inTurn(...all: readonly Told[]): History {
  return historyOf(
    ...all.flatMap((one, id): readonly Line[] => [
      invoke(10 * id, 'txn', id, asked(one[1]), one[0]),
      ended(10 * id + 5, id, one),
    ]),
    over(99),
  )
}

/** A different id for each moment of each client. */
function id(client: number, atMs: number): number {
  return 1_000_000 * client + atMs
}

function asked(micros: readonly MicroOp[]): readonly MicroOp[] {
  return micros.map((micro) => (micro[0] === 'r' ? ['r', micro[1], null] : micro))
}

function ended(atMs: number, id: number, [, steps, fate = 'ok']: Told): Line {
  return ends(atMs, fate, id, undefined, fate === 'ok' ? steps : undefined)
}
