import { rootOf } from '../address-of.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { historyHash } from '../../src/history/history-bytes.ts'
import { listed } from '../../src/scenario/plan.ts'
import { validateAgainst } from '../../src/saved/known-names.ts'
import {
  counterexamplesOf,
  findingOf,
  loadCounterexamples,
  readCounterexample,
  saveCounterexample,
  slug,
  testFileOf,
  type Finding,
} from '../../src/saved/saved.ts'
import type { Reason } from '../../src/verdict/reason.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { anyListedPlan, anyScenario } from '../arbitraries.ts'

const reply: Address = {
  root: rootOf('pay#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}
const lost: Fault = { kind: 'lose', at: reply }
const scenario: Scenario = {
  seed: 1,
  workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: '3f0c' } }] },
  plan: listed([lost]),
}
const twice: Finding = {
  violated: {
    invariant: 'exactlyOnce(pay, charge)',
    kind: 'too-many',
    of: 'charge',
    text: 'Order order#0 was charged twice.',
  },
  scenario,
  hash: '1a2b3c',
}

let folder = ''
let testFile = ''
let directory = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-generals-'))
  testFile = join(folder, 'checkout.test.ts')
  directory = join(folder, '__counterexamples__')
  writeFileSync(testFile, '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const files = (): readonly string[] => readdirSync(directory).toSorted()
function put(name: string, text: string): string {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

describe('saving', () => {
  test('leaves a small readable file beside the test, and it is found again', () => {
    const path = saveCounterexample(testFile, 'an order is charged once', twice)
    expect(dirname(path)).toBe(counterexamplesOf(testFile))
    expect(files()).toStrictEqual([expect.stringMatching(/^an-order-is-charged-once-[0-9a-f]{10}\.json$/)])
    expect(readFileSync(path, 'utf8')).toBe(`{
  "format": "two-generals/counterexample",
  "version": 2,
  "test": { "file": "checkout.test.ts", "name": "an order is charged once" },
  "violated": { "invariant": "exactlyOnce(pay, charge)", "kind": "too-many", "of": "charge", "text": "Order order#0 was charged twice." },
  "scenario": {
    "format": "two-generals/scenario",
    "version": 1,
    "seed": 1,
    "workload": { "invocations": [{ "id": 0, "operation": "pay", "client": 0, "afterMs": 0, "input": { "order": "3f0c" } }] },
    "plan": {
      "kind": "listed",
      "faults": [
        { "kind": "lose", "at": { "root": "pay#0", "from": "client", "to": "shop", "operation": "POST /orders", "key": "order#0", "leg": "reply", "nth": 1 } }
      ]
    }
  },
  "hash": "1a2b3c"
}
`)
    expect(loadCounterexamples(testFile, 'an order is charged once')).toStrictEqual({
      found: [{ ...twice, path, test: { file: 'checkout.test.ts', name: 'an order is charged once' } }],
      problems: [],
    })
    const [found] = loadCounterexamples(testFile, 'an order is charged once').found
    expect(readCounterexample(path)).toStrictEqual(found)
    expect(found === undefined ? '' : testFileOf(found)).toBe(testFile)
  })

  test('the same violation again replaces its file, another violation or test gets its own', () => {
    const smaller = { ...twice, scenario: { ...scenario, seed: 2 } }
    const path = saveCounterexample(testFile, 'pay', twice)
    expect(saveCounterexample(testFile, 'pay', smaller)).toBe(path)
    expect(loadCounterexamples(testFile, 'pay').found.map((saved) => saved.scenario.seed)).toStrictEqual([2])

    const otherClass = saveCounterexample(testFile, 'pay', {
      ...twice,
      violated: { ...twice.violated, kind: 'missing' },
    })
    const otherInvariant = saveCounterexample(testFile, 'pay', {
      ...twice,
      violated: { ...twice.violated, invariant: 'noHang' },
    })
    const otherTest = saveCounterexample(testFile, 'refund', twice)
    const otherFile = saveCounterexample(join(folder, 'refund.test.ts'), 'pay', twice)
    expect(new Set([path, otherClass, otherInvariant, otherTest, otherFile]).size).toBe(5)
    expect(files()).toHaveLength(5)
    writeFileSync(join(folder, 'refund.test.ts'), '')
    expect(loadCounterexamples(testFile, 'pay').found.map((saved) => saved.path)).toStrictEqual(
      [path, otherClass, otherInvariant].toSorted(),
    )
  })

  test('a file that the user has renamed is still the one that is replaced', () => {
    const mine = join(directory, 'double-charge.json')
    renameSync(saveCounterexample(testFile, 'pay', twice), mine)
    expect(saveCounterexample(testFile, 'pay', { ...twice, scenario: { ...scenario, seed: 9 } })).toBe(mine)
    expect(files()).toStrictEqual(['double-charge.json'])
    expect(readCounterexample(mine).scenario.seed).toBe(9)
  })

  test('equal content is not written again', () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    utimesSync(path, 1, 1)
    saveCounterexample(testFile, 'pay', twice)
    expect(statSync(path).mtimeMs).toBe(1_000)
  })

  test.each([
    ['not JSON', () => '{ "format": "two-generals/coun'],
    ['another format', () => '{"a":1}'],
    ['a newer version', (text: string) => text.replace('"version": 2', '"version": 3')],
    ['a newer scenario', (text: string) => text.replace(/("two-generals\/scenario",\s*"version": )1/, '$12')],
    ['a field of the future', (text: string) => text.replace('"test":', '"later": 1, "test":')],
    ['nothing', () => ''],
  ])('a file that holds %s is never replaced', (_, broken) => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const bytes = broken(readFileSync(path, 'utf8'))
    writeFileSync(path, bytes)
    const other = saveCounterexample(testFile, 'pay', twice)
    expect(other).toBe(path.replace('.json', '-2.json'))
    expect(readFileSync(path, 'utf8')).toBe(bytes)
    expect(saveCounterexample(testFile, 'pay', { ...twice, hash: 'ff' })).toBe(other)
    expect(loadCounterexamples(testFile, 'pay').found.map((saved) => saved.hash)).toStrictEqual(['ff'])
  })

  test('when all its names are taken it says so', () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    writeFileSync(path, 'x')
    for (let n = 2; n <= 100; n++) writeFileSync(path.replace('.json', `-${n}.json`), 'x')
    expect(() => saveCounterexample(testFile, 'pay', twice)).toThrow(
      /Cannot save the counterexample of "pay" in .*\.json and 99 names like it are taken/,
    )
    expect(files()).toHaveLength(100)
  })

  test('a folder that cannot be made is an error that says what to do', () => {
    writeFileSync(directory, 'a file')
    expect(() => saveCounterexample(testFile, 'pay', twice)).toThrow(
      /Cannot save the counterexample of "pay" in .*EEXIST.*make the folder writable/,
    )
    expect(readFileSync(directory, 'utf8')).toBe('a file')
  })

  test('a scenario that is not JSON is refused before anything is touched', () => {
    const [pay] = scenario.workload.invocations
    const odd = {
      ...twice,
      scenario: { ...scenario, workload: { invocations: pay === undefined ? [] : [{ ...pay, input: Symbol('x') }] } },
    }
    expect(() => saveCounterexample(testFile, 'pay', odd)).toThrow('workload.invocations[0].input is a symbol')
    const drawn = {
      ...twice,
      scenario: { ...scenario, plan: { kind: 'drawn', seed: 1, rates: {}, maxFaults: 1 } as const },
    }
    expect(() => saveCounterexample(testFile, 'pay', drawn)).toThrow('Bug: only listed plans are saved')
    expect(readdirSync(folder)).toStrictEqual(['checkout.test.ts'])
  })

  test('whatever listed scenario is saved is loaded', () => {
    fc.assert(
      fc.property(anyScenario, anyListedPlan, fc.string({ unit: 'binary' }), (any, plan, name) => {
        const finding = { ...twice, scenario: { ...any, plan } }
        const path = saveCounterexample(testFile, name, finding)
        expect(loadCounterexamples(testFile, name).problems).toStrictEqual([])
        expect(loadCounterexamples(testFile, name).found).toHaveLength(1)
        expect(saveCounterexample(testFile, name, readCounterexample(path))).toBe(path)
        rmSync(path)
      }),
      { numRuns: 200 },
    )
  })

  test('a file of version 1 is read, and finding the same failure again replaces it', () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const v1 = readFileSync(path, 'utf8')
      .replace('"version": 2', '"version": 1')
      .replace('"kind": "too-many", "of": "charge"', '"class": "too many charge"')
    rmSync(path)
    const old = put('old.json', v1)

    const [found] = loadCounterexamples(testFile, 'pay').found

    expect(found?.violated).toStrictEqual(twice.violated)
    expect(saveCounterexample(testFile, 'pay', twice)).toBe(old)
    expect(readFileSync(old, 'utf8')).toContain('"kind": "too-many", "of": "charge"')
    expect(files()).toStrictEqual(['old.json'])
  })

  test('a counterexample noun is saved with its reason and its history’s hash', () => {
    const history = { events: [], readings: [], notes: [] }
    const reason: Reason = { kind: 'too-many', of: 'charge', text: 'Charged twice.', events: [] }
    expect(
      findingOf({ scenario, history, violation: { invariant: 'once', reason }, necessity: [], executions: 3 }),
    ).toStrictEqual({
      scenario,
      hash: historyHash(history),
      violated: { invariant: 'once', kind: 'too-many', of: 'charge', text: 'Charged twice.' },
    })
  })
})

