// The public API: explicit named exports, grouped. Imported by nobody here.

import './simulate/at-load.ts'

// The system under test.
export {
  op,
  type Answer,
  type InterpretedOperation,
  type KeyedOperation,
  type Operation,
  type OperationOptions,
  type Outcome,
} from './system/operation.ts'
export { serve, type FetchHandler, type ServeOptions } from './transport/serve.ts'
export { actor, type Actor } from './transport/actor.ts'
export { webhook, type WebhookOptions } from './transport/webhook.ts'
export { githubSignature, standardWebhooks, stripeSignature, type SignDelivery } from './transport/signatures.ts'
export { sqlite, type SqliteOptions } from './store/sqlite/sqlite.ts'
export type { BetterSqlite, SqliteDatabase } from './store/sqlite/driver.ts'
export { map, type MapOptions } from './store/map.ts'
export { store, type StateOptions } from './store/state.ts'
export { port, type PortOptions } from './transport/port.ts'
export { bind } from './simulate/context.ts'
export type { Capacity } from './system/capacity.ts'
export type { ClaimLimits, NodeDefinition, Outside, System, ToleratedFaults, Tolerates } from './system/system.ts'
export type { Store } from './system/store.ts'
export { storeCalled, storeCaller, storeChanges, storeOwner, storeReads, storeRefuses } from './simulate/store-call.ts'
export type { StoreAccess } from './simulate/store-access.ts'

// Effects: what invariants count.
export {
  journal,
  requests,
  rows,
  effectsOf,
  type Effect,
  type Journal,
  type Key,
  type KeyedEffect,
  type Observed,
  type RowsOptions,
} from './history/effect.ts'
export { spans, type FinishedSpan, type Span, type SpanExporter } from './history/spans.ts'

// Checkers: a history in, a verdict out.
export { atMostOnce } from './check/at-most-once.ts'
export { atLeastOnce } from './check/at-least-once.ts'
export { exactlyOnce } from './check/exactly-once.ts'
export { noPhantom } from './check/no-phantom.ts'
export { noOversell } from './check/no-oversell.ts'
export { noLeftovers } from './check/no-leftovers.ts'
export { noHang } from './check/no-hang.ts'
export { boundedCall } from './check/bounded-call.ts'
export { always } from './check/always.ts'
export { eventually } from './check/eventually.ts'
export { sometimes } from './check/sometimes.ts'
export { idempotentReplay, type Replays } from './check/idempotent-replay.ts'
export { ackDurable } from './check/ack-durable.ts'
export { conservation, type Conserved } from './check/conservation.ts'
export { monotonic, type OrderedStates, type Versions } from './check/monotonic.ts'
export { retryBudget, type RetryLimits } from './check/retry-budget.ts'
export { convergence } from './check/convergence.ts'
export { linearizable } from './check/linearizable/linearizable.ts'
export { sequential } from './check/linearizable/sequential.ts'
export type { SearchBudget } from './check/linearizable/orderly.ts'
export { readCommitted, type RegisterOptions } from './check/isolation.ts'
export { repeatableRead } from './check/isolation.ts'
export { parallelSnapshotIsolation } from './check/isolation.ts'
export { snapshotIsolation } from './check/isolation.ts'
export { serializable } from './check/isolation.ts'
export { strictSerializable } from './check/isolation.ts'
export { weakest, type Findings, type ModelJudge, type Weakest } from './check/weakest.ts'
export type { ConsistencyModel } from './verdict/consistency.ts'
export { readYourWrites } from './check/session/read-your-writes.ts'
export { monotonicReads } from './check/session/monotonic-reads.ts'
export { monotonicWrites } from './check/session/monotonic-writes.ts'
export { writesFollowReads } from './check/session/writes-follow-reads.ts'
export { causal } from './check/session/causal.ts'
export { boundedStaleness } from './check/bounded-staleness.ts'
export { noLostUpdate } from './check/no-lost-update.ts'
export { counterBounds } from './check/counter-bounds.ts'
export { uniqueIds } from './check/unique-ids.ts'
export { queueDelivery, type DeliveryLimits } from './check/queue-delivery.ts'
export { counted } from './check/no-oversell.ts'
export { mutualExclusion, type Fencing } from './check/mutual-exclusion.ts'
export type { Leases, Steps } from './check/lock-spans.ts'
export { saga, type SagaOptions, type SagaStep } from './check/saga.ts'
export { contained, type Containment } from './check/contained.ts'
export type { Breaker } from './check/breaker.ts'
export { takenOver, type TakeOver } from './check/taken-over.ts'
export { noticed, type Noticing } from './check/noticed.ts'
export { latencyBudget, type LatencyLimits } from './check/latency-budget.ts'
export { costBudget, type CostLimits } from './check/cost-budget.ts'
export { authentic, type Freshness, type Message } from './check/authentic.ts'
export { traced, type TracedOptions } from './check/traced.ts'
export { check } from './check/check.ts'
export { fold, judge, type Fold, type Judgement } from './check/fold.ts'
export type { AnomalyName, FailureClass, Reason, ReasonKind } from './verdict/reason.ts'
export type { Invariant, Verdict, VerdictKind, Weakness } from './verdict/verdict.ts'

// Models: the sequential behaviour of objects, for linearizable and sequential.
export type { Model, Need } from './system/model.ts'
export { register } from './check/models/register.ts'
export { casRegister } from './check/models/cas-register.ts'
export { counter } from './check/models/counter.ts'
export { set } from './check/models/set.ts'
export { fifoQueue } from './check/models/fifo-queue.ts'
export { keyValue } from './check/models/key-value.ts'
export { mutex, type Mutex } from './check/models/mutex.ts'
export { bank, type Balances } from './check/models/bank.ts'

// Exploring, without a test framework.
export { assess } from './property.ts'
export type { Assessment, AssessOptions } from './assessment.ts'
export {
  resilience,
  type PropertyOptions,
  type Resilience,
  type ResilienceError,
  type SymbolicRun,
} from './resilience.ts'
export { scenario } from './scenario-arbitrary.ts'
export { formatAssessment, type Place } from './report/format-assessment.ts'

// Scenarios and histories, by hand.
export { simulate } from './simulation.ts'
export type { LateChange } from './scenario/late-change.ts'
export { listed, noFaults, type DrawnPlan, type ListedPlan, type Plan } from './scenario/plan.ts'
export { decodeScenario, encodeScenario } from './scenario/codec.ts'
export { historyBytes, historyHash } from './history/history-bytes.ts'
export type { History, HistoryEvent } from './history/history.ts'
export { storyOf } from './report/story-of.ts'
export type { Act, MicroOp, Transaction } from './history/act.ts'
export type { Address } from './scenario/address.ts'
export type { Fault, FaultKind, ToleratedFault } from './scenario/fault/registry.ts'
export type { Invocation, Scenario, Workload } from './scenario/scenario.ts'
export type { Counterexample } from './verdict/counterexample.ts'
