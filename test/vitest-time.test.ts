// Time and other tests in vitest: the limit of a test is its own and counts nothing that it waits for others; tests of
// one worker that run "at once" take turns; a retry does not make a violation green.
// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shopHead, VitestProject, type VitestRun } from './vitest-project.ts'

describe('in a suite with a short time limit, retries and concurrency', () => {
  const project = new VitestProject({ testTimeout: 400, retry: 2 })
  let run: VitestRun
  beforeAll(async () => {
    project.write(
      'checkout.test.ts',
      `${shopHead}
      const few = { numRuns: 5 }
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      const slowly = (system) => async () => { await sleep(700); return system }
      let attempts = 0
      testResilience('longer than the limit of vitest', few, slowly(sound))
      testResilience('every pair', { exhaustive: 2, numRuns: 0 }, { ...sound, tolerates: ['lose'] })
      testResilience('violated once', few, () => ++attempts === 1 ? naive : sound)
      testResilience('a set-up that hangs', { timeout: 300 }, () => new Promise(() => {}))
      describe.concurrent('at once', () => {
        testResilience('sound', { timeout: 1_500, numRuns: 3 }, slowly(sound))
        testResilience('naive', { timeout: 1_500, numRuns: 3 }, slowly({ ...naive, stores: sound.stores }))
        testResilience('sound too', { timeout: 1_500, numRuns: 3 }, slowly(sound))
        test('assess', { timeout: 60_000 }, async () => {
          expect((await assess(sound, { numRuns: 3 })).kind).toBe('holds')
        })
      })`,
    )
    run = await project.run()
  }, 120_000)
  afterAll(() => project.remove())

  test('each has the verdict that it has alone', () => {
    expect(run.statuses).toEqual({
      'longer than the limit of vitest': 'passed',
      'every pair': 'passed',
      'violated once': 'failed',
      'a set-up that hangs': 'failed',
      'at once / sound': 'passed',
      'at once / naive': 'failed',
      'at once / sound too': 'passed',
      'at once / assess': 'passed',
    })
  })

  test('what `exhaustive` asks for is printed, with an estimate', () => {
    expect(run.stdout + run.stderr).toMatch(
      /every pair: exhaustive: 2 asks for \d+ single faults and \d+ pairs on one pay: about \d+ s/,
    )
  })

  test('red is told as what it is', () => {
    expect(run.failures['violated once']).toContain('charge happened twice')
    expect(run.failures['a set-up that hangs']).toContain(
      'The set-up function has not returned a system within 300 ms.',
    )
    expect(run.failures['at once / naive']).toMatch(/charge happened twice|saw no call/)
    expect(run.stdout + run.stderr).not.toMatch(/timed out in|not deterministic/)
  })
})

describe('where a set-up file begins with vi.useFakeTimers()', () => {
  const project = new VitestProject({ setupFiles: ['./setup.ts'] })
  let run: VitestRun
  beforeAll(async () => {
    const declared = `testResilience('sound', { numRuns: 3 }, sound)
      testResilience('made', { numRuns: 3 }, async () => sound)`
    project.write('setup.ts', "import { vi } from 'vitest'\nvi.useFakeTimers()\n")
    project.write('faked.test.ts', `${shopHead}\ndescribe('faked', () => {\n${declared}\n})`)
    project.write('real.test.ts', `${shopHead}\nimport { vi } from 'vitest'\nvi.useRealTimers()\n${declared}`)
    run = await project.run()
  }, 120_000)
  afterAll(() => project.remove())

  test('a test says at once what to write, and holds once that is written', () => {
    expect(run.statuses).toEqual({
      'faked / sound': 'failed',
      'faked / made': 'failed',
      sound: 'passed',
      made: 'passed',
    })
    for (const name of ['faked / sound', 'faked / made'])
      expect(run.failures[name]).toMatch(
        /fake timers \(vi\.useFakeTimers[^]*call vi\.useRealTimers\(\) before the test/,
      )
  })
})
