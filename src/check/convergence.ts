// convergence: once faults are over and nothing is left to do, all replicas hold the same values, and these are what
// was acknowledged. A liveness property. Knows the final rows of each replica and calls; must not know how replicas
// exchange them.
import { nodeWords } from '../history/node-words.ts'
import { effectsOf, type Effect, type Key, type KeyedEffect, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { anyAccepted, joinByKey, missing, nothingAccepted, type Joined } from './at-least-once.ts'
import { callsByKey, type Agreeing } from './by-key.ts'
import { cutShort, isQuiet } from './calls.ts'
import { identityOf } from './content.ts'
import { phantom } from './no-phantom.ts'
import { list, noEffect, seqs, shown } from './reason-words.ts'

/**
 * Holds when, at the end of a quiet history, all replicas hold the same values, each equally often, in any order. If an
 * operation is given, each replica must also have every key that was answered ok, and no key but those of operations
 * that may have happened. Let the query of each replica read only what has to be equal. With an actor's `reads`, the
 * view of each client is a replica (every screen converges); a client without a view has nothing to compare.
 *
 * Unknown when the history ended at a bound, as replicas might still have converged. Vacuous when all replicas are
 * empty and nothing was answered ok, or when there are fewer than two replicas.
 *
 * After Terry et al., "Managing Update Conflicts in Bayou" (SOSP 1995): eventual consistency; Shapiro et al.,
 * "Conflict-free Replicated Data Types" (SSS 2011): eventual delivery and convergence.
 *
 * @param replicas two or more effects with different names, usually `rows`, or one of `reads`; keyed if an operation is
 *   given
 * @param operation decides which keys must be there, and which may be, with the same keys. @default replicas are only
 *   compared with each other
 * @throws if there are fewer than two replicas, unless that is one of `reads`, or if two have the same name; in
 *   `check`, if a key function throws or returns no key, or if the keys of both sides have no type in common
 * @example
 * convergence([rows('left', () => [...left.values()]), rows('right', () => [...right.values()])])
 * @example
 * convergence([screen.reads('shown', (store) => store.items), rows('item', () => [...items.values()])])
 * @example
 * convergence([left.by((l) => l.id), right.by((r) => r.id)], put.by((p) => p.id))
 */
export function convergence<K extends Key>(
  replicas: readonly KeyedEffect<NoInfer<Agreeing<K>>>[],
  operation: KeyedOperation<K>,
): Invariant
export function convergence(replicas: readonly Pick<Effect<unknown>, 'name' | 'source'>[]): Invariant
export function convergence(replicas: readonly Replica[], operation?: KeyedOperation<Key>): Invariant {
  const names = replicas.map(({ name }) => name)
  assertReplicas(replicas)
  return {
    kind: 'invariant',
    name: `convergence(${names.join(', ')})`,
    effects: replicas.map(({ source }) => source),
    check(history: History) {
      const calls: Joined['calls'] = operation === undefined ? new Map() : callsByKey(history, operation)
      const copies = replicas.flatMap((replica) => copiesOf(history, replica))
      const states = copies.map(stateOf)
      const reasons = [...apart(states), ...(operation === undefined ? [] : unfaithful(copies, operation))]
      if (!isQuiet(history))
        return undecided(`${cutShort(history)}: ${list(names)} might still become, or cease to be, equal.`)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (copies.length < (operation === undefined ? 2 : 1)) return vacuous(tooFew(states))
      if (states.some(({ values }) => values.length > 0)) return holds
      return anyAccepted(calls) ? holds : vacuous(nothingToCompare(replicas, operation, calls))
    },
  }
}

type Replica = Pick<Effect<unknown>, 'name' | 'source'> | KeyedEffect<Key>

/** One replica, with a history that has readings of this replica alone under its name. */
interface Copy {
  readonly history: History
  readonly replica: Replica
  /** The name of the view, if each client has a replica of its own; otherwise the name of the replica. */
  readonly of: string
}

/** The replica itself; or, for a view, one replica for each client, named after the client. */
function copiesOf(history: History, replica: Replica): readonly Copy[] {
  const { name, source } = replica
  if (source.from !== 'reads') return [{ history, replica, of: name }]
  const { views = [], readings } = history
  return views
    .filter(({ effect }) => effect === name)
    .map(({ node }) => {
      const own = `${name} of ${nodeWords(node)}`
      const shown = readings
        .filter((reading) => reading.effect === name && reading.node === node)
        .map((reading) => ({ ...reading, effect: own }))
      return { history: { ...history, readings: shown }, replica: { ...replica, name: own }, of: name }
    })
}

interface State {
  readonly name: string
  /** The subject of a reason, without the client: failures of the same view count as one, whichever client has it. */
  readonly of: string
  readonly values: readonly Observed[]
}

interface Compared extends State {
  /** One for each value; equal values have equal identities. */
  readonly identities: readonly unknown[]
}

function stateOf({ history, replica: { name }, of }: Copy): State {
  return { name, of, values: effectsOf(history, name) }
}

function assertReplicas(replicas: readonly Replica[]): void {
  const names = replicas.map(({ name }) => name)
  if (names.length < 2 && replicas[0]?.source.from !== 'reads')
    throw new Error(`convergence([${names.join(', ')}]): give at least two replicas.`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Error(
      `convergence([${names.join(', ')}]): two replicas are named "${twice}"; give each a name of its own.`,
    )
}

/** A reason for every replica that differs from the first. */
function apart(states: readonly State[]): readonly Reason[] {
  if (states.length < 2) return []
  const [first, ...others] = states.map((state): Compared => ({
    ...state,
    identities: state.values.map(({ value }) => identityOf(value)),
  }))
  if (first === undefined) return []
  return others.flatMap((other) => {
    const [more, less] = [surplus(first, other), surplus(other, first)]
    if (more.length + less.length === 0) return []
    return [
      {
        text:
          `${first.name} and ${other.name} differ at the end: ` +
          `${only(first, more)}${more.length > 0 && less.length > 0 ? ', ' : ''}${only(other, less)}; expected equal.`,
        kind: 'diverged' as const,
        of: `${first.of} and ${other.of}`,
        between: [first.of, other.of] as const,
        events: seqs([...more, ...less]),
      },
    ]
  })
}

/** The values that the first has more often than the second. */
function surplus(a: Compared, b: Compared): readonly Observed[] {
  const there = new Map<unknown, number>()
  for (const one of b.identities) there.set(one, (there.get(one) ?? 0) + 1)
  return a.values.filter((_, place) => {
    const one = a.identities[place]
    const left = there.get(one) ?? 0
    there.set(one, left - 1)
    return left <= 0
  })
}

const mostShown = 3

function only({ name }: State, values: readonly Observed[]): string {
  if (values.length === 0) return ''
  const hidden = values.length - mostShown
  const some = values.slice(0, mostShown).map(({ value }) => shown(value))
  return `only ${name} has ${list(hidden > 0 ? [...some, `${hidden} more`] : some)}`
}

function unfaithful(copies: readonly Copy[], operation: KeyedOperation<Key>): readonly Reason[] {
  return copies.flatMap(({ history, replica: effect, of }) => {
    if (!('keyOf' in effect))
      throw new Error(`convergence(...): ${effect.name} lacks .by(...), which joins it with ${operation.name}.`)
    const { calls, effects } = joinByKey(history, operation, effect)
    return [
      ...missing(
        { history, operation, effect, expected: 'it in every replica', absent: 'is not there at the end' },
        calls,
        effects,
      ),
      ...Array.from(effects).flatMap(([key, made]) =>
        phantom([operation.name], effect.name, key, made, calls.get(key) ?? []),
      ),
    ].map((reason) => ({ ...reason, of }))
  })
}

/** A view exists only once its client has carried out an operation. */
function tooFew([only]: readonly State[]): string {
  return only === undefined
    ? 'no client has booted the actor whose views are compared: are its operations in the system?'
    : `${only.name} is the only replica that there is`
}

function nothingToCompare(
  [first]: readonly Replica[],
  operation: KeyedOperation<Key> | undefined,
  calls: Joined['calls'],
): string {
  if (operation !== undefined) return `all replicas are empty, and ${nothingAccepted(operation.name, calls)}`
  return first === undefined ? 'there are no replicas' : `all replicas are empty: ${noEffect(first.source)}`
}