describe('a process killed while it saves', () => {
  test('leaves a temporary file that is passed over, and the old file whole', () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const text = readFileSync(path, 'utf8')
    const name = path.slice(directory.length + 1)
    put(`.${name}.12345-0.tmp`, text.slice(0, 100))
    expect(loadCounterexamples(testFile, 'pay')).toStrictEqual({ found: [readCounterexample(path)], problems: [] })
    saveCounterexample(testFile, 'pay', { ...twice, hash: 'ff' })
    expect(loadCounterexamples(testFile, 'pay').found.map((saved) => saved.hash)).toStrictEqual(['ff'])
  })

  test('at any moment its file is whole: killed over and over', { tags: ['full'] }, async () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const code = `
      const { saveCounterexample } = await import(${JSON.stringify(new URL('../../src/saved/saved.ts', import.meta.url).href)})
      const twice = ${JSON.stringify(twice)}
      for (let i = 0; ; i++) {
        saveCounterexample(${JSON.stringify(testFile)}, 'pay', { ...twice, hash: String(i) })
        if (i === 0) console.log('saving')
      }`
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      for (let look = 0; look < 10 * round; look++) expect(loadCounterexamples(testFile, 'pay').found).toHaveLength(1)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(loadCounterexamples(testFile, 'pay').problems).toStrictEqual([])
      expect(readCounterexample(path)).toMatchObject({ ...twice, hash: expect.stringMatching(/^\d+$/) as string })
    }
    expect(files().filter((name) => !name.startsWith('.'))).toHaveLength(1)
  })

  test('two that save at once, tests of one folder, lose nothing', async () => {
    const code = `
      const { saveCounterexample } = await import(${JSON.stringify(new URL('../../src/saved/saved.ts', import.meta.url).href)})
      const { workerData: { testFile, twice, name } } = await import('node:worker_threads')
      for (let i = 0; i < 50; i++) for (const test of [name, 'shared']) saveCounterexample(testFile, test, { ...twice, hash: String(i) })`
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`)
    await Promise.all(
      ['a', 'b'].map(
        (name) =>
          new Promise<void>((resolve, reject) => {
            new Worker(url, { workerData: { testFile, twice, name } })
              .once('error', reject)
              .once('exit', () => resolve())
          }),
      ),
    )
    for (const name of ['a', 'b', 'shared']) {
      expect(loadCounterexamples(testFile, name).problems).toStrictEqual([])
      expect(loadCounterexamples(testFile, name).found.map((saved) => saved.hash)).toStrictEqual(['49'])
    }
    expect(files()).toHaveLength(3)
  })
})

describe('loading', () => {
  test('no folder: nothing', () => {
    expect(loadCounterexamples(testFile, 'pay')).toStrictEqual({ found: [], problems: [] })
  })

  test('a folder that cannot be read is a problem', () => {
    writeFileSync(directory, 'a file')
    const { found, problems } = loadCounterexamples(testFile, 'pay')
    expect(found).toStrictEqual([])
    expect(problems.map(String)).toStrictEqual([
      expect.stringMatching(/Cannot read the saved counterexamples in .*__counterexamples__: ENOTDIR/),
    ])
  })

  test('in the order of file names, this test’s only', () => {
    const text = readFileSync(saveCounterexample(testFile, 'pay', twice), 'utf8')
    rmSync(directory, { recursive: true })
    for (const name of ['b.json', 'a.json', 'Z.json']) put(name, text.replace('"1a2b3c"', `"${name}"`))
    put('c.json', text.replace('"name": "pay"', '"name": "refund"'))
    put('readme.md', 'about these files')
    put('d.json', `\uFEFF${text}`)
    expect(loadCounterexamples(testFile, 'pay').found.map((saved) => saved.hash)).toStrictEqual([
      'Z.json',
      'a.json',
      'b.json',
      '1a2b3c',
    ])
    expect(loadCounterexamples(testFile, 'refund').found.map((saved) => saved.path)).toStrictEqual([
      join(directory, 'c.json'),
    ])
  })

  test('a test file that was renamed keeps what was saved under its old name', () => {
    saveCounterexample(testFile, 'pay', twice)
    const renamed = join(folder, 'payment.test.ts')
    writeFileSync(renamed, '')
    expect(loadCounterexamples(renamed, 'pay').found).toHaveLength(0) // it is another file’s still
    rmSync(testFile)
    expect(loadCounterexamples(renamed, 'pay').found).toHaveLength(1)
    saveCounterexample(renamed, 'pay', twice)
    expect(files()).toHaveLength(1)
    expect(loadCounterexamples(renamed, 'pay').found.map((saved) => saved.test.file)).toStrictEqual(['payment.test.ts'])
  })

  const cases: readonly (readonly [string, (text: string) => string, string])[] = [
    ['half a file', (text) => text.slice(0, text.length / 2), 'it is not JSON ('],
    ['nothing', () => '\n', 'it is empty.'],
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
      'an unknown kind',
      (text) => text.replace('"lose"', '"losse"'),
      'scenario.plan.faults[0].kind is "losse", which is no kind of fault here',
    ],
    [
      'a folder in its test file',
      (text) => text.replace('"checkout', '"../checkout'),
      'test.file is "../checkout.test.ts". Expected a file\'s name without folders',
    ],
    ['no kind of failure', (text) => text.replace('"kind": "too-many", ', ''), 'violated.kind is missing'],
    [
      'an unknown kind of failure',
      (text) => text.replace('"too-many"', '"to-many"'),
      'violated.kind is "to-many", which is no kind of failure. Was it changed by hand',
    ],
    ['an odd hash', (text) => text.replace('"1a2b3c"', '7'), 'hash is 7. Expected a text'],
  ]
  test.each(cases)('%s is a problem that names the file, and the file is kept byte for byte', (_, broken, message) => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const bytes = broken(readFileSync(path, 'utf8'))
    writeFileSync(path, bytes)
    const { found, problems } = loadCounterexamples(testFile, 'pay')
    expect(found).toStrictEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(`Cannot read ${path}: `)
    expect(problems[0]?.message).toContain(message)
    expect(problems[0]?.message).toMatch(
      / The file is kept as it is: correct it, or delete it to drop this counterexample\.$/,
    )
    expect(readFileSync(path, 'utf8')).toBe(bytes)
    expect(() => readCounterexample(path)).toThrow(message)
  })

  test('a broken file troubles its own test only; one that tells nothing troubles all', () => {
    const path = saveCounterexample(testFile, 'pay', twice)
    const text = readFileSync(path, 'utf8')
    const troubled = (name: string): number => loadCounterexamples(testFile, name).problems.length
    for (const broken of [text.slice(0, 200), text.replace('"version": 2', '"version": 3'), '']) {
      writeFileSync(path, broken)
      expect([troubled('pay'), troubled('refund')]).toStrictEqual([1, 0])
    }
    renameSync(path, join(directory, 'mine.json'))
    expect([troubled('pay'), troubled('refund')]).toStrictEqual([1, 1])
  })

  test('a folder that is named like a file is a problem', () => {
    mkdirSync(join(directory, 'x.json'), { recursive: true })
    expect(loadCounterexamples(testFile, 'pay').problems.map(String)).toStrictEqual([
      expect.stringMatching(/Cannot read .*x\.json: EISDIR/),
    ])
  })
})

describe('slug', () => {
  test('is readable and safe in any file system', () => {
    expect(slug('an order is charged / once 💸')).toBe('an-order-is-charged-once')
    expect(slug('../../etc/passwd')).toBe('etc-passwd')
    expect(slug('C:\\x | "y" <z>?*\0\n')).toBe('c-x-y-z')
    expect(slug('Bestellung für Zoë')).toBe('bestellung-für-zoë')
    expect(slug('注文は一度だけ請求される')).toBe('注文は一度だけ請求される')
    expect(slug('💸')).toBe('test')
    expect(slug('')).toBe('test')
    expect(slug('\ud800x')).toBe('x')
  })

  test('is bounded in bytes, whole in characters, and the same for both ways to write an accent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        expect(Buffer.byteLength(slug(name))).toBeLessThanOrEqual(80)
        expect(slug(name)).toMatch(/^[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*$/u)
        expect(slug(name).isWellFormed()).toBe(true)
      }),
    )
    expect(Buffer.byteLength(slug('語'.repeat(500)))).toBe(78)
    expect(slug('caf\u0065\u0301')).toBe(slug('caf\u00e9'))
  })

  test('tests that are alike but for what a file name cannot hold have files of their own', () => {
    const names = ['a/b', 'a b', 'A B', 'a-b', '💸', '💰', '', 'x'.repeat(500), `${'x'.repeat(500)}y`]
    const paths = names.map((name) => saveCounterexample(testFile, name, twice))
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(names.length)
    for (const [index, name] of names.entries()) {
      expect(loadCounterexamples(testFile, name).found.map(({ path }) => path)).toStrictEqual([paths[index]])
    }
  })
})

describe('validateAgainst', () => {
  const known = { nodes: ['shop', 'bank'], operations: ['pay'], stores: ['db'], outside: ['api.stripe.com'] }
  const messages = (it: Scenario, names: Parameters<typeof validateAgainst>[1] = known): readonly string[] =>
    validateAgainst(it, names, 'order.json').map(({ message }) => message)
  const struck = (...faults: readonly Fault[]): Scenario => ({ ...scenario, plan: listed(faults) })

  test('a scenario whose names are all there', () => {
    expect(messages(scenario)).toStrictEqual([])
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'shop', to: 'api.stripe.com' } }))).toStrictEqual([])
    expect(
      messages(struck({ kind: 'crash', at: { ...reply, from: 'bank', to: 'db' }, node: 'bank', restartAfterMs: 0 })),
    ).toStrictEqual([])
    expect(messages({ ...scenario, plan: { kind: 'drawn', seed: 1, rates: {}, maxFaults: 1 } })).toStrictEqual([])
  })

  test('an unknown node, with what there is', () => {
    expect(
      messages(struck({ kind: 'lose', at: { ...reply, to: 'pay' } }), { nodes: ['shop', 'bank'], operations: ['pay'] }),
    ).toStrictEqual([
      'Cannot replay order.json: node "pay" is unknown (have "shop", "bank"). Was it renamed? ' +
        'Write its name of today into the file, or delete the file if it is obsolete.',
    ])
    expect(messages(struck({ kind: 'lose', at: { ...reply, from: 'bonk' } }))[0]).toContain(
      'node "bonk" is unknown (have "shop", "bank"). Was it renamed to "bank"?',
    )
    expect(messages(struck({ kind: 'crash', at: reply, node: 'shopp', restartAfterMs: 0 }))[0]).toContain(
      'node "shopp" is unknown',
    )
    expect(messages(struck({ kind: 'lose', at: { ...reply, to: 'dbs' } }))[0]).toContain(
      'node or store "dbs" is unknown (have "shop", "bank", "db", "api.stripe.com"). Was it renamed to "db"?',
    )
  })

  test('an unknown side of a partition; it may be a node, a host or every client', () => {
    const cut = (...side: readonly string[]): Scenario =>
      struck({ kind: 'partition', at: reply, side: ['shop'], other: side, way: 'both' })
    expect(messages(cut('client', 'bank', 'api.stripe.com'))).toStrictEqual([])
    expect(messages(cut('bank', 'bonk'))[0]).toContain('"bonk" is unknown')
  })

  test('an unknown host, unless any host may be', () => {
    const elsewhere = struck({ kind: 'lose', at: { ...reply, from: 'shop', to: 'api.strip.com' } })
    expect(messages(elsewhere)[0]).toContain(
      'outside host "api.strip.com" is unknown (have "api.stripe.com"). Was it renamed to "api.stripe.com"?',
    )
    expect(messages(elsewhere, { nodes: known.nodes, operations: known.operations })).toStrictEqual([])
  })

  test('an unknown operation, once however often it is invoked', () => {
    const [pay] = scenario.workload.invocations
    const invocations =
      pay === undefined
        ? []
        : [
            { ...pay, operation: 'pya' },
            { ...pay, id: 1, operation: 'pya' },
          ]
    expect(messages({ ...scenario, workload: { invocations } })).toStrictEqual([
      expect.stringContaining('Cannot replay order.json: operation "pya" is unknown (have "pay"). Was it renamed'),
    ])
    expect(messages(scenario, { nodes: ['shop'], operations: [] })[0]).toContain(
      'operation "pay" is unknown (have none). Was it renamed?',
    )
  })
})
