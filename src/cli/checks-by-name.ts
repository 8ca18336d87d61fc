// The checkers of recorded histories by the names for `--model NAME`.
import { counterBounds } from '../check/counter-bounds.ts'
import {
  parallelSnapshotIsolation,
  readCommitted,
  repeatableRead,
  serializable,
  snapshotIsolation,
  strictSerializable,
  type RegisterOptions,
} from '../check/isolation.ts'
import { linearizable } from '../check/linearizable/linearizable.ts'
import { sequential } from '../check/linearizable/sequential.ts'
import { conservedReads } from '../check/conserved-reads.ts'
import { isNumeric, type Numeric } from '../check/exact-sum.ts'
import { longFork } from '../check/long-fork.ts'
import { multiRegister } from '../check/models/multi-register.ts'
import { shown } from '../check/reason-words.ts'
import { sessionsJudged } from '../check/session/sessions-judged.ts'
import { bank } from '../check/models/bank.ts'
import { casRegister } from '../check/models/cas-register.ts'
import { counter } from '../check/models/counter.ts'
import { fifoQueue } from '../check/models/fifo-queue.ts'
import { keyValue } from '../check/models/key-value.ts'
import { mutex } from '../check/models/mutex.ts'
import { register } from '../check/models/register.ts'
import { set } from '../check/models/set.ts'
import { mutualExclusion } from '../check/mutual-exclusion.ts'
import { noLostUpdate } from '../check/no-lost-update.ts'
import { queueDelivery } from '../check/queue-delivery.ts'
import { causal } from '../check/session/causal.ts'
import { monotonicReads } from '../check/session/monotonic-reads.ts'
import { monotonicWrites } from '../check/session/monotonic-writes.ts'
import { readYourWrites } from '../check/session/read-your-writes.ts'
import { writesFollowReads } from '../check/session/writes-follow-reads.ts'
import { uniqueIds } from '../check/unique-ids.ts'
import { ofTransactionsWithin, weakest } from '../check/weakest.ts'
import type { Model } from '../system/model.ts'
import { holds, type Invariant } from '../verdict/verdict.ts'

/** Options that a checker may take. */
export interface CheckOptions {
  /** The initial value of its object. */
  readonly initial?: unknown
  /** The limits of the search, see SearchBudget. */
  readonly steps?: number
  readonly bytes?: number
}

/** A checker that needs nothing but a recorded history. */
export interface NamedCheck {
  /** Makes the invariant. @throws if the initial value does not fit this model */
  make(asked: CheckOptions): Invariant
  readonly takes: readonly (keyof CheckOptions)[]
  /** Its name in a report, with the model as it was named on the command line. @default the invariant's name */
  readonly title?: string
}

/** Shared objects: the name, the model, and whether it takes an initial value. */
const objects: readonly (readonly [name: string, model: (initial: unknown) => Model<unknown>, startsFrom: boolean])[] =
  [
    ['register', register, true],
    ['cas-register', casRegister, true],
    ['multi-register', (initial) => multiRegister(registersOf(initial)), true],
    ['key-value', keyValue, true],
    ['counter', (initial) => counter(numberOf(initial)), true],
    ['bank', (initial) => bank(balancesOf(initial)), true],
    ['set', () => set(), false],
    ['fifo-queue', () => fifoQueue(), false],
    ['mutex', () => mutex(), false],
  ]

function searched(startsFrom: boolean): readonly (keyof CheckOptions)[] {
  return startsFrom ? ['initial', 'steps', 'bytes'] : ['steps', 'bytes']
}

/**
 * All checks by name: single objects, linearizable or sequential; other checks of objects; session guarantees;
 * transactions.
 */
export const checksByName: ReadonlyMap<string, NamedCheck> = new Map<string, NamedCheck>([
  ...objects.map(([name, model, startsFrom]): [string, NamedCheck] => [
    name,
    {
      make: ({ initial, ...budget }) => linearizable(model(initial), undefined, budget),
      takes: searched(startsFrom),
      title: `linearizable(${name})`,
    },
  ]),
  ...objects.map(([name, model, startsFrom]): [string, NamedCheck] => [
    `sequential-${name}`,
    {
      make: ({ initial, ...budget }) => sequential(model(initial), undefined, budget),
      takes: searched(startsFrom),
      title: `sequential(${name})`,
    },
  ]),
  ['conservation', { make: ({ initial }) => conservedReads(initial), takes: ['initial'], title: 'conservation' }],
  ['counter-bounds', fixed(counterBounds())],
  ['unique-ids', fixed(uniqueIds())],
  ['queue-delivery', fixed(queueDelivery())],
  ['mutual-exclusion', fixed(mutualExclusion())],
  ['read-your-writes', fixed(readYourWrites())],
  ['monotonic-reads', fixed(monotonicReads())],
  ['monotonic-writes', fixed(monotonicWrites())],
  ['writes-follow-reads', fixed(writesFollowReads())],
  ['causal', fixed(causal())],
  ['no-lost-update', fixed(noLostUpdate())],
  ['long-fork', { make: ({ initial }) => longFork(initial), takes: ['initial'] }],
  ['read-committed', transactional(readCommitted)],
  ['repeatable-read', transactional(repeatableRead)],
  ['parallel-snapshot-isolation', transactional(parallelSnapshotIsolation)],
  ['snapshot-isolation', transactional(snapshotIsolation)],
  ['serializable', transactional(serializable)],
  ['strict-serializable', transactional(strictSerializable)],
  ['weakest', { make: weakestViolated, takes: ['steps'] }],
])

function fixed(invariant: Invariant): NamedCheck {
  return { make: () => invariant, takes: [] }
}

function transactional(model: (operations: undefined, options: RegisterOptions) => Invariant): NamedCheck {
  return { make: ({ steps }) => model(undefined, steps === undefined ? {} : { steps }), takes: ['steps'] }
}

/** Checks all models of transactions and sessions: violated if any is, with the weakest named first. */
function weakestViolated({ steps }: CheckOptions): Invariant {
  const judges = steps === undefined ? undefined : [ofTransactionsWithin(steps), sessionsJudged]
  return {
    kind: 'invariant',
    name: 'weakest model violated',
    effects: [],
    check(history) {
      const { kind, text, reasons } = weakest(history, undefined, judges)
      if (kind === 'holds') return holds
      return {
        kind,
        reasons: kind === 'violated' ? [{ kind: 'model-violated', text, events: [] }, ...reasons] : reasons,
      }
    },
  }
}

function registersOf(initial: unknown): Readonly<Record<string, unknown>> {
  if (initial === undefined) return {}
  if (typeof initial === 'object' && initial !== null && !Array.isArray(initial)) return { ...initial }
  throw new Error(
    `A multi-register cannot start from ${shown(initial)}; give what each register holds: '{"x": 0, "y": 0}'.`,
  )
}

function numberOf(initial: unknown): Numeric {
  if (initial === undefined || isNumeric(initial)) return initial ?? 0
  throw new Error(`A counter cannot start from ${shown(initial)}; give a number.`)
}

function balancesOf(initial: unknown): Readonly<Record<string, Numeric>> {
  const isBalances = (value: unknown): value is Readonly<Record<string, Numeric>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isNumeric)
  if (isBalances(initial)) return initial
  throw new Error(
    `A bank cannot start from ${initial === undefined ? 'nothing' : shown(initial)}; give --initial, ` +
      `what each account holds: '{"a": 10, "b": 10}'.`,
  )
}
