// Colour if it is asked for, and the width of text on a terminal.
import { afterEach, expect, test, vi } from 'vitest'
import { ink, widthOf } from '../../src/report/ink.ts'

afterEach(() => vi.unstubAllEnvs())

test.each(['0', '1'])('the caller decides about colour, not the environment: FORCE_COLOR=%s', (force) => {
  vi.stubEnv('FORCE_COLOR', force)

  expect(ink({ text: 'paid twice', tone: 'bad' }, true)).toBe('\u001B[31mpaid twice\u001B[39m')
  expect(ink({ text: 'paid twice', tone: 'bad' }, false)).toBe('paid twice')
})

test.each(['', '  '])('invisible text is not coloured: "%s"', (text) => {
  expect(ink({ text, tone: 'strong' }, true)).toBe(text)
})

test.each([
  ['shop', 4],
  ['日本語', 6], // full width: two columns each
  ['e\u0301', 1], // a combining accent takes no column of its own
  ['👍', 2],
])('"%s" takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})
