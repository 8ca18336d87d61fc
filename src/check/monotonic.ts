// monotonic: the observed state of a key never goes back. A safety property over the states of each key, in order of
// time. Knows effects only, not what clients asked for.
import { effectsOf, type Effect, type Key, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions } from '../plain/options.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder, keyFor } from './by-key.ts'
import { appearancesOf, snapshotsOf } from './snapshots.ts'
import { list, momentOf, noEffect, seqs, shown } from './reason-words.ts'

/** States that follow a declared order. */
export interface OrderedStates<T, S extends string | number> {
  /** The state that an effect shows. */
  state(value: T): S
  /** All states, earlier ones first; a thing may skip states. */
  readonly order: readonly NoInfer<S>[]
  /** States after which no other may follow, wherever they stand in the order. @default the last one */
  readonly terminal?: readonly NoInfer<S>[]
}

/** Versions that never go back. */
export interface Versions<T> {
  version(value: T): number | bigint
}

/**
 * Holds when, for every key, no observed state comes before an earlier observed one in the order, and no other state
 * follows a terminal one; or, with `version`, when no version is lower than an earlier one. Equal states or versions
 * are allowed. States of one moment (one commit) are not ordered among each other. A state that is not in the order is
 * violated.
 *
 * Only states with a known time are compared: those of a `journal` or of `requests`, and of `rows` that are read after
 * every commit (`everyCommit`). Other `rows` show only the final state. Vacuous when no key was observed at two
 * moments.
 *
 * After "monotonic reads" of Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (PDIS 1994), and
 * Lamport's version numbers in "Concurrent Reading and Writing" (1977).
 *
 * @param key the key of the thing whose state the effect shows
 * @throws if the order is empty, names a state twice, or lacks a terminal one; in `check`, if a key is not a key, or a
 *   version is not a number
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
  assertOptions(`monotonic(${effect.name})`, by ?? null, ['state', 'order', 'terminal', 'version'])
  if ('order' in by) assertOrder(effect.name, by)
  const keyed = effect.by(key)
  const read = (value: unknown): RankedState =>
    // the cast holds: values under this name come from this source
    'order' in by ? placeOf(by, value as T) : versionOf(effect.name, by, value as T)
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

/**
 * The observed states, in order of time. Rows that were read after every commit count at the commit where they appear.
 */
function statesOf(history: History, { name, source }: Pick<Effect<unknown>, 'name' | 'source'>): readonly Observed[] {
  return source.from === 'rows' && source.everyCommit === true
    ? appearancesOf(snapshotsOf(history, name))
    : inOrder(effectsOf(history, name))
}

/** A state with its position in the order. */
interface RankedState {
  readonly kind: 'state' | 'version'
  readonly shown: string
  /** Absent if the state is not in the order. */
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

/** Refuses NaN: every comparison with it is false, so it would never go back. */
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
 * A reason for the first sighting that contradicts an earlier one. Earlier sightings are searched only once the bounds
 * show that there is one.
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

/**
 * Which states may follow the sightings so far: none below the highest, and only the terminal one after a terminal one.
 */
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
    // Rows that existed from the start have no event
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
