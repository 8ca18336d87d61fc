// saga: several steps are done as a whole, or undone as a whole. Doing or undoing a step twice, or undoing in the wrong
// order, is a violation no matter how the history ended; half done is a violation only when nothing is left to do.
// Knows effects, joined by key, and the answers of operations; must not know who coordinates.
import type { Key, KeyedEffect, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions, foundWords } from '../plain/options.ts'
import type { KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { isAccepted, tooEarly } from './at-least-once.ts'
import { tooMany } from './at-most-once.ts'
import { assertKeysCanMeet, callsByKey, effectsByKey, isNew } from './by-key.ts'
import { isQuiet, type Call } from './calls.ts'
import { list, momentOf, noEffect, seqs, shown } from './reason-words.ts'

/** One step of a saga, and its compensation. */
export interface SagaStep<K extends Key> {
  readonly done: KeyedEffect<K>
  /** The compensation. @default none; a step of `rows` is undone if its row is gone */
  readonly undone?: KeyedEffect<K>
}

/** Further options of {@link saga}. */
export interface SagaOptions<K extends Key> {
  /**
   * The operation of clients, with the same keys: answered ok means done, failed means undone.
   *
   * @default only the effects are judged
   */
  readonly operation?: KeyedOperation<K>
  /** Whether the step that was done last has to be undone first. @default 'reverse' */
  readonly order?: 'reverse' | 'any'
}

/**
 * Holds when, for every key, either all steps are in effect at the end or none is; no step and no compensation happened
 * twice; and of two steps that were undone, the one that was done later was undone earlier. With `operation`: a key
 * that was answered ok has all steps in effect; a key whose operations all definitely failed has none (everything
 * reserved for it is released); a key without an answer may have either.
 *
 * A step is in effect when it happened and no compensation came after it. A compensation that came before its step (the
 * step was late) has undone nothing. A compensation without its step is allowed, since a coordinator that does not know
 * whether the step happened has to undo it. Effects without a time (`rows`) have no order: there a compensation counts
 * as later.
 *
 * Half done is violated when nothing was left to do, and unknown when the history ended at a bound. Vacuous when no
 * step and no compensation happened, and nothing was answered ok.
 *
 * Garcia-Molina and Salem, "Sagas" (SIGMOD 1987): T1 ... Tn, or T1 ... Tj Cj ... C1.
 *
 * @param steps in any order; the order in which they happened counts
 * @throws if there is no step; in `check`, if a key function throws or returns no key, or if the keys of both sides
 *   have no type in common
 * @example
 * saga([
 *   { done: flight.by((f) => f.trip), undone: flightCancelled.by((f) => f.trip) },
 *   { done: hotel.by((h) => h.trip), undone: hotelCancelled.by((h) => h.trip) },
 * ], { operation: book.by((b) => b.trip) })
 */
export function saga<K extends Key>(steps: readonly SagaStep<K>[], options: SagaOptions<NoInfer<K>> = {}): Invariant {
  assertOptions('saga()', options, ['operation', 'order'])
  for (const step of steps) assertOptions('saga(): a step', step, ['done', 'undone'])
  const { operation, order = 'reverse' } = options
  if (order !== 'reverse' && order !== 'any')
    throw new Error(`saga(): order is ${foundWords(order)}; give 'reverse' or 'any'.`)
  const parts = [...(operation === undefined ? [] : [operation.name]), ...steps.map(({ done }) => done.name)]
  const name = `saga(${parts.join(', ')})`
  const [first] = steps
  if (first === undefined) throw new Error(`${name}: there is no step; give at least one { done, undone }.`)
  return {
    kind: 'invariant',
    name,
    effects: steps.flatMap(({ done, undone }) =>
      [done, undone].flatMap((effect) => (effect === undefined ? [] : [effect.source])),
    ),
    check(history: History) {
      const sides = sidesOf(history, steps, operation)
      const runs = Array.from(keysOf(sides), (key) => runOf(sides, key)).filter(isOfHistory)
      const wrong = [...surplus(sides), ...(order === 'any' ? [] : runs.flatMap(outOfOrder))]
      const half = runs.flatMap(halfDone)
      if (wrong.length > 0 || (half.length > 0 && isQuiet(history)))
        return { kind: 'violated', reasons: isQuiet(history) ? [...wrong, ...half] : wrong }
      if (half.length > 0) return tooEarly(history, half)
      const looked = runs.some(
        ({ calls, steps: all }) =>
          calls.some(isAccepted) || all.some(({ done, undone }) => done.length + undone.length > 0),
      )
      return looked ? holds : vacuous(noEffect(first.done.source))
    },
  }
}

interface Sides {
  readonly calls: ReadonlyMap<Key, readonly Call[]>
  readonly steps: readonly SideOfStep[]
}

interface SideOfStep {
  readonly name: string
  readonly done: ReadonlyMap<Key, readonly Observed[]>
  readonly undoneName: string
  readonly undone: ReadonlyMap<Key, readonly Observed[]>
}

function sidesOf<K extends Key>(
  history: History,
  steps: readonly SagaStep<K>[],
  operation: KeyedOperation<K> | undefined,
): Sides {
  const calls: ReadonlyMap<Key, readonly Call[]> =
    operation === undefined ? new Map() : callsByKey<Key>(history, operation)
  const sides = steps.map(({ done, undone }) => ({
    name: done.name,
    done: effectsByKey<Key>(history, done),
    undoneName: undone?.name ?? '',
    undone: undone === undefined ? new Map<Key, readonly Observed[]>() : effectsByKey<Key>(history, undone),
  }))
  if (operation !== undefined)
    for (const { name, done } of sides) assertKeysCanMeet({ name: operation.name, keys: calls }, { name, keys: done })
  return { calls, steps: sides }
}

function keysOf({ calls, steps }: Sides): ReadonlySet<Key> {
  const keys = new Set(calls.keys())
  for (const { done, undone } of steps) {
    for (const key of done.keys()) keys.add(key)
    for (const key of undone.keys()) keys.add(key)
  }
  return keys
}

function surplus({ steps }: Sides): readonly Reason[] {
  const once = { expected: 'at most one in a saga', calls: [] }
  return steps.flatMap(({ name, done, undoneName, undone }) => [
    ...tooMany(name, done, () => once),
    ...tooMany(undoneName, undone, () => once),
  ])
}

/** What happened for one key. */
interface SagaRun {
  readonly key: Key
  readonly calls: readonly Call[]
  readonly steps: readonly StepRun[]
}

interface StepRun {
  readonly name: string
  readonly undoneName: string
  readonly done: readonly Observed[]
  readonly undone: readonly Observed[]
  readonly inEffect: boolean
}

function runOf({ calls, steps }: Sides, key: Key): SagaRun {
  return {
    key,
    calls: calls.get(key) ?? [],
    steps: steps.map((side) => {
      const [done, undone] = [side.done.get(key) ?? [], side.undone.get(key) ?? []]
      return { name: side.name, undoneName: side.undoneName, done, undone, inEffect: isInEffect(done, undone) }
    }),
  }
}

/**
 * Whether an operation asked for it, or something happened for it. A key that only has rows from before the history is
 * not a saga.
 */
function isOfHistory({ calls, steps }: SagaRun): boolean {
  return calls.length > 0 || steps.some(({ done, undone }) => done.some(isNew) || undone.some(isNew))
}

function isInEffect(done: readonly Observed[], undone: readonly Observed[]): boolean {
  const last = done.at(-1)
  return (
    last !== undefined &&
    !undone.some((one) => one.event === undefined || last.event === undefined || one.event > last.event)
  )
}

/** A reason for the first pair of steps that were undone in the order in which they were done. */
function outOfOrder({ key, steps }: SagaRun): readonly Reason[] {
  if (steps.every(({ inEffect, undone }) => inEffect || undone.length === 0)) return []
  const undone = steps
    .flatMap(({ name, undoneName, done: [done], undone: all, inEffect }) => {
      const undo = all.at(-1)
      return inEffect || done?.event === undefined || undo?.event === undefined
        ? []
        : [{ name, undoneName, done, undo, doneAt: done.event, undoneAt: undo.event }]
    })
    .sort((a, b) => a.doneAt - b.doneAt)
  for (const [index, later] of undone.entries()) {
    const earlier = undone.slice(0, index).find((one) => one.doneAt < later.doneAt && one.undoneAt < later.undoneAt)
    if (earlier === undefined) continue
    return [
      {
        text:
          `${later.undoneName} happened for ${shown(key)}${momentOf(later.undo)}, after ` +
          `${earlier.undoneName}${momentOf(earlier.undo)}; ` +
          `expected it before, as ${later.name}${momentOf(later.done)} came after ` +
          `${earlier.name}${momentOf(earlier.done)}.`,
        kind: 'not-in-reverse',
        of: later.undoneName,
        subject: key,
        events: seqs([earlier.done, later.done, earlier.undo, later.undo]),
      },
    ]
  }
  return []
}

/** A reason if the steps in effect at the end do not fit each other, or the answers. */
function halfDone({ key, calls, steps }: SagaRun): readonly Reason[] {
  const there = steps.filter(({ inEffect }) => inEffect)
  const gone = steps.filter(({ inEffect }) => !inEffect)
  const ok = calls.some(isAccepted)
  const failed = calls.length > 0 && calls.every(({ end }) => end?.kind === 'fail')
  const half = there.length > 0 && gone.length > 0
  if (!half && !(ok && gone.length > 0) && !(failed && there.length > 0)) return []
  const operation = calls[0]?.invoke.operation ?? ''
  const why = ok
    ? `, and ${operation} was answered ok; expected all of it`
    : failed
      ? `, and ${operation} failed; expected that nothing of it stays`
      : '; expected all of it or nothing'
  return [
    {
      text:
        (there.length === 0
          ? `nothing of ${list(steps.map(({ name }) => name))}`
          : list(there.map(({ name, done }) => `${name}${momentOf(done.at(-1))}`))) +
        ` stayed for ${shown(key)}${half ? `, without ${list(gone.map(wordsOf))}` : ''}${why}.`,
      kind: half ? 'half-done' : ok ? 'undone-though-ok' : 'kept-though-failed',
      subject: key,
      events: seqs(
        steps.flatMap(({ done, undone }) => [...done, ...undone]),
        calls,
      ),
    },
  ]
}

function wordsOf({ name, undoneName, done, undone }: StepRun): string {
  if (done.length === 0) return `${name} (never happened)`
  return `${name} (${undoneName === '' ? 'undone' : undoneName}${momentOf(undone.at(-1))})`
}
