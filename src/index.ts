// The public API: explicit named exports, grouped. Imported by nobody here.

// The system under test.
export { op, type Answer, type InterpretedOperation, type KeyedOperation, type Operation, type OperationOptions, type Outcome } from './operation.ts'
export { serve, type FetchHandler, type ServeOptions } from './transport/serve.ts'
export { actor, type Actor } from './transport/actor.ts'
export { deliveries, type DeliveryParts } from './transport/deliveries.ts'
export { sqlite, type SqliteOptions } from './transport/sqlite.ts'
export { map, type MapOptions } from './transport/map.ts'
export { bind } from './simulate/context.ts'
export type { NodeDefinition, Outside, System, Tolerates } from './system.ts'
export type { Store } from './store.ts'

// Effects: what invariants count.
export { journal, requests, rows, effectsOf, type Effect, type Journal, type Key, type KeyedEffect, type Observed, type RowsOptions } from './effect.ts'

// Checkers: a history in, a verdict out.
export { atMostOnce } from './check/at-most-once.ts'
export { atLeastOnce } from './check/at-least-once.ts'
export { exactlyOnce } from './check/exactly-once.ts'
export { noPhantom } from './check/no-phantom.ts'
export { noOversell } from './check/no-oversell.ts'
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
export { counted } from './check/no-oversell.ts'
export { check } from './check/check.ts'
export { fold, judge, type Fold, type Judgement } from './check/fold.ts'
export type { Invariant, Reason, Verdict, VerdictKind } from './verdict.ts'

// Exploring, without a test framework.
export { assess } from './property.ts'
export type { Assessment, AssessOptions } from './assessment.ts'
export { resilience, type PropertyOptions, type Resilience, type ResilienceError, type SymbolicRun } from './resilience.ts'
export { scenario } from './scenario-arbitrary.ts'
export { formatAssessment, type Place } from './told.ts'

// Scenarios and histories, by hand.
export { simulate } from './simulation.ts'
export { listed, noFaults, type DrawnPlan, type ListedPlan, type Plan } from './plan.ts'
export { decodeScenario, encodeScenario } from './codec.ts'
export { historyBytes, historyHash, type History, type HistoryEvent } from './history.ts'
export { storyOf } from './report/story-of.ts'
export type { Act, MicroOp, Transaction } from './act.ts'
export type { Address } from './address.ts'
export type { Fault, FaultKind } from './fault.ts'
export type { Invocation, Scenario, Workload } from './scenario.ts'
export type { Counterexample } from './counterexample.ts'
