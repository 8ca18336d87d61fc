// Each optional entry can be deleted, and the rest neither notices when it is compiled nor when it runs.
// @module-tag full
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A bug that the core alone finds and tells. */
const coreTest = `
import * as fc from 'fast-check'
import { assess, exactlyOnce, formatAssessment, journal, op, serve } from './src/index.ts'

const charge = journal('charge')
const pay = op('pay', fc.record({ order: fc.uuid() }), (order) =>
  fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }), { retries: 2, timeout: 5_000 })
const shop = serve(() => async (request) => {
  charge.add(await request.json())
  return new Response()
})
const invariants = [exactlyOnce(pay.by(({ order }) => order), charge.by(({ order }) => order))]
const assessment = await assess({ nodes: { shop }, operations: [pay], invariants }, { numRuns: 5 })
console.log(formatAssessment(assessment, { test: 'an order is charged once' }))
`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-generals-rings-'))
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const inVitest = ['vitest.ts', 'verify.ts', 'open-given.ts', 'assess-saved.ts', 'oracle', 'findings']

test.each([
  ['vitest', inVitest],
  ['jepsen', ['jepsen.ts', 'read', 'cli']],
  ['as-if-alone and two-generals/vitest', ['as-if-alone.ts', 'alone', ...inVitest]],
  ['postgres', ['postgres.ts', 'store/postgres']],
  ['queues', ['queues.ts', 'queue']],
  ['redis', ['redis.ts', 'store/redis']],
  ['stores', ['stores.ts', 'store/d1', 'transport/instrument.ts']],
  ['lambda and two-generals/queues', ['lambda.ts', 'transport/lambda', 'queues.ts', 'queue']],
  ['tolerance', ['tolerance.ts', 'tolerance']],
  ['conformance', ['conformance.ts', 'conformance']],
])('without two-generals/%s', async (_entry, parts) => {
  for (const part of parts) rmSync(join(folder, 'src', part), { recursive: true })
  writeFileSync(join(folder, 'core.js'), coreTest)

  const compiled = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit'], {
    cwd: folder,
  })
  const told = run(process.execPath, ['core.js'], { cwd: folder })

  await expect(compiled).resolves.toEqual({ stdout: '', stderr: '' })
  expect((await told).stdout).toContain('charge happened twice')
})
