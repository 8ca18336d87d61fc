// How the operations of a history ended, as far as an order of them is concerned. A pure function.
import type { JudgedRun } from '../verdict/verdict.ts'
import type { BeganAndEnded } from './possible-orders.ts'

/** The operations of a workload by how they ended; those that never began are left out. */
export interface Outcomes {
  readonly ok: readonly number[]
  readonly maybe: readonly number[]
  readonly failed: readonly number[]
  readonly spans: ReadonlyMap<number, BeganAndEnded>
  /** When they began, in virtual time. */
  readonly beganMs: ReadonlyMap<number, number>
  readonly nameOf: (id: number) => string
}

/** @param may operations whose ok promises nothing */
export function outcomesOf({ scenario, history }: JudgedRun, may: readonly string[]): Outcomes {
  const spans = new Map<number, BeganAndEnded>()
  const ends = new Map<number, string>()
  const names = new Map<number, string>()
  const beganMs = new Map<number, number>()
  const own = new Set(scenario.workload.invocations.map(({ id }) => id)) // probes come after everything, in all runs
  for (const event of history.events) {
    if (event.kind !== 'invoke' && event.kind !== 'ok' && event.kind !== 'fail' && event.kind !== 'info') continue
    const { invocation: id, kind, seq, operation } = event
    if (!own.has(id)) continue
    const isPromise = kind === 'ok' && !may.includes(operation)
    if (kind === 'invoke') beganMs.set(id, event.atMs)
    if (kind === 'invoke') spans.set(id, { from: seq, to: Infinity })
    else if (isPromise) spans.set(id, { from: spans.get(id)?.from ?? 0, to: seq })
    names.set(id, operation)
    ends.set(id, kind === 'ok' && !isPromise ? 'info' : kind)
  }
  const ids = [...spans.keys()]
  return {
    ok: ids.filter((id) => ends.get(id) === 'ok'),
    failed: ids.filter((id) => ends.get(id) === 'fail'),
    maybe: ids.filter((id) => ends.get(id) !== 'ok' && ends.get(id) !== 'fail'),
    spans,
    beganMs,
    nameOf: (id) => `${names.get(id)}#${id}`,
  }
}
