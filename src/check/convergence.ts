// convergence: once faults are over and nothing is left to do, all replicas hold the same, and that is what was acknowledged. A liveness
// property. Knows the final rows of each replica and calls; must not know how replicas exchange them.
import { effectsOf, type Effect, type Key, type KeyedEffect, type Observed } from '../effect.ts'
import type { History } from '../history.ts'
import type { KeyedOperation } from '../operation.ts'
import { canonical, encodeValue } from '../value.ts'
import { holds, unknown, vacuous, type Invariant, type Reason } from '../verdict.ts'
import { anyAccepted, joined, missing, nothingAccepted, type Joined } from './at-least-once.ts'
import { callsByKey, type Agreeing } from './by-key.ts'
import { cutShort, isQuiet } from './calls.ts'
import { phantom } from './no-phantom.ts'
import { list, noEffect, seqs, shown } from './words.ts'

/**
 * Holds when, at the end of a quiet history, all replicas have equal values, as often, in any order; and, where an operation is
 * given, when each replica has every key that was answered ok, and no key but of operations that may have happened. Let each
 * replica's query read only what is to be equal.
 *
 * Unknown when the history reached a bound: more was to come. Vacuous when all replicas are empty and nothing was answered ok.
 *
 * After Terry et al., "Managing Update Conflicts in Bayou" (SOSP 1995): eventual consistency; Shapiro et al., "Conflict-free
 * Replicated Data Types" (SSS 2011): eventual delivery and convergence.
 *
 * @param replicas two or more effects of different names, usually `rows`; keyed where an operation is given
 * @param operation what must be there and may be there, keyed alike. @default replicas are compared with each other only
 * @throws where there are fewer than two replicas, or two of one name; in `check`, where a key function throws or gives no key,
 *   or keys can never be equal
 * @example
 * convergence([rows('left', () => [...left.values()]), rows('right', () => [...right.values()])])
 * @example
 * convergence([left.by((l) => l.id), right.by((r) => r.id)], put.by((p) => p.id))
 */
export function convergence<K extends Key>(replicas: readonly KeyedEffect<NoInfer<Agreeing<K>>>[], operation: KeyedOperation<K>): Invariant
export function convergence(replicas: readonly Pick<Effect<unknown>, 'name' | 'source'>[]): Invariant
export function convergence(replicas: readonly Replica[], operation?: KeyedOperation<Key>): Invariant {
  const names = replicas.map(({ name }) => name)
  assertReplicas(names)
  return {
    kind: 'invariant',
    name: `convergence(${names.join(', ')})`,
    effects: replicas.map(({ source }) => source),
    check(history: History) {
      const calls: Joined['calls'] = operation === undefined ? new Map() : callsByKey(history, operation)
      const states = replicas.map((replica) => ({ name: replica.name, values: effectsOf(history, replica.name) }))
      const reasons = [...apart(states), ...(operation === undefined ? [] : unfaithful(history, replicas, operation))]
      if (!isQuiet(history)) return unknown(`${cutShort(history)}: ${list(names)} might still become, or cease to be, equal.`)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (states.some(({ values }) => values.length > 0)) return holds
      return anyAccepted(calls) ? holds : vacuous(nothingToCompare(replicas, operation, calls))
    },
  }
}

type Replica = Pick<Effect<unknown>, 'name' | 'source'> | KeyedEffect<Key>

interface State {
  readonly name: string
  readonly values: readonly Observed[]
}

function assertReplicas(names: readonly string[]): void {
  if (names.length < 2) throw new Error(`convergence([${names.join(', ')}]): give at least two replicas.`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`convergence([${names.join(', ')}]): two replicas are named "${twice}"; give each a name of its own.`)
}

/** A reason for every replica that is not as the first. */
function apart([first, ...others]: readonly State[]): readonly Reason[] {
  if (first === undefined) return []
  return others.flatMap((other) => {
    const [more, less] = [surplus(first, other), surplus(other, first)]
    if (more.length + less.length === 0) return []
    return [{
      text: `${first.name} and ${other.name} differ at the end: ${only(first, more)}${more.length > 0 && less.length > 0 ? ', ' : ''}${only(other, less)}; expected equal.`,
      class: `${first.name} and ${other.name} differ`,
      events: seqs([...more, ...less]),
    }]
  })
}

/** What the first has more often than the second. */
function surplus(a: State, b: State): readonly Observed[] {
  const there = new Map<string, number>()
  for (const { value } of b.values) there.set(identity(value), (there.get(identity(value)) ?? 0) + 1)
  return a.values.filter(({ value }) => {
    const left = there.get(identity(value)) ?? 0
    there.set(identity(value), left - 1)
    return left <= 0
  })
}

function identity(value: unknown): string {
  return canonical(encodeValue(value))
}

const mostShown = 3

function only({ name }: State, values: readonly Observed[]): string {
  if (values.length === 0) return ''
  const hidden = values.length - mostShown
  const some = values.slice(0, mostShown).map(({ value }) => shown(value))
  return `only ${name} has ${list(hidden > 0 ? [...some, `${hidden} more`] : some)}`
}

function unfaithful(history: History, replicas: readonly Replica[], operation: KeyedOperation<Key>): readonly Reason[] {
  return replicas.flatMap((effect) => {
    if (!('keyOf' in effect)) throw new Error(`convergence(...): ${effect.name} lacks .by(...), which joins it with ${operation.name}.`)
    const { calls, effects } = joined(history, operation, effect)
    return [
      ...missing({ history, operation, effect, expected: 'it in every replica', absent: 'is not there at the end' }, calls, effects),
      ...Array.from(effects).flatMap(([key, made]) => phantom([operation.name], effect.name, key, made, calls.get(key) ?? [])),
    ]
  })
}

function nothingToCompare([first]: readonly Replica[], operation: KeyedOperation<Key> | undefined, calls: Joined['calls']): string {
  if (operation !== undefined) return `all replicas are empty, and ${nothingAccepted(operation.name, calls)}`
  return first === undefined ? 'there are no replicas' : `all replicas are empty: ${noEffect(first.source)}`
}
