// monotonic: what was observed of one thing only goes forward. A safety property over the states of each key, in order
// of time. Knows effects only; what clients asked for is no matter here.
import { effectsOf, type Effect, type Key, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder, keyFor } from './by-key.ts'
import { appearancesOf, snapshotsOf } from './snapshots.ts'
import { list, momentOf, noEffect, seqs, shown } from './reason-words.ts'

/** States that follow a declared order. */
export interface OrderedStates<T, S extends string | number> {
  /** The state that an effect shows. */
  state(value: T): S
  /** All states, earlier ones first; states may be left out on the way. */
  readonly order: readonly NoInfer<S>[]
  /** States that nothing follows, wherever they stand in the order. @default the last one */
  readonly terminal?: readonly NoInfer<S>[]
}

/** Versions that never go back. */
export interface Versions<T> {
  version(value: T): number | bigint
}

/**
 * Holds when, for every key, no observed state is before one that was observed earlier, and none differs from an
 * earlier terminal one; or when no version is lower than one observed earlier. The same again is no step back. States
 * of one moment (one commit) have no order among each other. A state that is not in the order is violated.
 *
 * Only states whose time is known are compared: those of a `journal` or of `requests`, and of `rows` that are read
 * after every commit (`everyCommit`). Other `rows` show how things are at the end, so that states before that are gone.
 * Vacuous when no key was observed at two moments.
 *
 * After "monotonic reads" of Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994), and
 * Lamport's version numbers in "Concurrent Reading and Writing" (1977).
 *
 * @param key of what the effect shows a state
 * @throws where the order is empty, names a state twice, or lacks a terminal one; in `check`, where a key is no key,
 *   or a version
 *   no number
 * @example
 * monotonic(status, (s) => s.order, {
 *   state: (s) => s.state,
 *   order: ['placed', 'paid', 'shipped', 'cancelled'],
 *   terminal: ['shipped', 'cancelled'],
 * })
 * @example
 * monotonic(shown, (s) => s.document, { version: (s) => s.version })
 */
