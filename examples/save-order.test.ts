// The four silences: four histories, one view; what guessing costs; and that a retry which is safe in all four holds.
import { beforeAll, describe, expect, test } from 'vitest'
import { simulate, type History } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { asking, callersView, guessing, insisting, silences, worldsView } from './save-order.ts'
import { violationOf } from './violation.ts'

describe('four silences', () => {
  const histories: Record<string, History> = {}
  beforeAll(async () => {
    for (const [name, scenario] of silences) histories[name] = await simulate(asking, scenario)
  })

  test('look the same to the caller', () => {
    const views = Object.values(histories).map(callersView)
    expect(views).toHaveLength(4)
    for (const view of views)
      expect(view).toEqual(['0 ms: invoke', '0 ms: attempt', '0 ms: send', '5000 ms: info (timeout)'])
  })

  test('are four different states of the world', () => {
    expect(Object.fromEntries(Object.entries(histories).map(([name, history]) => [name, worldsView(history)]))).toEqual(
      {
        'never reached': [],
        'done, unanswered': ['20 ms: order', '20 ms: order line'],
        slow: ['6020 ms: order', '6020 ms: order line'],
        dead: ['20 ms: order'],
      },
    )
  })
})

test('guessing that no answer means not done: one lost reply, and the order is saved twice', async () => {
  const { invariant, faults, operations, story } = await violationOf('guessing', guessing)
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: 'exactlyOnce(save, order)',
    operations: 1,
    faults: [{ kind: 'lose', at: { from: 'client', to: 'orders', leg: 'reply', nth: 1 } }],
  })
  expect(story).toContain('order happened twice for order#0')
  expect(story).toContain('reply lost')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('asking again for the same order: it is saved once, with its line', insisting)
})
