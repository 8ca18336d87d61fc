// Hand-written histories of clients that read and write, in the conventions of recorded histories. For tests only.
import type { MicroOp } from '../../src/act.ts'
import { ends, invoke, type Line } from './build-history.ts'

/** A client does something in 5 ms and is answered ok: reads with what they showed. */
export function did(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [invoke(atMs, 'txn', id(client, atMs), asked(micros), client), ends(atMs + 5, 'ok', id(client, atMs), undefined, micros)]
}

/** A client asks for something and never hears of it. */
export function asks(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [invoke(atMs, 'txn', id(client, atMs), asked(micros), client), ends(atMs + 5, 'info', id(client, atMs), 'timeout')]
}

/** A client asks for something that certainly does not happen. */
export function fails(client: number, atMs: number, ...micros: readonly MicroOp[]): readonly Line[] {
  return [invoke(atMs, 'txn', id(client, atMs), asked(micros), client), ends(atMs + 5, 'fail', id(client, atMs))]
}

/** A client does one act and is answered ok. */
export function acts(client: number, atMs: number, f: string, input: unknown, output?: unknown): readonly Line[] {
  return [invoke(atMs, f, id(client, atMs), input, client), ends(atMs + 5, 'ok', id(client, atMs), undefined, output)]
}

/** One id for each moment of a client. */
function id(client: number, atMs: number): number {
  return 1_000_000 * client + atMs
}

function asked(micros: readonly MicroOp[]): readonly MicroOp[] {
  return micros.map((micro) => (micro[0] === 'r' ? ['r', micro[1], null] : micro))
}
