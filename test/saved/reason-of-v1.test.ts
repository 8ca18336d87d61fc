// Files of version 1 are read for ever: every class that a checker of that version could write, and what it is now.
import { expect, test } from 'vitest'
import { reasonOfV1 } from '../../src/saved/reason-of-v1.ts'
import { anomalyFailure, type AnomalyName } from '../../src/verdict/reason.ts'

const classes: readonly (readonly [invariant: string, className: string, failure: string])[] = [
  ['exactlyOnce(pay, charge)', 'too many charge', 'too-many: charge'],
  ['atMostOnce(receipt sent)', 'too many receipt sent', 'too-many: receipt sent'],
  ['exactlyOnce(pay, requests)', 'too many requests', 'too-many: requests'],
  ['queueDelivery', 'too many dequeue', 'too-many: dequeue'],
  ['atLeastOnce(order, email)', 'missing email', 'missing: email'],
  ['noPhantom([pay], charge)', 'phantom charge', 'phantom: charge'],
  ['noOversell(ticket)', 'oversold', 'oversold'],
  ['noOversell(level)', 'level below 0', 'below-zero: level'],
  ['conservation(account)', 'account above its total', 'above-total: account'],
  ['conservation(account)', 'account below its total', 'below-total: account'],
  ['conservation(account)', 'account above its total in between', 'above-total-after-commit: account'],
  ['conservation(account)', 'account below its total in between', 'below-total-after-commit: account'],
  ['convergence(left, right)', 'left and right differ', 'diverged: left and right'],
  ['authentic(credit)', 'forged credit', 'forged: credit'],
  ['authentic(credit)', 'tampered credit', 'tampered: credit'],
  ['authentic(credit)', 'replayed credit', 'replayed: credit'],
  ['authentic(credit)', 'stale credit', 'expired: credit'],
  ['authentic(read)', 'stale read', 'expired: read'],
  ['monotonic(status)', 'undeclared status', 'undeclared-state: status'],
  ['monotonic(status)', 'status went back', 'went-back: status'],
  ['monotonic(read)', 'read went back', 'went-back: read'],
  ['monotonic(status)', 'status after its end', 'after-the-end: status'],
  ['runsOncePerSlot(report, 60000)', 'twice report', 'ran-twice: report'],
  ['runsOncePerSlot(report, 60000)', 'early report', 'ran-early: report'],
  ['runsOncePerSlot(report, 60000)', 'late report', 'ran-late: report'],
  ['runsOncePerSlot(report, 60000)', 'missed report', 'run-missed: report'],
  ['mutualExclusion(lease)', 'two holders of lease', 'two-holders: lease'],
  ['mutualExclusion(written)', 'stale token of written', 'stale-token: written'],
  ['saga(book)', 'half done', 'half-done'],
  ['saga(book)', 'kept though failed', 'kept-though-failed'],
  ['saga(book)', 'undone though answered ok', 'undone-though-ok'],
  ['saga(book)', 'refund not in reverse', 'not-in-reverse: refund'],
  ['noHang', 'pending pay', 'pending: pay'],
  ['boundedCall(500)', 'slow pay', 'too-slow: pay'],
  ['latencyBudget(p99 200)', 'slow p99 of pay', 'percentile-too-slow: p99 of pay'],
  ['latencyBudget(p50 200)', 'slow p50 of all operations', 'percentile-too-slow: p50 of all operations'],
  ['costBudget(calls 5)', 'too many requests', 'too-many-requests'],
  ['costBudget(calls 5, pay)', 'too many requests of pay', 'too-many-requests: pay'],
  ['costBudget(storeCalls 5)', 'too many store calls', 'too-many-store-calls'],
  ['costBudget(storeCalls 5, pay)', 'too many store calls of pay', 'too-many-store-calls: pay'],
  ['retryBudget(attempts 2)', 'too many attempts shop -> bank', 'too-many-attempts: shop -> bank'],
  ['retryBudget(perOperation 2)', 'amplification shop -> bank', 'retry-amplification: shop -> bank'],
  ['retryBudget(backoffMs 9)', 'retried too soon shop -> bank', 'retried-too-soon: shop -> bank'],
  ['retryBudget(honourRetryAfter)', 'Retry-After ignored shop -> bank', 'retry-after-ignored: shop -> bank'],
  ['contained(bank, breaker)', 'probed too often shop -> bank', 'too-many-probes: shop -> bank'],
  ['contained(bank, spared)', 'spread to browse', 'spread: browse'],
  ['contained(bank, recoveryMs)', 'no recovery of buy', 'no-recovery: buy'],
  ['traced', 'no trace shop -> bank', 'no-trace: shop -> bank'],
  ['traced', 'another trace shop -> bank', 'another-trace: shop -> bank'],
  ['idempotentReplay(pay)', 'different answers of pay', 'different-answers: pay'],
  ['idempotentReplay(pay)', 'reused key of pay', 'reused-key: pay'],
  ['uniqueIds', 'id given twice', 'duplicate-id'],
  ['counterBounds', 'counter too low', 'counter-too-low'],
  ['counterBounds', 'counter too high', 'counter-too-high'],
  ['queueDelivery', 'missing dequeue', 'missing: dequeue'],
  ['queueDelivery', 'thin air', 'thin-air'],
  ['queueDelivery', 'out of order', 'out-of-order'],
  ['linearizable(register)', 'not linearizable', 'not-linearizable'],
  ['sequential(register)', 'not sequential', 'not-sequential'],
  ['boundedStaleness(100)', 'stale read', 'stale-read'],
  ['noLostUpdate', 'lost update', 'lost-update'],
  ['readYourWrites', 'own write unseen', 'own-write-unseen'],
  ['monotonicReads', 'read went back', 'read-went-back'],
  ['monotonicWrites', 'writes out of order', 'writes-out-of-order'],
  ['writesFollowReads', 'write before what it followed', 'write-before-its-cause'],
  ['causal', 'effect before cause', 'effect-before-cause'],
  ['causal', 'circular causes', 'circular-causes'],
  ['every event is accepted in the end', 'event never accepted', 'event-not-accepted'],
  ['the balance never goes below 0', 'broken the balance never goes below 0', 'custom: the balance never goes below 0'],
  ['all is shipped', 'never all is shipped', 'custom: all is shipped'],
  ['mine', 'violated', 'custom: mine'],
  ['mine', 'late', 'custom: late'],
  ['mine', 'constructor', 'custom: constructor'],
]

test.each(classes)('of %s: "%s" is %s', (invariant, className, failure) => {
  const { kind, of } = reasonOfV1(invariant, className)

  expect(of === undefined ? kind : `${kind}: ${of}`).toBe(failure)
})

const anomalies: readonly AnomalyName[] = [
  'thin air',
  'duplicate element',
  'G0',
  'G1a',
  'G1b',
  'future read',
  'incompatible order',
  'G1c',
  'internal',
  'lost update',
  'fractured read',
  'G-single',
  'long fork',
  'G2-item',
]

test.each(anomalies)('%s, with and without an order, is the anomaly that the checkers of today name', (name) => {
  expect(reasonOfV1('serializable', name)).toStrictEqual(anomalyFailure(name))
  expect(reasonOfV1('strictSerializable', `${name} with session`)).toStrictEqual(anomalyFailure(name, 'session'))
  expect(reasonOfV1('strictSerializable', `${name} with real time`)).toStrictEqual(anomalyFailure(name, 'real time'))
})
