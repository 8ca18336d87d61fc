// TWO_GENERALS_ONLY runs one saved scenario, once, in the test that it is of: for a debugger.
// @module-tag full
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shopHead, VitestProject, type VitestRun } from './vitest-project.ts'

describe('TWO_GENERALS_ONLY', () => {
  const project = new VitestProject()
  const only = (path: string): Promise<VitestRun> => project.run([], { TWO_GENERALS_ONLY: path })
  const tests = (handler: string): string => `${shopHead}
    const counted = shop(async (request) => {
      handled += 1
      charge.add(await request.json())
      return new Response()
    })
    let handled = 0
    describe('till', () => { testResilience('broken', { numRuns: 5 }, ${handler}) })
    testResilience('till broken', { numRuns: 5 }, naive)
    test('count', () => { console.log('HANDLED ' + handled + ' REQUESTS') })`
  let file = ''
  beforeAll(async () => {
    project.write('checkout.test.ts', tests('counted'))
    await project.run(['-t', '^till( >)? broken$', 'checkout.test.ts'])
    const isOfBlock = (name: string): boolean => project.read(`__counterexamples__/${name}`).includes('["till"]')
    file = project.list('__counterexamples__').find(isOfBlock) ?? ''
  }, 120_000)
  afterAll(() => project.remove())

  test('runs that scenario once, in its own test, and saves nothing', { timeout: 60_000 }, async () => {
    const before = project.list('__counterexamples__')
    const { statuses, stdout, failures } = await only(`__counterexamples__/${file}`)

    expect(statuses).toEqual({ 'till / broken': 'failed', 'till broken': 'skipped', count: 'passed' })
    expect(stdout).toContain('HANDLED 2 REQUESTS')
    expect(failures['till / broken']).toContain('charge happened twice for order#0')
    expect(failures['till / broken']).toMatch(/Explored +1 saved counterexample first; seed/)
    expect(project.list('__counterexamples__')).toEqual(before)
  })

  test('is green where the scenario shows nothing any more', { timeout: 60_000 }, async () => {
    project.write('checkout.test.ts', tests('sound'))
    const { statuses, stderr } = await only(`__counterexamples__/${file}`)

    expect(statuses['till / broken']).toBe('passed')
    expect(stderr).toContain('exactlyOnce(pay, charge): holds in 1 history')
  })

  test('says which test it is of where nothing of it runs', { timeout: 60_000 }, async () => {
    const path = `__counterexamples__/${file}`
    const run = await project.run(['-t', 'count'], { TWO_GENERALS_ONLY: path })

    expect(run.code).toBe(0)
    const said = `TWO_GENERALS_ONLY=${path}: of all resilience tests, only "till > broken" of checkout.test.ts runs, once`
    expect(run.stderr.split(said)).toHaveLength(2)
  })

  test(
    'is one error where there is no such file, whatever the number of tests and files',
    { timeout: 60_000 },
    async () => {
      project.write('other.test.ts', tests('naive'))
      const { failures, statuses, code } = await only('__counterexamples__/none.json')

      expect(code).toBe(1)
      expect(Object.values(failures)).toEqual([
        expect.stringMatching(
          /TWO_GENERALS_ONLY=__counterexamples__\/none\.json: there is no such file in .*Give the path/,
        ),
      ])
      expect(statuses['count']).toBe('passed')
    },
  )

  test('is one error where the test was renamed', { timeout: 60_000 }, async () => {
    project.write('checkout.test.ts', tests('sound').replaceAll("'broken'", "'mended'"))
    const { failures, code } = await only(`__counterexamples__/${file}`)

    expect(code).toBe(1)
    expect(Object.values(failures)).toEqual([
      expect.stringMatching(/checkout\.test\.ts has no test "till > broken"\. .*Write "suites"/),
    ])
  })

  test('is one error where the test file was renamed', { timeout: 60_000 }, async () => {
    rmSync(join(project.folder, 'checkout.test.ts'))
    project.write('other.test.ts', tests('sound').replaceAll("'broken'", "'mended'"))
    const { failures, code } = await only(`__counterexamples__/${file}`)

    expect(code).toBe(1)
    expect(Object.values(failures)).toEqual([
      expect.stringMatching(/its test file, checkout\.test\.ts, is not there any more\. .*under test\.file/),
    ])
  })
})
