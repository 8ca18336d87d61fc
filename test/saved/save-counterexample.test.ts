import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyHash } from '../../src/history/history-bytes.ts'
import { counterexamplesOf } from '../../src/saved/counterexample-files.ts'
import { loadCounterexamples } from '../../src/saved/load-counterexamples.ts'
import { saveCounterexample } from '../../src/saved/save-counterexample.ts'
import { findingOf, type Finding } from '../../src/saved/saved-counterexample.ts'
import type { Reason } from '../../src/verdict/reason.ts'
import { anyCharacter, anyListedPlan, anyScenario } from '../arbitraries.ts'
import { amount } from '../full.ts'
import { invoking, scenario, named, TemporaryTestFile, twice } from './one-finding.ts'

const file = new TemporaryTestFile()

/** The hashes of what a test finds: in these tests they tell one save from another. */
function hashesOf(testName: string): readonly (string | undefined)[] {
  return loadCounterexamples(file.path, named(testName)).found.map(({ hash }) => hash)
}

describe('a finding that is saved', () => {
  test('is a small readable file beside the test', () => {
    const path = saveCounterexample(file.path, named('an order is charged once'), twice)

    expect(dirname(path)).toBe(counterexamplesOf(file.path))
    expect(file.saved).toStrictEqual([expect.stringMatching(/^an-order-is-charged-once-[0-9a-f]{10}\.json$/)])
    expect(readFileSync(path, 'utf8')).toBe(`{
  "format": "two-generals/counterexample",
  "version": 2,
  "test": {
    "file": "checkout.test.ts",
    "suites": [],
    "name": "an order is charged once"
  },
  "violated": {
    "invariant": "exactlyOnce(pay, charge)",
    "kind": "too-many",
    "of": "charge",
    "text": "Order order#0 was charged twice."
  },
  "scenario": {
    "format": "two-generals/scenario",
    "version": 1,
    "seed": 1,
    "workload": {
      "invocations": [
        {
          "id": 0,
          "operation": "pay",
          "client": 0,
          "afterMs": 0,
          "input": { "order": "3f0c" }
        }
      ]
    },
    "plan": {
      "kind": "listed",
      "faults": [
        {
          "kind": "lose",
          "at": {
            "root": "pay#0",
            "from": "client",
            "to": "shop",
            "operation": "POST /orders",
            "key": "order#0",
            "leg": "reply",
            "nth": 1
          }
        }
      ]
    }
  },
  "hash": "1a2b3c"
}
`)
  })

  test('is found again by its test', () => {
    const path = saveCounterexample(file.path, named('an order is charged once'), twice)

    expect(loadCounterexamples(file.path, named('an order is charged once'))).toStrictEqual({
      found: [{ ...twice, path, test: { file: 'checkout.test.ts', suites: [], name: 'an order is charged once' } }],
      problems: [],
    })
  })

  test('is loaded whatever its scenario and its test’s name are', () => {
    fc.assert(
      fc.property(anyScenario, anyListedPlan, fc.string({ unit: anyCharacter }), (any, plan, name) => {
        const path = saveCounterexample(file.path, named(name), { ...twice, scenario: { ...any, plan } })

        const { found, problems } = loadCounterexamples(file.path, named(name))

        expect(problems).toStrictEqual([])
        expect(found).toHaveLength(1)
        for (const again of found) expect(saveCounterexample(file.path, named(name), again)).toBe(path)
        rmSync(path)
      }),
      { numRuns: amount(200) },
    )
  })

  test('has the reason of its counterexample and the hash of its history', () => {
    const history = { events: [], readings: [], notes: [] }
    const reason: Reason = { kind: 'too-many', of: 'charge', text: 'Charged twice.', events: [] }
    const violation = { invariant: 'once', reason }

    expect(findingOf({ scenario, history, violation, necessity: [], executions: 3 })).toStrictEqual({
      scenario,
      hash: historyHash(history),
      violated: { invariant: 'once', kind: 'too-many', of: 'charge', text: 'Charged twice.' },
    })
  })
})

