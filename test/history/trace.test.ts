// traceparent: what the W3C recommendation takes for one, and what it does not.
import { expect, test } from 'vitest'
import { traceIn, traceParent } from '../../src/history/trace.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'

test.each([
  `00-${traceId}-${parentId}-01`,
  `00-${traceId}-${parentId}-00`,
  `cc-${traceId}-${parentId}-01`,
  `cc-${traceId}-${parentId}-01-what-the-future-brings`,
])('%s', (header) => {
  expect(traceParent(header)).toEqual({ traceId, parentId })
})

test.each([
  '',
  'yes',
  traceId,
  `00-${traceId}-${parentId}`,
  `00-${traceId}-${parentId}-1`,
  `00-${traceId}-${parentId}-01-more`,
  `00-${traceId.toUpperCase()}-${parentId}-01`,
  `ff-${traceId}-${parentId}-01`,
  `00-${'0'.repeat(32)}-${parentId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `0-${traceId}-${parentId}-01`,
  `00-${traceId.slice(1)}-${parentId}-01`,
  `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
  `00-${traceId}-${parentId}-zz`,
  ` 00-${traceId}-${parentId}-01`,
])('"%s" is none', (header) => {
  expect(traceParent(header)).toBeUndefined()
})

test('is found among headers as it was sent, valid or not', () => {
  expect(
    traceIn([
      ['accept', '*/*'],
      ['traceparent', 'odd'],
    ]),
  ).toBe('odd')
  expect(traceIn([['accept', '*/*']])).toBeUndefined()
  expect(traceIn([])).toBeUndefined()
})
