// Weakening: a history that says less. Whatever has an order still has one, so that what has none proves something of
// the whole. Knows acts and models; must not know searches.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'

/**
 * Operations of which nobody knows any more how they ended. Those that only read say nothing then, and are left out.
 */
export function weakened(model: Model<unknown>, operations: readonly Acted<Act>[]): readonly Acted<Act>[] {
  return operations.flatMap((one) => {
    if (!one.known) return [one]
    if (model.readOnly?.(one.act) === true) return []
    const { output: _, ...act } = one.act
    return [{ act, call: one.call, known: false }]
  })
}

/** What had been seen at a moment: `seq` of the last event. */
export function prefix(model: Model<unknown>, operations: readonly Acted<Act>[], until: number): readonly Acted<Act>[] {
  return operations
    .filter(({ call }) => call.invoke.seq <= until)
    .flatMap((one) => (one.known && endSeq(one) > until ? weakened(model, [one]) : [one]))
}

/** When an answered operation was answered. */
export function endSeq({ call }: Acted<Act>): number {
  return call.end?.seq ?? Infinity
}
