// Weakening: makes a history constrain less. If a history has an order, so does each weaker one; so if a weaker one has
// none, neither has the whole. Knows acts and models; must not know searches.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Acted } from '../acts.ts'

/** The operations as if their answers were not known. Read-only ones then constrain nothing, and are left out. */
export function weakened(model: Model<unknown>, operations: readonly Acted<Act>[]): readonly Acted<Act>[] {
  return operations.flatMap((one) => {
    if (!one.known) return [one]
    if (model.readOnly?.(one.act) === true) return []
    const { output: _, ...act } = one.act
    return [{ act, call: one.call, known: false }]
  })
}

/** The operations as they were known at a moment. @param until `seq` of the last event */
export function prefix(model: Model<unknown>, operations: readonly Acted<Act>[], until: number): readonly Acted<Act>[] {
  return operations
    .filter(({ call }) => call.invoke.seq <= until)
    .flatMap((one) => (one.known && endSeq(one) > until ? weakened(model, [one]) : [one]))
}

/** The `seq` of the answer; Infinity without one. */
export function endSeq({ call }: Acted<Act>): number {
  return call.end?.seq ?? Infinity
}
