// Reports are as wide as the terminal, within bounds; what is saved or compared has 100 columns.
import { expect, test } from 'vitest'
import { formatFailure } from '../../src/report/format-failure.ts'
import { pageWidth } from '../../src/report/page-width.ts'
import { explored, folded, naiveDoubleCharge } from './histories.ts'

test.each([
  ['COLUMNS', { COLUMNS: '120' }, {}, 120],
  ['COLUMNS before the terminal', { COLUMNS: '120' }, { isTTY: true, columns: 90 }, 120],
  ['the terminal', {}, { isTTY: true, columns: 90 }, 90],
  ['no terminal', {}, { columns: 90 }, 100],
  ['nothing at all', {}, {}, 100],
  ['a narrow terminal', {}, { isTTY: true, columns: 40 }, 80],
  ['a wide terminal', {}, { isTTY: true, columns: 400 }, 160],
  ['a terminal that does not know its width', {}, { isTTY: true, columns: 0 }, 100],
  ['nonsense in COLUMNS', { COLUMNS: 'wide' }, { isTTY: true, columns: 90 }, 90],
])('the width by %s', (_, environment, terminal, width) => {
  expect(pageWidth(environment, terminal)).toBe(width)
})

test('a report without a width has 100 columns, whatever the environment says', () => {
  const failure = { test: 'a test', file: 'a.test.ts:1', counterexample: naiveDoubleCharge(), explored, folded }
  const usual = formatFailure(failure)
  const before = process.env['COLUMNS']
  process.env['COLUMNS'] = '140'
  try {
    expect(formatFailure(failure)).toBe(usual)
    expect(formatFailure(failure, { width: pageWidth() }).split('\n')[0]).toHaveLength(140)
  } finally {
    if (before === undefined) delete process.env['COLUMNS']
    else process.env['COLUMNS'] = before
  }
  expect(usual.split('\n')[0]).toHaveLength(100)
})
