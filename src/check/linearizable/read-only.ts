// Tests the model's `readOnly`. Read-only operations with an unknown answer are dropped, so that no search calls the
// model for them. Before a violation is reported, they are tried in the states that a few steps lead to. Must not know
// orders.
import type { Model } from '../../system/model.ts'
import { numbered, type StatePartition } from './state-partition.ts'
import { refused, Transitions } from './transitions.ts'

const mostStates = 64
const mostKinds = 256

/** Tries the dropped operations. @throws if one of them, which is declared read-only, changes one of these states */
export function assertReadOnly(model: Model<unknown>, { key, operations, dropped }: StatePartition): void {
  if (dropped.length === 0) return
  const part = numbered(key, [...dropped, ...operations], 0, (one) => model.readOnly?.(one.act) === true)
  // it throws if an operation that is declared read-only leads to another state
  const transitions = new Transitions(model, part)
  const states = [transitions.initial]
  for (let at = 0; at < states.length && at < mostStates; at++) {
    for (let kind = 0; kind < part.samples.length && kind < mostKinds; kind++) {
      const next = transitions.next(states[at] ?? 0, kind)
      if (next !== refused && !states.includes(next) && states.length < mostStates) states.push(next)
    }
  }
}
