// Orphans: counterexamples whose test was renamed are named, with what to do; by the file's own tests in vitest, once.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noFaults } from 'two-generals'
import { named } from './one-finding.ts'
import { orphans } from '../../src/saved/orphans.ts'
import { counterexamplesOf } from '../../src/saved/counterexample-files.ts'
import { saveCounterexample } from '../../src/saved/save-counterexample.ts'
import type { Finding } from '../../src/saved/saved-counterexample.ts'

const root = resolve(import.meta.dirname, '../..')
const finding: Finding = {
  violated: { invariant: 'noHang', kind: 'pending', of: 'pay', text: 'It hangs.' },
  scenario: { workload: { invocations: [] }, plan: noFaults, seed: 1 },
}

let folder = ''
let testFile = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-generals-orphans-'))
  testFile = join(folder, 'checkout.test.ts')
  writeFileSync(testFile, '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('none where each belongs to a test, or there is none', () => {
  expect(orphans(testFile, [named('an order is charged once')])).toEqual([])
  saveCounterexample(testFile, named('an order is charged once'), finding)
  expect(orphans(testFile, ['another', 'an order is charged once'].map(named))).toEqual([])
})

test('one whose test was renamed, with the name that is most like it', () => {
  const path = saveCounterexample(testFile, named('an order is charged once'), finding)
  expect(orphans(testFile, [{ suites: ['shop'], name: 'an order is charged once' }, named('x')])).toEqual([
    `${path} is not replayed: checkout.test.ts has no test "an order is charged once". ` +
      'Was it renamed? Write "suites": ["shop"], "name": "an order is charged once" into the file, under test, or ' +
      'delete the file.',
  ])
  expect(orphans(testFile, [named('x')])[0]).toContain(
    'Write the current names into the file, under test.suites and test.name, or delete the file.',
  )
})

test('those of other files are theirs, and what cannot be read is passed over', () => {
  saveCounterexample(join(folder, 'other.test.ts'), named('gone'), finding)
  writeFileSync(join(counterexamplesOf(testFile), 'bad.json'), '{')
  expect(orphans(testFile, [named('here')])).toEqual([])
})

test('vitest says so once a file, and replays what was not renamed', { tags: ['full'], timeout: 60_000 }, async () => {
  for (const name of ['still here', 'case 1', 'gone']) saveCounterexample(testFile, { suites: ['shop'], name }, finding)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { resolve } from ${JSON.stringify(join(root, 'vitest.config.ts'))}\nexport default { resolve }\n`,
  )
  writeFileSync(
    testFile,
    `
    import * as fc from 'fast-check'
    import { describe } from 'vitest'
    import { noHang, op, serve } from 'two-generals'
    import { testResilience } from 'two-generals/vitest'
    const go = op('go', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }), { timeout: 1_000 })
    const shop = serve(() => () => new Response())
    const system = { nodes: { shop }, operations: [go], invariants: [noHang()], tolerates: [] }
    describe('shop', () => {
      testResilience('still here', { numRuns: 1 }, system)
      testResilience('added', { numRuns: 1 }, system)
      testResilience.each([1])('case %s', { numRuns: 1 }, () => system)
    })
  `,
  )
  const { stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '-t', 'still here'],
    { cwd: folder, env: { ...process.env, NO_COLOR: '1' } },
  )
  const told = stripVTControlCharacters(stderr)
    .split('\n')
    .filter((line) => line.includes('is not replayed'))
  expect(told).toEqual([
    expect.stringMatching(
      /^__counterexamples__\/shop-gone-\w+\.json is not replayed: checkout\.test\.ts has no test "shop > gone"\. /,
    ),
  ])
})
