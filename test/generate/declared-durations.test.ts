import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { declaredDurations } from '../../src/generate/declared-durations.ts'
import { op } from '../../src/system/operation.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'two-generals-declared-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const lengths = (files: readonly string[]): readonly number[] => declaredDurations(files).map(({ ms }) => ms)

describe('lengths of time in the files of a system', () => {
  test('those of a file and of what it imports by a relative path, in whatever way', () => {
    written('lease.ts', 'export const leaseMs = 30_000')
    written('deep/cache.ts', "import '../lease.js'\nexport const ttlMs = 5_000")
    written('lazy/index.ts', 'export const windowMs = 7_000')
    const file = written(
      'shop.test.ts',
      "import { ttlMs } from './deep/cache.ts'\nawait import('./lazy')\nimport 'some-package'\nconst timeout = 1_000",
    )
    expect(lengths([file])).toEqual([1_000, 5_000, 7_000, 30_000])
  })

  test('files that import each other are read once', () => {
    const one = written('one.ts', "import './two.ts'\nconst oneMs = 1_500")
    const two = written('two.ts', "import './one.ts'\nconst twoMs = 2_500")
    expect(lengths([one, two, one])).toEqual([1_500, 2_500])
  })

  test('a file that cannot be read has none', () => {
    expect(lengths([path.join(folder, 'none.ts'), folder])).toEqual([])
  })

  test('what only looks like an import is left alone', () => {
    const file = written('odd.ts', `const text = "import './${'a'.repeat(5_000)}'"\nconst oddMs = 1_500`)
    expect(lengths([file])).toEqual([1_500])
  })

  test('an operation is declared also where stacks are no text', () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
    Error.prepareStackTrace = (_, frames) => frames
    try {
      expect(op('pay', fc.nat(), () => undefined).declaredIn).toBeUndefined()
    } finally {
      if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
      else Object.defineProperty(Error, 'prepareStackTrace', before)
    }
  })

  test('an operation knows the file that declares it', () => {
    expect(op('pay', fc.nat(), () => undefined).declaredIn).toBe(import.meta.filename)
  })
})
