// The twins of the charge example: what each broken one is broken by, to the single fault, and that the sound one
// holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { charging, naive, sound, textbook } from './charge.ts'
import { violationOf } from './violation.ts'

const once = 'exactlyOnce(pay, charge)'

test('naive: one lost answer of the gateway, and the customer pays twice', async () => {
  const { invariant, faults, operations, story } = await violationOf('naive', charging(naive))
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: once,
    operations: 1,
    faults: [{ kind: 'lose', at: { from: 'shop', to: 'api.payments.example', leg: 'reply', nth: 1 } }],
  })
  expect(story).toContain('charge happened twice for order#0')
  expect(story).toContain('reply lost')
  expect(story).toContain('derive an Idempotency-Key from the order')
})

test('textbook: a crash between charging and remembering', async () => {
  const { invariant, faults, operations, story } = await violationOf('textbook', {
    ...charging(textbook),
    tolerates: ['crash'],
  })
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: once,
    operations: 1,
    faults: [{ kind: 'crash', node: 'shop', at: { from: 'shop', to: 'api.payments.example' } }],
  })
  expect(story).toContain('charge happened twice for order#0')
  expect(story).toContain('shop crashes')
})

test('textbook: two overlapping copies of one request', async () => {
  const { invariant, faults, operations, story } = await violationOf('textbook', {
    ...charging(textbook),
    tolerates: ['duplicate'],
  })
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: once,
    operations: 1,
    faults: [{ kind: 'duplicate', after: 'request', at: { from: 'client', to: 'shop', nth: 1 } }],
  })
  expect(story).toContain('charge happened twice for order#0')
  expect(story).toContain('duplicated, overlapping')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('sound: an order is charged and recorded once', charging(sound))
})
