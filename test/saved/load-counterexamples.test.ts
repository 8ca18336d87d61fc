import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadCounterexamples } from '../../src/saved/load-counterexamples.ts'
import { saveCounterexample } from '../../src/saved/save-counterexample.ts'
import { named, TemporaryTestFile, twice } from './one-finding.ts'

const file = new TemporaryTestFile()

/** The text of a file that `pay` has saved; the file is gone. */
function savedText(): string {
  const text = readFileSync(saveCounterexample(file.path, named('pay'), twice), 'utf8')
  rmSync(file.directory, { recursive: true })
  return text
}

describe('a test finds', () => {
  test('nothing where there is no folder', () => {
    expect(loadCounterexamples(file.path, named('pay'))).toStrictEqual({ found: [], problems: [] })
  })

  test('its own files, in the order of their names, whatever those are', () => {
    const text = savedText()
    for (const name of ['b.json', 'a.json', 'Z.json']) file.put(name, text.replace('"1a2b3c"', `"${name}"`))
    const refund = file.put('c.json', text.replace('"name": "pay"', '"name": "refund"'))
    file.put('readme.md', 'about these files')

    const ofPay = loadCounterexamples(file.path, named('pay')).found
    const ofRefund = loadCounterexamples(file.path, named('refund')).found

    expect(ofPay.map(({ hash }) => hash)).toStrictEqual(['Z.json', 'a.json', 'b.json'])
    expect(ofRefund.map(({ path }) => path)).toStrictEqual([refund])
  })

  test('a file that an editor began with a byte order mark', () => {
    file.put('marked.json', `\uFEFF${savedText()}`)

    expect(loadCounterexamples(file.path, named('pay'))).toMatchObject({ found: [twice], problems: [] })
  })

  test('what was saved under the old name of its test file, once that is gone', () => {
    saveCounterexample(file.path, named('pay'), twice)
    const renamed = join(file.folder, 'payment.test.ts')
    writeFileSync(renamed, '')

    const before = loadCounterexamples(renamed, named('pay')).found // it still belongs to the other file
    rmSync(file.path)
    const after = loadCounterexamples(renamed, named('pay')).found
    saveCounterexample(renamed, named('pay'), twice)

    expect(before).toHaveLength(0)
    expect(after).toHaveLength(1)
    expect(file.saved).toHaveLength(1)
    expect(loadCounterexamples(renamed, named('pay')).found.map((saved) => saved.test.file)).toStrictEqual([
      'payment.test.ts',
    ])
  })
})

describe('a problem is', () => {
  test('a folder that cannot be read', () => {
    writeFileSync(file.directory, 'a file')

    const { found, problems } = loadCounterexamples(file.path, named('pay'))

    expect(found).toStrictEqual([])
    expect(problems.map(String)).toStrictEqual([
      expect.stringMatching(/Cannot read the saved counterexamples in .*__counterexamples__: ENOTDIR/),
    ])
  })

  test('a folder that is named like a file', () => {
    mkdirSync(join(file.directory, 'x.json'), { recursive: true })

    expect(loadCounterexamples(file.path, named('pay')).problems.map(String)).toStrictEqual([
      expect.stringMatching(/Cannot read .*x\.json: EISDIR/),
    ])
  })

  const cases: readonly (readonly [string, (text: string) => string, string])[] = [
    ['half a file', (text) => text.slice(0, text.length / 2), 'it is not JSON ('],
    ['an empty file', () => '\n', 'it is empty.'],
    ['a merge conflict', (text) => text.replace(/^ *"seed"/m, '<<<<<<< HEAD\n$&'), 'it holds a merge conflict.'],
    ['another format', () => '{ "format": "x" }', 'format is "x". Expected "two-generals/counterexample"'],
    [
      'a newer version',
      (text) => text.replace('"version": 2', '"version": 3'),
      'it was written by a newer two-generals: version is 3, this one reads 2. Update',
    ],
    [
      'a newer scenario',
      (text) => text.replace(/("two-generals\/scenario",\s*"version": )1/, '$17'),
      'newer two-generals: scenario.version is 7, this one reads 1',
    ],
    [
      'an unknown kind of fault',
      (text) => text.replace('"lose"', '"losse"'),
      'scenario.plan.faults[0].kind is "losse", which is no kind of fault here',
    ],
    [
      'an unknown root',
      (text) => text.replace('"pay#0"', '"pay"'),
      'scenario.plan.faults[0].at.root is "pay". Expected what started the chain of calls',
    ],
    [
      'a folder in the name of its test file',
      (text) => text.replace('"checkout', '"../checkout'),
      'test.file is "../checkout.test.ts". Expected a file\'s name without folders',
    ],
    [
      'a file without a kind of failure',
      (text) => text.replace(/"kind": "too-many",\s*/, ''),
      'violated.kind is missing',
    ],
    [
      'an unknown kind of failure',
      (text) => text.replace('"too-many"', '"to-many"'),
      'violated.kind is "to-many", which is no kind of failure. Did you mean "too-many"? If a newer two-generals',
    ],
    ['a hash that is no text', (text) => text.replace('"1a2b3c"', '7'), 'hash is 7. Expected a text'],
  ]
  test.each(cases)('%s: it is named, and the file is kept byte for byte', (_, broken, message) => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    const bytes = broken(readFileSync(path, 'utf8'))
    writeFileSync(path, bytes)

    const { found, problems } = loadCounterexamples(file.path, named('pay'))

    expect(found).toStrictEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(`Cannot read ${path}: `)
    expect(problems[0]?.message).toContain(message)
    expect(problems[0]?.message).toMatch(
      / The file is kept as it is: correct it, or delete it to drop this counterexample\.$/,
    )
    expect(readFileSync(path, 'utf8')).toBe(bytes)
  })
})

