// Saving is safe against a process that is killed, and against two processes that save at once: real processes, real
// workers.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { loadCounterexamples } from '../../src/saved/load-counterexamples.ts'
import { saveCounterexample } from '../../src/saved/save-counterexample.ts'
import { named, TemporaryTestFile, twice } from './one-finding.ts'

const file = new TemporaryTestFile()
const saveModule = JSON.stringify(new URL('../../src/saved/save-counterexample.ts', import.meta.url).href)

describe('a process killed while it saves', () => {
  test('leaves a temporary file that is passed over, and the old file whole', () => {
    const path = saveCounterexample(file.path, named('pay'), twice)
    const half = readFileSync(path, 'utf8').slice(0, 100)
    file.put(`.${basename(path)}.12345-0.tmp`, half)

    const { found, problems } = loadCounterexamples(file.path, named('pay'))
    saveCounterexample(file.path, named('pay'), { ...twice, hash: 'again' })

    expect(problems).toStrictEqual([])
    expect(found.map(({ hash }) => hash)).toStrictEqual([twice.hash])
    expect(loadCounterexamples(file.path, named('pay')).found.map(({ hash }) => hash)).toStrictEqual(['again'])
  })

  test('leaves a whole file at any moment: killed over and over', { tags: ['full'] }, async () => {
    saveCounterexample(file.path, named('pay'), twice)
    const code = `
      const { saveCounterexample } = await import(${saveModule})
      const twice = ${JSON.stringify(twice)}
      for (let i = 0; ; i++) {
        saveCounterexample(${JSON.stringify(file.path)}, { suites: [], name: 'pay' }, { ...twice, hash: String(i) })
        if (i === 0) console.log('saving')
      }`
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      for (let look = 0; look < 10 * round; look++) {
        expect(loadCounterexamples(file.path, named('pay')).found).toHaveLength(1)
      }

      child.kill('SIGKILL')
      await once(child, 'exit')

      const { found, problems } = loadCounterexamples(file.path, named('pay'))
      expect(problems).toStrictEqual([])
      expect(found).toMatchObject([{ ...twice, hash: expect.stringMatching(/^\d+$/) as string }])
    }
    expect(file.saved.filter((name) => !name.startsWith('.'))).toHaveLength(1)
  })

  test('leaves a temporary file, which the next test of that folder sweeps: those of living ones stay', async () => {
    const gone = spawn(process.execPath, ['--eval', ''])
    await once(gone, 'exit')
    file.put(`.pay-1.json.${gone.pid}-0.tmp`, '{')
    file.put('.of-somebody-else.tmp', '')
    const writing = basename(file.put(`.pay-2.json.${process.pid}-7.tmp`, '{'))

    expect(loadCounterexamples(file.path, named('pay'))).toStrictEqual({ found: [], problems: [] })
    expect(file.saved).toStrictEqual(['.of-somebody-else.tmp', writing])
  })
})

test('two that save at once, tests of one folder, lose nothing', { tags: ['full'] }, async () => {
  const last = 49
  const code = `
    const { saveCounterexample } = await import(${saveModule})
    const { workerData: { testFile, twice, name } } = await import('node:worker_threads')
    for (let i = 0; i <= ${last}; i++)
      for (const test of [name, 'shared'])
        saveCounterexample(testFile, { suites: [], name: test }, { ...twice, hash: String(i) })`
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`)
  const saving = (name: string): Promise<unknown> =>
    once(new Worker(url, { workerData: { testFile: file.path, twice, name } }), 'exit')

  await Promise.all([saving('a'), saving('b')])

  for (const name of ['a', 'b', 'shared']) {
    const { found, problems } = loadCounterexamples(file.path, named(name))
    expect(problems).toStrictEqual([])
    expect(found.map(({ hash }) => hash)).toStrictEqual([String(last)])
  }
  expect(file.saved).toHaveLength(3)
})
