// Twins of linearizable and sequential, written from the definitions: they try every permutation of every subset of the
// uncertain operations, all keys at once. Slow and simple; know the models and share nothing with the search.
import type { Act } from '../../../src/history/act.ts'
import type { Completion, History, Invoke } from '../../../src/history/history.ts'
import type { Model } from '../../../src/system/model.ts'
import type { VerdictKind } from '../../../src/verdict/verdict.ts'

interface Asked {
  readonly invoke: Invoke
  /** Undefined if it is not known whether it happened. */
  readonly ok: Completion | undefined
  readonly act: Act
}

/** Whether one has to come before the other. */
type Precedes = (one: Asked, other: Asked) => boolean

const inRealTime: Precedes = (one, other) => one.ok !== undefined && one.ok.seq < other.invoke.seq
const inProgram: Precedes = (one, other) =>
  one.ok !== undefined && one.invoke.client === other.invoke.client && one.invoke.seq < other.invoke.seq

export function linearizableTwin(model: Model<unknown>, history: History): VerdictKind {
  return twin(model, history, inRealTime)
}

export function sequentialTwin(model: Model<unknown>, history: History): VerdictKind {
  return twin(model, history, inProgram)
}

function twin(model: Model<unknown>, history: History, precedes: Precedes): VerdictKind {
  const asked = askedIn(history)
  if (!asked.some(({ ok }) => ok !== undefined)) return 'vacuous'
  return hasOrder(model, new Map(), asked, precedes) ? 'holds' : 'violated'
}

function askedIn({ events }: History): readonly Asked[] {
  return events.flatMap((invoke) => {
    if (invoke.kind !== 'invoke') return []
    const end = events.find(
      (event): event is Completion =>
        (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') &&
        event.invocation === invoke.invocation,
    )
    if (end?.kind === 'fail') return []
    const ok = end?.kind === 'ok' ? end : undefined
    const act = {
      f: invoke.operation,
      input: invoke.input,
      ...(invoke.key === undefined ? {} : { key: invoke.key }),
      ...(ok === undefined ? {} : { output: ok.value ?? null }),
    }
    return [{ invoke, ok, act }]
  })
}

function hasOrder(
  model: Model<unknown>,
  states: ReadonlyMap<unknown, unknown>,
  left: readonly Asked[],
  precedes: Precedes,
): boolean {
  if (left.every(({ ok }) => ok === undefined)) return true
  return left.some((next) => {
    if (left.some((other) => other !== next && precedes(other, next))) return false
    const state = model.step(states.has(next.act.key) ? states.get(next.act.key) : model.initial(), next.act)
    return (
      state !== undefined &&
      hasOrder(
        model,
        new Map(states).set(next.act.key, state),
        left.filter((other) => other !== next),
        precedes,
      )
    )
  })
}
