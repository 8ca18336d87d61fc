// Hand-written histories of clients that read, write and transact, in the conventions of recorded histories. For tests
// only.
import type { MicroOp } from '../../src/history/act.ts'
import type { Completion, History } from '../../src/history/history.ts'
import { ends, historyOf, invoke, over, type Line } from './build-history.ts'

/** A client does something in 5 ms and is answered ok: reads with what they showed. */
export function did(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [
    invoke(atMs, 'txn', id(client, atMs), asked(micros), client),
    ends(atMs + 5, 'ok', id(client, atMs), undefined, micros),
  ]
}

/** A client asks for something and never hears of it. */
export function asks(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [
    invoke(atMs, 'txn', id(client, atMs), asked(micros), client),
    ends(atMs + 5, 'info', id(client, atMs), 'timeout'),
  ]
}

/** A client asks for something that certainly does not happen. */
export function fails(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [invoke(atMs, 'txn', id(client, atMs), asked(micros), client), ends(atMs + 5, 'fail', id(client, atMs))]
}

/** A client does one act and is answered ok. */
export function acts(client: number, atMs: number, f: string, input: unknown, output?: unknown): readonly Line[] {
  return [invoke(atMs, f, id(client, atMs), input, client), ends(atMs + 5, 'ok', id(client, atMs), undefined, output)]
}

/** A client, what its transaction did, and how it ended. */
export type Told = readonly [client: number, steps: readonly MicroOp[], fate?: Completion['kind']]

/** All begin, then all end. */
export function together(...all: readonly Told[]): History {
  return historyOf(
    ...all.map(([client, steps], id) => invoke(id, 'txn', id, asked(steps), client)),
    ...all.map((one, id) => ended(10 + id, id, one)),
    over(99),
  )
}

/** Each ends before the next begins. */
export function inTurn(...all: readonly Told[]): History {
  return historyOf(
    ...all.flatMap((one, id): readonly Line[] => [
      invoke(10 * id, 'txn', id, asked(one[1]), one[0]),
      ended(10 * id + 5, id, one),
    ]),
    over(99),
  )
}

/** One id for each moment of a client. */
function id(client: number, atMs: number): number {
  return 1_000_000 * client + atMs
}

function asked(micros: readonly MicroOp[]): readonly MicroOp[] {
  return micros.map((micro) => (micro[0] === 'r' ? ['r', micro[1], null] : micro))
}

function ended(atMs: number, id: number, [, steps, fate = 'ok']: Told): Line {
  return ends(atMs, fate, id, undefined, fate === 'ok' ? steps : undefined)
}
