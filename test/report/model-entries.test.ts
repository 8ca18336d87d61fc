import type { Reason } from '../../src/verdict/reason.ts'
import { expect, test } from 'vitest'
import { modelEntries } from '../../src/report/model-entries.ts'

const reason: Reason = { text: 'G2-item: ...', kind: 'anomaly', of: 'G2-item', events: [] }

test('names the violated model and the stronger ones, and leaves weaker ones open', () => {
  expect(modelEntries([{ ...reason, models: ['repeatable read'] }])).toEqual([
    {
      label: 'Model',
      text:
        'not repeatable read; nor the stronger serializable, strong session serializable, strict serializable; ' +
        'weaker models are not ruled out',
    },
  ])
  expect(modelEntries([{ ...reason, models: ['strict serializable'] }])[0]?.text).toBe(
    'not strict serializable; weaker models are not ruled out',
  )
})

test('names the weakest of several, and nothing if no reason is about models', () => {
  expect(
    modelEntries([
      { ...reason, models: ['serializable'] },
      { ...reason, models: ['read committed'] },
    ])[0]?.text,
  ).toMatch(/^not read committed; nor the stronger cursor stability/)
  expect(modelEntries([reason])).toEqual([])
})
