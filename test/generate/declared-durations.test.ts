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

  test('those of imports by the `paths` of tsconfig.json, with comments, and of what it extends', () => {
    written(
      'aliased/tsconfig.base.json',
      '{ /* shared */ "compilerOptions": { "baseUrl": "./src", "paths": { "@/*": ["./*"], "settings": ["./all.ts"], } } }',
    )
    written('aliased/tsconfig.json', '{ // "paths" stand elsewhere\n"extends": "./tsconfig.base.json", }')
    written('aliased/src/lease.ts', 'export const leaseMs = 31_000')
    written('aliased/src/all.ts', "import '@/deep/ttl.js'\nexport const windowMs = 8_000")
    written('aliased/src/deep/ttl.ts', 'export const ttlMs = 6_000')
    const file = written('aliased/test/shop.test.ts', "import '@/lease'\nimport 'settings'\nimport '@/none'")
    expect(lengths([file])).toEqual([31_000, 8_000, 6_000])
  })

  test('those of imports by the `imports` of package.json, exact, by pattern, and by condition', () => {
    written(
      'named/package.json',
      '{ "imports": { "#lease": "./src/lease.ts", "#lib/*": { "types": "./none/*.ts", "default": "./src/lib/*.ts" } } }',
    )
    written('named/src/lease.ts', 'export const leaseMs = 32_000')
    written('named/src/lib/ttl.ts', 'export const ttlMs = 9_000')
    const file = written('named/test/shop.test.ts', "import '#lease'\nimport { ttlMs } from '#lib/ttl'\nimport '#none'")
    expect(lengths([file])).toEqual([32_000, 9_000])
  })

  test('a name that leads into a package, or a configuration that is no JSON, is left alone', () => {
    written('outside/tsconfig.json', '{ "compilerOptions": { "paths": { "*": ["./node_modules/*"] } } }')
    written('outside/node_modules/cache/index.ts', 'export const ttlMs = 6_000')
    written('broken/tsconfig.json', 'paths: none')
    const files = ['outside', 'broken'].map((name) => written(`${name}/a.ts`, "import 'cache'\nconst oneMs = 1_500"))
    expect(lengths(files)).toEqual([1_500])
  })

  test('each is told as it is written, with its line, comments or not', () => {
    const file = written(
      'told.ts',
      "/* a lease\n   of 30 s */\nconst LEASE_MS: number = 30_000 // 5_000\nsend({\n  ttlSeconds: 90 }, '15m')\nwait(7_000)",
    )
    expect(declaredDurations([file]).map(({ ms, words }) => [ms, words])).toEqual([
      [30_000, 'LEASE_MS: number = 30_000, told.ts:3'],
      [90_000, 'ttlSeconds: 90, told.ts:5'],
      [7_000, '7_000, told.ts:6'],
      [900_000, "'15m', told.ts:5"],
    ])
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
