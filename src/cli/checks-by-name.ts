// What `--model NAME` asks: the one place that gives names to checkers of recorded histories.
import { counterBounds } from '../check/counter-bounds.ts'
import {
  parallelSnapshotIsolation,
  readCommitted,
  repeatableRead,
  serializable,
  snapshotIsolation,
  strictSerializable,
} from '../check/isolation.ts'
import { linearizable } from '../check/linearizable/linearizable.ts'
import { sequential } from '../check/linearizable/sequential.ts'
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
import { weakest } from '../check/weakest.ts'
import type { Model } from '../system/model.ts'
import { holds, type Invariant } from '../verdict/verdict.ts'

/**
 * Transactions and sessions, of no model in particular: violated where they break any, with the weakest named first.
 */
const weakestViolated: Invariant = {
  kind: 'invariant',
  name: 'weakest model violated',
  effects: [],
  check(history) {
    const { kind, text, reasons } = weakest(history)
    if (kind === 'holds') return holds
    return { kind, reasons: kind === 'violated' ? [{ kind: 'model-violated', text, events: [] }, ...reasons] : reasons }
  },
}

/** A checker that needs nothing but a recorded history, and perhaps what its object held at first. */
export interface NamedCheck {
  /** @throws where the initial value is none for this model */
  make(initial?: unknown): Invariant
  /** Whether it may be told an initial value. */
  readonly startsFrom: boolean
  /** What a report calls it: the model by the name that was asked for. @default the invariant's name */
  readonly title?: string
}

/** An object that clients share: its model, and whether it may be told what it held at first. */
const objects: readonly (readonly [name: string, model: (initial: unknown) => Model<unknown>, startsFrom: boolean])[] =
  [
    ['register', register, true],
    ['cas-register', casRegister, true],
    ['key-value', keyValue, true],
    ['counter', (initial) => counter(numberOf(initial)), true],
    ['bank', (initial) => bank(balancesOf(initial)), true],
    ['set', () => set(), false],
    ['fifo-queue', () => fifoQueue(), false],
    ['mutex', () => mutex(), false],
  ]

/**
 * By the name of their model: one object, linearizable or sequential; what is asked of an object beside; clients;
 * transactions.
 */
export const checksByName: ReadonlyMap<string, NamedCheck> = new Map<string, NamedCheck>([
  ...objects.map(
    ([name, model, startsFrom]) =>
      [
        name,
        { make: (initial: unknown) => linearizable(model(initial)), startsFrom, title: `linearizable(${name})` },
      ] as const,
  ),
  ...objects.map(
    ([name, model, startsFrom]) =>
      [`sequential-${name}`, { make: (initial: unknown) => sequential(model(initial)), startsFrom }] as const,
  ),
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
  ['read-committed', fixed(readCommitted())],
  ['repeatable-read', fixed(repeatableRead())],
  ['parallel-snapshot-isolation', fixed(parallelSnapshotIsolation())],
  ['snapshot-isolation', fixed(snapshotIsolation())],
  ['serializable', fixed(serializable())],
  ['strict-serializable', fixed(strictSerializable())],
  ['weakest', fixed(weakestViolated)],
])

function fixed(invariant: Invariant): NamedCheck {
  return { make: () => invariant, startsFrom: false }
}

function numberOf(initial: unknown): number {
  if (initial === undefined || typeof initial === 'number') return initial ?? 0
  throw new Error(`A counter cannot start from ${JSON.stringify(initial)}; give a number.`)
}

function balancesOf(initial: unknown): Readonly<Record<string, number>> {
  const isBalances = (value: unknown): value is Readonly<Record<string, number>> =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => typeof one === 'number')
  if (isBalances(initial)) return initial
  throw new Error(
    `A bank cannot start from ${initial === undefined ? 'nothing' : JSON.stringify(initial)}; give --initial, ` +
      `what each account holds: '{"a": 10, "b": 10}'.`,
  )
}
