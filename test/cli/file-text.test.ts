// Files are read whole where they are short, else in pieces, and give the same text either way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fileText } from '../../src/cli/file-text.ts'
import { readHistory } from '../../src/read/read-history.ts'

const folder = mkdtempSync(join(tmpdir(), 'two-generals-file-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

const lines = [
  { process: 0, type: 'invoke', f: 'write', value: 'grüße 🌍' },
  { process: 0, type: 'ok', f: 'write', value: 'grüße 🌍' },
]
const text = lines.map((line) => JSON.stringify(line)).join('\n')
const path = join(folder, 'history.jsonl')
writeFileSync(path, text)

test('a short file is one text', () => {
  expect(fileText(path)).toBe(text)
})

test.each([1, 2, 3, 7, 50])('a long file comes in pieces, here of %i bytes, and no character is cut', (pieceBytes) => {
  const source = fileText(path, pieceBytes)

  expect(source).not.toBeTypeOf('string')
  expect(Array.from(source).join('')).toBe(text)
  expect(Array.from(source).join('')).toBe(text) // read anew
  expect(readHistory(source)).toEqual(readHistory(text))
})

test('a file that is not there is an error at once', () => {
  expect(() => fileText(join(folder, 'none.jsonl'))).toThrow('ENOENT')
})
