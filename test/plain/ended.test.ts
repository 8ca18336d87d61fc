// Sentences end with one mark, also where their last part comes from somewhere else.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { describeError } from '../../src/plain/describe-error.ts'
import { ended } from '../../src/plain/ended.ts'

test.each([
  ['expected a list', 'expected a list.'],
  ['is this another kind of file?', 'is this another kind of file?'],
  ['It ended.', 'It ended.'],
  ['and so on...', 'and so on...'],
])('%s', (text, sentence) => {
  expect(ended(text)).toBe(sentence)
})

test('an error inside a sentence does not end it', () => {
  expect(describeError(new Error('No such table.'))).toBe('Error: No such table')
  expect(describeError(new Error('and so on...'))).toBe('Error: and so on...')
})

test('no text of the package, of its documentation or of its tests ends with two marks', () => {
  const root = resolve(import.meta.dirname, '../..')
  const files = ['src', 'test', 'docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|md|snap|txt)$/.test(name))
      .map((name) => join(root, folder, name)),
  )
  const found = [...files, join(root, 'README.md')].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(twoMarks)].map(
      ({ input, index }) => `${file}: ${input.slice(Math.max(0, index - 30), index + 3)}`,
    ),
  )

  expect(files.length).toBeGreaterThan(400)
  expect(found).toEqual([])
})

/** Behind a word, a bracket or a template's hole, and before the end of a text or the next sentence. No regex has it. */
const twoMarks = /[\w)}"](?:[?!]\.|\.[?!]|(?<!\.)\.\.)(?=[ '"`]\s|['"`][,)]|\s[A-Z])/g
