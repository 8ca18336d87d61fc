// convergence: once faults are over and nothing is left to do, all replicas hold the same, and that is what was
// acknowledged. A liveness property. Knows the final rows of each replica and calls; must not know how replicas
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
 * Holds when, at the end of a quiet history, all replicas have equal values, as often, in any order; and, where an
 * operation is given, when each replica has every key that was answered ok, and no key but of operations that may have
 * happened. Let each replica's query read only what is to be equal. Of an actor's `reads`, each client's view is a
 * replica of its own: every screen converges; a client without one has nothing to compare.
 *
 * Unknown when the history reached a bound: more was to come. Vacuous when all replicas are empty and nothing was
 * answered ok, or when fewer than two are there.
 *
 * After Terry et al., "Managing Update Conflicts in Bayou" (SOSP 1995): eventual consistency; Shapiro et al.,
 * "Conflict-free Replicated Data Types" (SSS 2011): eventual delivery and convergence.
 *
 * @param replicas two or more effects of different names, usually `rows`, or one of `reads`; keyed where an operation
 *   is given
 * @param operation what must be there and may be there, keyed alike. @default replicas are compared with each other
 *   only
 * @throws where there are fewer than two replicas and that is no `reads`, or two of one name; in `check`, where a key
 *   function throws or gives no key,
 *   or keys can never be equal
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

/** One replica in a history that knows no other of its name. */
interface Copy {
  readonly history: History
  readonly replica: Replica
  /** The name of all that are alike, where each client has one. */
  readonly of: string
}

/** A replica is there once; a view, once for each client, under that client's name. */
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
  /** For what a reason is about: which client it was is no matter. */
  readonly of: string
  readonly values: readonly Observed[]
}

interface Compared extends State {
  /** Of each value: equal values have equal ones. */
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

/** A reason for every replica that is not as the first. */
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

/** What the first has more often than the second. */
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

/** Views are there only once their client has carried out an operation. */
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
