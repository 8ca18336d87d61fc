// Why a history that was cut short decided nothing: a timer that is longer than recovery lasts by default.
import { expect, test } from 'vitest'
import { cutShort } from '../../src/check/calls.ts'
import type { End, History } from '../../src/history/history.ts'

function ended(reason: End['reason'], delayMs: number): History {
  const left = [{ kind: 'timer', node: 'shop', root: 'boot', delayMs, repeats: true }] as const
  return { events: [{ kind: 'end', seq: 0, atMs: 9, node: '', cause: -1, reason, left }], readings: [], notes: [] }
}

test('a timer of more than twelve hours is told what it needs', () => {
  expect(cutShort(ended('recoverForMs', 100_000_000))).toBe(
    'the history ended at its bound recoverForMs, with work left to do (shop: a timer of 27.778 h that repeats, armed ' +
      'in boot); recovery lasts at most 24 h by default, and a timer of 27.778 h needs more: give the system ' +
      'recoverForMs: 200000000',
  )
})

test.each([
  ['recoverForMs', 43_200_000],
  ['maxSteps', 100_000_000],
] as const)('not where that is not the cause: %s, %s ms', (reason, delayMs) => {
  expect(cutShort(ended(reason, delayMs))).not.toContain('24 h')
})

test('not where recovery lasted as long as that', () => {
  const { events, ...rest } = ended('recoverForMs', 100_000_000)
  const heal = { kind: 'heal', seq: 0, atMs: 60_000, node: '', cause: -1 } as const
  const after = (atMs: number): History => ({ ...rest, events: [heal, ...events.map((one) => ({ ...one, atMs }))] })
  expect(cutShort(after(200_060_000))).not.toContain('24 h')
  expect(cutShort(after(200_059_999))).toContain('recoverForMs: 200000000')
})
