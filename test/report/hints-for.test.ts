import { expect, it } from 'vitest'
import { ofLink, type FailureClass, type Reason } from '../../src/verdict/reason.ts'
import { hintsFor } from '../../src/report/hints-for.ts'
import { counterexample, crashBeforeRemembering, naiveDoubleCharge, paying, Pen, twoBuyers } from './histories.ts'

it('advises one key for two attempts of one operation', () => {
  expect(hintsFor(naiveDoubleCharge())).toEqual([
    'derive an Idempotency-Key from the order, the same for every try at api.stripe.com',
  ])
})

it('advises to record the intent when a crash came in between', () => {
  expect(hintsFor(crashBeforeRemembering())[0]).toBe(
    'record the intent before acting (shop died after charge), or pass one key downstream',
  )
})

it('advises an atomic step when operations overlap', () => {
  expect(hintsFor(twoBuyers())).toEqual([
    'make check and write one atomic step: transaction, unique key or conditional update',
  ])
})

it.each<readonly [FailureClass & Pick<Reason, 'between'>, string]>([
  [{ kind: 'went-back', of: 'status' }, 'write only what is newer'],
  [{ kind: 'after-the-end', of: 'status' }, 'write only what is newer'],
  [{ kind: 'phantom', of: 'charge' }, 'undo "charge" before refusing'],
  [{ kind: 'too-slow', of: 'pay' }, 'each call that pay waits for a time limit shorter'],
  [{ kind: 'pending', of: 'pay' }, 'each call that pay waits for a time limit: an answer'],
  [{ kind: 'different-answers', of: 'pay' }, 'store the answer beside its key'],
  [{ kind: 'reused-key', of: 'pay' }, 'answer 422'],
  [{ kind: 'diverged', of: 'left and right' }, 'compare left and right'],
  [{ kind: 'too-many-attempts', ...ofLink('shop', 'bank') }, 'give up after fewer tries'],
  [{ kind: 'retry-amplification', ...ofLink('shop', 'bank') }, 'one layer alone'],
  [{ kind: 'lost-update' }, 'write only if the version that was read'],
  [{ kind: 'own-write-unseen' }, 'read where the write went'],
  [{ kind: 'stale-read' }, 'read where the write went'],
  [{ kind: 'read-went-back' }, 'read where the write went'],
  [{ kind: 'effect-before-cause' }, 'the versions that it follows'],
  [{ kind: 'not-linearizable' }, 'let one place decide the order'],
  [{ kind: 'not-sequential' }, 'let one place decide the order'],
  [{ kind: 'anomaly', of: 'G1a' }, 'read only what is committed'],
  [{ kind: 'anomaly', of: 'long fork' }, 'from one snapshot'],
  [{ kind: 'anomaly-with-real-time-order', of: 'G-single' }, 'from one snapshot'],
  [{ kind: 'anomaly', of: 'G2-item' }, 'serializable isolation'],
  [{ kind: 'two-holders', of: 'lease' }, 'fencing token'],
  [{ kind: 'stale-token', of: 'written' }, 'compare tokens'],
  [{ kind: 'half-done' }, 'store each step before'],
  [{ kind: 'kept-though-failed' }, 'only after all that was done is undone'],
  [{ kind: 'undone-though-ok' }, 'every step is done'],
  [{ kind: 'not-in-reverse', of: 'refund' }, 'undo the last step first'],
  [{ kind: 'ran-twice', of: 'report' }, 'claim the slot before report runs'],
  [{ kind: 'run-missed', of: 'report' }, 'for which slot report ran last'],
  [{ kind: 'no-trace', ...ofLink('shop', 'bank') }, 'pass traceparent on with every request to bank'],
  [{ kind: 'duplicate-id' }, 'let the store give ids'],
  [{ kind: 'out-of-order' }, 'to one partition'],
  [{ kind: 'forged', of: 'credit' }, 'verify the signature'],
  [{ kind: 'replayed', of: 'credit' }, 'under a unique key'],
  [{ kind: 'too-many-probes', ...ofLink('shop', 'bank') }, 'through to bank'],
  [{ kind: 'retried-too-soon', ...ofLink('shop', 'bank') }, 'wait longer'],
  [{ kind: 'retry-after-ignored', ...ofLink('shop', 'bank') }, 'as long as Retry-After says'],
])('advises by kind: %o', (failure, advice) => {
  expect(hintsFor(counterexample(new Pen().history(), paying(), [], { ...failure, text: 'x', events: [] }))).toEqual([
    expect.stringContaining(advice),
  ])
})

it('advises no key when only the number of attempts is too large', () => {
  const { history, scenario, necessity, violation } = naiveDoubleCharge()
  const tried: Reason = { ...violation.reason, kind: 'too-many-attempts', of: 'shop -> api.stripe.com' }

  expect(
    hintsFor({ history, scenario, necessity, executions: 1, violation: { invariant: 'retryBudget', reason: tried } }),
  ).toEqual(['give up after fewer tries, and let one layer alone retry'])
})

it('advises a client whose view is stale to ignore old answers', () => {
  const history = { ...new Pen().history(), views: [{ effect: 'shown', node: 'client#0' }] }
  const sides: readonly (readonly [string, string])[] = [
    ['shown', 'item'],
    ['item', 'shown'],
  ]
  for (const between of sides) {
    const diverged: Reason = { kind: 'diverged', of: between.join(' and '), between, text: 'x', events: [] }

    expect(hintsFor(counterexample(history, paying(), [], diverged))).toEqual([
      expect.stringContaining('ignore answers'),
    ])
  }
  expect(
    hintsFor(counterexample(history, paying(), [], { text: 'x', kind: 'diverged', of: 'left and right', events: [] })),
  ).toEqual([expect.stringContaining('compare left and right')])
})

it('advises no key when calls, which are not effects, are too many', () => {
  const { history, scenario, violation } = naiveDoubleCharge()
  const costly: Reason = { ...violation.reason, kind: 'too-many-requests', of: 'pay' }

  expect(hintsFor(counterexample(history, scenario.workload, [], costly))).toEqual([])
})

it('gives no hint when nothing is known', () => {
  expect(
    hintsFor(
      counterexample(new Pen().history(), paying(), [], { text: 'x', kind: 'custom', of: 'custom', events: [] }),
    ),
  ).toEqual([])
})