export function monotonic<T, S extends string | number>(
  effect: Effect<T>,
  key: (value: T) => Key,
  by: OrderedStates<T, S> | Versions<T>,
): Invariant {
  if ('order' in by) assertOrder(effect.name, by)
  const keyed = effect.by(key)
  const read = (value: unknown): RankedState =>
    'order' in by ? placeOf(by, value as T) : versionOf(effect.name, by, value as T) // values under this name
  return {
    kind: 'invariant',
    name: `monotonic(${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const seen = statesOf(history, effect).map((observed) => ({ observed, place: read(observed.value) }))
      const byKey = Map.groupBy(seen, ({ observed }) => keyFor(keyed, observed.value))
      const reasons = Array.from(byKey).flatMap(([of, sightings]) => [
        ...undeclared(effect.name, of, sightings),
        ...stepBack(effect.name, of, sightings),
      ])
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return Array.from(byKey.values()).some((sightings) => momentsIn(sightings).length > 1)
        ? holds
        : nothingToCompare(effect, seen.length)
    },
  }
}

/** Rows that were read after every commit: each as it came up. */
function statesOf(history: History, { name, source }: Pick<Effect<unknown>, 'name' | 'source'>): readonly Observed[] {
  return source.from === 'rows' && source.everyCommit === true
    ? appearancesOf(snapshotsOf(history, name))
    : inOrder(effectsOf(history, name))
}

/** Where a state stands. */
interface RankedState {
  readonly kind: 'state' | 'version'
  readonly shown: string
  /** Absent for a state that was not declared. */
  readonly rank?: number | bigint
  readonly terminal: boolean
}

interface Sighting {
  readonly observed: Observed
  readonly place: RankedState
}

function assertOrder(name: string, { order, terminal = [] }: OrderedStates<never, string | number>): void {
  if (order.length === 0)
    throw new Error(`monotonic(${name}): the order is empty; give all states, earlier ones first.`)
  const twice = order.find((state, index) => order.indexOf(state) !== index)
  if (twice !== undefined)
    throw new Error(`monotonic(${name}): the order names ${shown(twice)} twice; a state has one place.`)
  const missing = terminal.find((state) => !order.includes(state))
  if (missing !== undefined)
    throw new Error(
      `monotonic(${name}): the terminal state ${shown(missing)} is not in the order (${list(order.map(shown))}).`,
    )
}

function placeOf<T, S extends string | number>(
  { order, terminal = order.slice(-1), ...by }: OrderedStates<T, S>,
  value: T,
): RankedState {
  const state = by.state(value)
  const rank = order.indexOf(state)
  return { kind: 'state', shown: shown(state), terminal: terminal.includes(state), ...(rank === -1 ? {} : { rank }) }
}

/** NaN compares as false with everything, and would never go back. */
function versionOf<T>(name: string, by: Versions<T>, value: T): RankedState {
  const rank: unknown = by.version(value)
  if (typeof rank === 'bigint' || (typeof rank === 'number' && !Number.isNaN(rank)))
    return { kind: 'version', shown: shown(rank), rank, terminal: false }
  throw new Error(`${name}: the version of ${shown(value)} is ${shown(rank)}; give a number or bigint.`)
}

function undeclared(name: string, key: Key, sightings: readonly Sighting[]): readonly Reason[] {
  const first = sightings.find(({ place }) => place.rank === undefined)
  if (first === undefined) return []
  return [
    {
      text:
        `${name} was ${first.place.shown} for ${shown(key)}${momentOf(first.observed)}; expected a state of ` +
        'its order.',
      kind: 'undeclared-state',
      of: name,
      subject: key,
      events: seqs([first.observed]),
    },
  ]
}

/**
 * The first sighting that cannot follow an earlier one. Only where the bounds say that there is one, all earlier ones
 * are looked at.
 */
function stepBack(name: string, key: Key, sightings: readonly Sighting[]): readonly Reason[] {
  const before: Sighting[] = []
  const bounds = new SeenStates()
  for (const moment of momentsIn(sightings)) {
    const after = moment.find(({ place }) => bounds.exclude(place))
    const earlier =
      after &&
      (before.find(({ place }) => isFinal(place, after.place)) ??
        before.find(({ place }) => isBack(place, after.place)))
    if (after !== undefined && earlier !== undefined) return [backwardReason(name, key, earlier, after)]
    for (const sighting of moment) {
      before.push(sighting)
      bounds.add(sighting.place)
    }
  }
  return []
}

/** What earlier sightings leave to later ones: nothing below the highest, nothing but the terminal state. */
class SeenStates {
  #highest: number | bigint | undefined
  readonly #terminals = new Set<number | bigint>()

  add({ rank, terminal }: RankedState): void {
    if (rank === undefined) return
    if (this.#highest === undefined || rank > this.#highest) this.#highest = rank
    if (terminal) this.#terminals.add(rank)
  }

  exclude({ rank }: RankedState): boolean {
    if (rank === undefined) return false
    if (this.#highest !== undefined && rank < this.#highest) return true
    return this.#terminals.size > 1 || (this.#terminals.size === 1 && !this.#terminals.has(rank))
  }
}

function momentsIn(sightings: readonly Sighting[]): readonly (readonly Sighting[])[] {
  const timed = sightings.filter(({ observed }) => observed.event !== undefined)
  return Array.from(Map.groupBy(timed, ({ observed }) => observed.event).values())
}

function isFinal(earlier: RankedState, later: RankedState): boolean {
  return earlier.terminal && later.rank !== undefined && later.rank !== earlier.rank
}

function isBack(earlier: RankedState, later: RankedState): boolean {
  return earlier.rank !== undefined && later.rank !== undefined && later.rank < earlier.rank
}

function backwardReason(name: string, key: Key, earlier: Sighting, later: Sighting): Reason {
  const final = isFinal(earlier.place, later.place)
  const { kind } = later.place
  const word = kind === 'version' ? 'version ' : ''
  return {
    text:
      `${name} was ${kind === 'version' ? 'at ' : ''}${word}${later.place.shown} for ` +
      `${shown(key)}${momentOf(later.observed)}, after ${word}${earlier.place.shown}${momentOf(earlier.observed)}; ` +
      `expected ${final ? `nothing after ${earlier.place.shown}` : `no ${kind} before that`}.`,
    kind: final ? 'after-the-end' : 'went-back',
    of: name,
    subject: key,
    // What was there from the start has no event
    events: seqs([earlier.observed, later.observed]).filter((seq) => seq >= 0),
  }
}

function nothingToCompare({ name, source }: Pick<Effect<unknown>, 'name' | 'source'>, seen: number): Verdict {
  if (seen === 0) return vacuous(noEffect(source))
  const journals =
    source.from === 'rows' || source.from === 'reads'
      ? ' Rows and views show how things are at the end: write each change down in a journal, or read rows(..., { ' +
        'everyCommit: true }).'
      : ''
  return vacuous(`no key of "${name}" was observed at two moments.${journals}`)
}