describe('which file is written', () => {
  test('the same violation again replaces its file', () => {
    const smaller: Finding = { ...twice, hash: 'smaller' }
    const path = saveCounterexample(file.path, named('pay'), twice)

    expect(saveCounterexample(file.path, named('pay'), smaller)).toBe(path)

    expect(hashesOf('pay')).toStrictEqual(['smaller'])
  })

  test('another failure, invariant, test or test file gets a file of its own', () => {
    const otherFailure: Finding = { ...twice, violated: { ...twice.violated, kind: 'missing' } }
    const otherInvariant: Finding = { ...twice, violated: { ...twice.violated, invariant: 'noHang' } }
    const otherFile = join(file.folder, 'refund.test.ts')
    writeFileSync(otherFile, '')

    const ofPay = [twice, otherFailure, otherInvariant].map((finding) =>
      saveCounterexample(file.path, named('pay'), finding),
    )
    const ofOthers = [
      saveCounterexample(file.path, named('refund'), twice),
      saveCounterexample(otherFile, named('pay'), twice),
    ]

    expect(new Set([...ofPay, ...ofOthers]).size).toBe(5) // three of pay, two of others
    expect(file.saved).toHaveLength(5)
    expect(loadCounterexamples(file.path, named('pay')).found.map(({ path }) => path)).toStrictEqual(ofPay.toSorted())
  })

  test('tests whose names differ only in what a file name cannot hold have files of their own', () => {
    const names = ['a/b', 'a b', 'A B', 'a-b', '💸', '💰', '', 'x'.repeat(500), `${'x'.repeat(500)}y`]

    const paths = names.map((name) => saveCounterexample(file.path, named(name), twice))

    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(names.length)
    for (const [index, name] of names.entries()) {
      expect(loadCounterexamples(file.path, named(name)).found.map(({ path }) => path)).toStrictEqual([paths[index]])
    }
  })

  test('a file that the user has renamed is still the one that is replaced', () => {
    const renamed = join(file.directory, 'double-charge.json')
    renameSync(saveCounterexample(file.path, named('pay'), twice), renamed)

    expect(saveCounterexample(file.path, named('pay'), { ...twice, hash: 'again' })).toBe(renamed)

    expect(file.saved).toStrictEqual(['double-charge.json'])
    expect(hashesOf('pay')).toStrictEqual(['again'])
  })

  test('a file of version 1 is replaced by one of version 2', () => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    const v1 = readFileSync(path, 'utf8')
      .replace('"version": 2', '"version": 1')
      .replace(/"kind": "too-many",\s*"of": "charge"/, '"class": "too many charge"')
    rmSync(path)
    const old = file.put('old.json', v1)

    const [found] = loadCounterexamples(file.path, named('pay')).found

    expect(found?.violated).toStrictEqual(twice.violated)
    expect(saveCounterexample(file.path, named('pay'), twice)).toBe(old)
    expect(readFileSync(old, 'utf8')).toMatch(/"kind": "too-many",\s*"of": "charge"/)
    expect(file.saved).toStrictEqual(['old.json'])
  })

  test('equal content is not written again', () => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    utimesSync(path, 1, 1) // seconds

    saveCounterexample(file.path, named('pay'), twice)

    expect(statSync(path).mtimeMs).toBe(1_000)
  })

  test.each([
    ['is no JSON', () => '{ "format": "two-generals/coun'],
    ['has another format', () => '{"a":1}'],
    ['has a newer version', (text: string) => text.replace('"version": 2', '"version": 3')],
    ['has a newer scenario', (text: string) => text.replace(/("two-generals\/scenario",\s*"version": )1/, '$12')],
    ['has a field of the future', (text: string) => text.replace('"test":', '"later": 1, "test":')],
    ['is empty', () => ''],
  ])('a file that %s is never replaced', (_, broken) => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    const bytes = broken(readFileSync(path, 'utf8'))
    writeFileSync(path, bytes)

    const other = saveCounterexample(file.path, named('pay'), twice)

    expect(other).toBe(path.replace('.json', '-2.json'))
    expect(readFileSync(path, 'utf8')).toBe(bytes)
    expect(saveCounterexample(file.path, named('pay'), { ...twice, hash: 'again' })).toBe(other)
    expect(hashesOf('pay')).toStrictEqual(['again'])
  })
})

describe('what cannot be saved', () => {
  test('is reported where all names of its file are taken', () => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    writeFileSync(path, 'broken')
    for (let n = 2; n <= 100; n++) writeFileSync(path.replace('.json', `-${n}.json`), 'broken')

    expect(() => saveCounterexample(file.path, named('pay'), twice)).toThrow(
      /Cannot save the counterexample of "pay" in .*\.json and 99 names like it are taken/,
    )

    expect(file.saved).toHaveLength(100)
  })

  test('is reported where its folder cannot be made, with what to do', () => {
    writeFileSync(file.directory, 'a file')

    expect(() => saveCounterexample(file.path, named('pay'), twice)).toThrow(
      /Cannot save the counterexample of "pay" in .*EEXIST.*make the folder writable/,
    )

    expect(readFileSync(file.directory, 'utf8')).toBe('a file')
  })

  test('is refused before anything is touched where its scenario is not JSON', () => {
    const odd: Finding = { ...twice, scenario: invoking({ input: Symbol('x') }) }
    const drawn: Finding = {
      ...twice,
      scenario: { ...scenario, plan: { kind: 'drawn', seed: 1, rates: {}, maxFaults: 1 } },
    }

    expect(() => saveCounterexample(file.path, named('pay'), odd)).toThrow('workload.invocations[0].input is a symbol')
    expect(() => saveCounterexample(file.path, named('pay'), drawn)).toThrow('Bug: only listed plans are saved')

    expect(readdirSync(file.folder)).toStrictEqual(['checkout.test.ts'])
  })
})
