import { expect, it } from 'vitest'
import { hintsFor } from '../../src/report/hints-for.ts'
import { counterexample, crashBeforeRemembering, naiveDoubleCharge, paying, Pen, twoBuyers } from './histories.ts'

it('advises one key for two attempts of one operation', () => {
  expect(hintsFor(naiveDoubleCharge())).toEqual([
    'derive an Idempotency-Key from the order, the same for every try at api.stripe.com',
  ])
})

it('advises to record the intent where a crash came between', () => {
  expect(hintsFor(crashBeforeRemembering())[0]).toBe(
    'record the intent before acting (shop died after charge), or pass one key downstream',
  )
})

it('advises an atomic step where operations overlap', () => {
  expect(hintsFor(twoBuyers())).toEqual([
    'make check and write one atomic step: transaction, unique key or conditional update',
  ])
})

it.each([
  ['status went back', 'write only what is newer'],
  ['status after its end', 'write only what is newer'],
  ['phantom charge', 'undo "charge" before refusing'],
  ['slow pay', 'each call that pay waits for a time limit shorter'],
  ['pending pay', 'each call that pay waits for a time limit: an answer'],
  ['different answers of pay', 'store the answer beside its key'],
  ['reused key of pay', 'answer 422'],
  ['left and right differ', 'compare left and right'],
  ['too many attempts shop -> bank', 'give up after fewer tries'],
  ['amplification shop -> bank', 'one layer alone'],
  ['lost update', 'write only if the version that was read'],
  ['own write unseen', 'read where the write went'],
  ['stale read', 'read where the write went'],
  ['read went back', 'read where the write went'],
  ['effect before cause', 'the versions that it follows'],
  ['not linearizable', 'let one place decide the order'],
  ['not sequential', 'let one place decide the order'],
  ['G1a', 'read only what is committed'],
  ['long fork', 'from one snapshot'],
  ['G-single with real time', 'from one snapshot'],
  ['G2-item', 'serializable isolation'],
  ['two holders of lease', 'fencing token'],
  ['stale token of written', 'compare tokens'],
  ['half done', 'store each step before'],
  ['kept though failed', 'only after all that was done is undone'],
  ['undone though answered ok', 'every step is done'],
  ['refund not in reverse', 'undo the last step first'],
  ['twice report', 'claim the slot before report runs'],
  ['missed report', 'for which slot report ran last'],
  ['no trace shop -> bank', 'pass traceparent on with every request to bank'],
  ['id given twice', 'let the store give ids'],
  ['out of order', 'to one partition'],
  ['forged credit', 'verify the signature'],
  ['replayed credit', 'under a unique key'],
  ['probed too often shop -> bank', 'through to bank'],
  ['retried too soon shop -> bank', 'wait longer'],
  ['Retry-After ignored shop -> bank', 'as long as Retry-After says'],
])('advises by class: %s', (name, advice) => {
  expect(hintsFor(counterexample(new Pen().history(), paying(), [], { text: 'x', class: name, events: [] }))).toEqual([
    expect.stringContaining(advice),
  ])
})

it('advises no key where the tries are too many, and not what they did', () => {
  const { history, scenario, necessity, violation } = naiveDoubleCharge()
  const tried = { ...violation.reason, class: 'too many attempts shop -> api.stripe.com' }
  expect(
    hintsFor({ history, scenario, necessity, executions: 1, violation: { invariant: 'retryBudget', reason: tried } }),
  ).toEqual(['give up after fewer tries, and let one layer alone retry'])
})

it('advises a client whose view is stale to ignore old answers', () => {
  const history = { ...new Pen().history(), views: [{ effect: 'shown', node: 'client#0' }] }
  for (const name of ['shown and item differ', 'item and shown differ']) {
    expect(hintsFor(counterexample(history, paying(), [], { text: 'x', class: name, events: [] }))).toEqual([
      expect.stringContaining('ignore answers'),
    ])
  }
  expect(
    hintsFor(counterexample(history, paying(), [], { text: 'x', class: 'left and right differ', events: [] })),
  ).toEqual([expect.stringContaining('compare left and right')])
})

it('advises no key where calls are too many, which are no effect', () => {
  const { history, scenario, violation } = naiveDoubleCharge()
  const costly = { ...violation.reason, class: 'too many requests of pay' }
  expect(hintsFor(counterexample(history, scenario.workload, [], costly))).toEqual([])
})

it('says nothing where nothing is known', () => {
  expect(
    hintsFor(counterexample(new Pen().history(), paying(), [], { text: 'x', class: 'custom', events: [] })),
  ).toEqual([])
})
