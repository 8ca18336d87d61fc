// scenario() under `test.prop` of @fast-check/vitest, in a project of its own: what holds passes; what fails says its
// seed and path, and they replay.
// @module-tag full
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** A shop that charges whenever it is asked to, and properties of it. */
const properties = (failing: string): string => `
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { exactlyOnce, journal, noHang, op, scenario, serve, simulate } from 'two-generals'

const charge = journal('charge')
const pay = op('pay', fc.record({ order: fc.uuid() }, { noNullPrototype: true }),
  (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }), { retries: 2, timeout: 5_000 })
const once = exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))
const system = {
  nodes: { shop: serve(() => async (request) => { charge.add(await request.json()); return new Response() }) },
  operations: [pay], invariants: [once],
}

test.prop([scenario(system)], { seed: 1, numRuns: 20 })('holds', async (one) => {
  expect(noHang().check(await simulate(system, one)).kind).toBe('holds')
})
test.prop({ one: scenario(system), n: fc.nat() }, { seed: 1, numRuns: 20 })('holds by name', async ({ one, n }) => {
  expect(n).toBeGreaterThanOrEqual(0)
  expect(noHang().check(await simulate(system, one)).kind).toBe('holds')
})
test.prop([scenario(system)], ${failing})('fails', async (one) => {
  expect(once.check(await simulate(system, one)).kind).not.toBe('violated')
})
`

interface Result {
  readonly title: string
  readonly status: string
  readonly message: string
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

describe('scenario under test.prop', () => {
  let folder = ''
  let results: readonly Result[] = []

  const run = async (failing: string): Promise<readonly Result[]> => {
    writeFileSync(join(folder, 'props.test.ts'), properties(failing))
    await promisify(execFile)(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', '--outputFile=report.json'],
      { cwd: folder },
    ).catch(() => undefined) // one property fails, as it should
    const { testResults } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
    return testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ title, status, failureMessages }) => ({
        title,
        status,
        message: stripVTControlCharacters(failureMessages.join('\n')),
      })),
    )
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'two-generals-prop-'))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
    writeFileSync(
      join(folder, 'vitest.config.ts'),
      `import { resolve } from ${JSON.stringify(join(root, 'vitest.config.ts'))}\nexport default { resolve }\n`,
    )
    results = await run('{ seed: 1, numRuns: 200 }')
  }, 60_000) // a whole vitest, on a busy machine
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('what holds passes', () => {
    expect(results.map(({ title, status }) => [title.replace(/ \(.*/, ''), status])).toEqual([
      ['holds', 'passed'],
      ['holds by name', 'passed'],
      ['fails', 'failed'],
    ])
  })

  test('what fails says its seed, path and scenario, which replay', async () => {
    const { message } = results[2] ?? { message: '' }
    expect(message).toMatch(/Property failed after \d+ tests/)
    expect(message).toMatch(/Shrunk [1-9]\d* time/)
    expect(counterexample(message)).toContain('"operation":"pay"')
    const path = /path: "([\d:]+)"/.exec(message)?.[1] ?? ''
    const [, , again] = await run(`{ seed: 1, path: '${path}', endOnFailure: true }`)
    expect(again?.message).toContain('Shrunk 0 time')
    expect(counterexample(again?.message ?? '')).toBe(counterexample(message))
  }, 60_000)
})

function counterexample(message: string): string {
  return /^Counterexample: (.*)$/m.exec(message)?.[1] ?? ''
}