describe('a broken file', () => {
  const troubled = (testName: string): boolean => loadCounterexamples(file.path, named(testName)).problems.length > 0

  test.each([
    ['cut off after the name of its test', (text: string) => text.slice(0, 200)],
    ['of a newer version', (text: string) => text.replace('"version": 2', '"version": 3')],
    ['that is empty, but has its own name', () => ''],
  ])('%s is a problem of its own test only', (_, broken) => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    writeFileSync(path, broken(readFileSync(path, 'utf8')))

    expect(troubled('pay')).toBe(true)
    expect(troubled('refund')).toBe(false)
  })

  test('is a problem of every test where neither its text nor its name shows whose it is', () => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    writeFileSync(path, '')
    renameSync(path, join(file.directory, 'mine.json'))

    expect(troubled('pay')).toBe(true)
    expect(troubled('refund')).toBe(true)
  })
})

describe('tests whose names are one when joined', () => {
  const first = { suites: ['a'], name: 'b c' }
  const second = { suites: ['a b'], name: 'c' }
  const plain = named('a b c')

  test('have files of their own, and find no others', () => {
    const paths = [first, second, plain].map((test) => saveCounterexample(file.path, test, twice))

    expect(new Set(paths).size).toBe(3)
    for (const [index, test] of [first, second, plain].entries())
      expect(loadCounterexamples(file.path, test).found.map(({ path }) => path)).toStrictEqual([paths[index]])
  })

  test('all find a file of an older version, which says only the joined name; who saves it again owns it', () => {
    const text = savedText()
    const old = file.put('old.json', text.replace(/"suites": \[\],\s*"name": "pay"/, '"name": "a b c"'))
    const finders = (): readonly boolean[] =>
      [first, second, plain].map((test) => loadCounterexamples(file.path, test).found.length === 1)

    expect(finders()).toStrictEqual([true, true, true])
    expect(saveCounterexample(file.path, second, twice)).toBe(old)
    expect(finders()).toStrictEqual([false, true, false])
  })

  test.each([0, 200])('a broken file of one is a problem of that one only (cut off after %s)', (after) => {
    const path = saveCounterexample(file.path, { suites: ['odd ] "names"', ''], name: 'b' }, twice)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, after === 0 ? text.replace('"version": 2', '"version": 3') : text.slice(0, after))
    const isTroubled = (suites: readonly string[]): boolean =>
      loadCounterexamples(file.path, { suites, name: 'b' }).problems.length > 0

    expect(isTroubled(['odd ] "names"', ''])).toBe(true)
    expect(isTroubled(['odd ] "names"'])).toBe(false)
    expect(isTroubled([])).toBe(false)
  })
})
