// What `--model NAME` asks: the one place that gives names to checkers of recorded histories.
import { parallelSnapshotIsolation, readCommitted, repeatableRead, serializable, snapshotIsolation, strictSerializable } from './check/isolation.ts'
import { linearizable } from './check/linearizable/linearizable.ts'
import { casRegister } from './check/models/cas-register.ts'
import { counter } from './check/models/counter.ts'
import { fifoQueue } from './check/models/fifo-queue.ts'
import { keyValue } from './check/models/key-value.ts'
import { mutex } from './check/models/mutex.ts'
import { register } from './check/models/register.ts'
import { set } from './check/models/set.ts'
import { monotonicReads } from './check/session/monotonic-reads.ts'
import { monotonicWrites } from './check/session/monotonic-writes.ts'
import { readYourWrites } from './check/session/read-your-writes.ts'
import { writesFollowReads } from './check/session/writes-follow-reads.ts'
import { weakest } from './check/weakest.ts'
import { holds, type Invariant } from './verdict.ts'

/** Transactions, of no model in particular: violated where they break any, with the weakest named first. */
const weakestViolated: Invariant = {
  kind: 'invariant',
  name: 'weakest model of transactions',
  effects: [],
  check(history) {
    const { kind, text, reasons } = weakest(history)
    if (kind === 'holds') return holds
    return { kind, reasons: kind === 'violated' ? [{ text, class: kind, events: [] }, ...reasons] : reasons }
  },
}

/** Checkers that need nothing but a recorded history, by the name of their model: one object, clients, transactions. */
export const checksByName: ReadonlyMap<string, Invariant> = new Map([
  ['register', linearizable(register())],
  ['cas-register', linearizable(casRegister())],
  ['counter', linearizable(counter())],
  ['set', linearizable(set())],
  ['fifo-queue', linearizable(fifoQueue())],
  ['key-value', linearizable(keyValue())],
  ['mutex', linearizable(mutex())],
  ['read-your-writes', readYourWrites()],
  ['monotonic-reads', monotonicReads()],
  ['monotonic-writes', monotonicWrites()],
  ['writes-follow-reads', writesFollowReads()],
  ['read-committed', readCommitted()],
  ['repeatable-read', repeatableRead()],
  ['parallel-snapshot-isolation', parallelSnapshotIsolation()],
  ['snapshot-isolation', snapshotIsolation()],
  ['serializable', serializable()],
  ['strict-serializable', strictSerializable()],
  ['weakest', weakestViolated],
])
