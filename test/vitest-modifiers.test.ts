// Modifiers of vitest mean the same on testResilience, and its tests count as tests that assert something.
// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shopHead, VitestProject, type VitestRun } from './vitest-project.ts'

describe('modifiers', () => {
  const project = new VitestProject({ expect: { requireAssertions: true }, sequence: { concurrent: true } })
  let run: VitestRun
  beforeAll(async () => {
    project.write(
      'checkout.test.ts',
      `${shopHead}
      import { afterAll } from 'vitest'
      import { always } from 'two-generals'
      const few = { numRuns: 3 }
      let asked = 0
      const leaking = shop(async (request) => {
        const { order } = await request.json()
        if (asked++ % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
        charge.add({ order })
        return new Response()
      })
      testResilience('plain', few, sound)
      testResilience.fails('fails', few, naive)
      testResilience.fails('fails, but holds', few, sound)
      testResilience.fails('fails, but cannot be set up', few, () => { throw new Error('no database') })
      testResilience.fails('fails, but leaks', few, leaking)
      testResilience.fails('fails, but inconclusive', few, { ...sound, invariants: [always('seen', charge, () => true)],
        operations: [op('nothing', fc.constant(null), () => fetch('http://shop/', { method: 'POST', body: '{}' }))],
        tolerates: ['duplicate'] })
      testResilience.fails.for([naive, sound])('fails for %#', few, (system) => system)
      const { invariants: _, ...unjudged } = naive
      testResilience('nothing to judge by', few, unjudged)
      testResilience('an empty list of it', few, () => ({ ...unjudged, invariants: [] }))
      testResilience.fails('fails without invariants', few, unjudged)
      testResilience('leaks without invariants', few, { ...unjudged, nodes: leaking.nodes })
      testResilience.todo('todo')
      testResilience.skip('skip', few, naive)
      testResilience.skipIf(true)('skipIf', few, naive)
      testResilience.skipIf(false)('not skipIf', few, sound)
      testResilience.runIf(true)('runIf', few, sound)
      testResilience.runIf(false)('not runIf', few, naive)
      testResilience.concurrent('concurrent', few, sound)
      testResilience.concurrent.fails('both', few, naive)
      testResilience.sequential('sequential', few, ({ task }) => { expect(task.concurrent).not.toBe(true); return sound })
      testResilience.for([['naive', naive], ['sound', sound]])('for %s', few, ([, system]) => system)
      testResilience.concurrent.each([sound])('each %#', few, (system) => system)
      const made = []
      const withShop = testResilience.extend({
        system: async ({}, use) => { made.push('system'); await use(sound); made.push('gone') },
        unused: async ({}, use) => { made.push('unused'); await use(0) },
      })
      withShop('extend', few, ({ system }) => system)
      withShop.for([1])('extend for %s', few, (n, { system }) => { expect(n).toBe(1); return system })
      afterAll(() => { console.log('MADE ' + made) })`,
    )
    project.write(
      'only.test.ts',
      `${shopHead}
      testResilience('not run', naive)
      testResilience.only('only', { numRuns: 3 }, sound)`,
    )
    run = await project.run()
  }, 120_000)
  afterAll(() => project.remove())

  test('mean what they mean in vitest', () => {
    const { statuses } = run
    expect(statuses).toEqual({
      plain: 'passed',
      fails: 'passed',
      'fails, but holds': 'failed',
      'fails, but cannot be set up': 'failed',
      'fails, but leaks': 'failed',
      'fails, but inconclusive': 'failed',
      'fails for 0': 'passed',
      'fails for 1': 'failed',
      'nothing to judge by': 'passed',
      'an empty list of it': 'passed',
      'fails without invariants': 'failed',
      'leaks without invariants': 'failed',
      todo: 'todo',
      skip: 'skipped',
      skipIf: 'skipped',
      'not skipIf': 'passed',
      runIf: 'passed',
      'not runIf': 'skipped',
      concurrent: 'passed',
      both: 'passed',
      sequential: 'passed',
      'for naive': 'failed',
      'for sound': 'passed',
      'each 0': 'passed',
      extend: 'passed',
      'extend for 1': 'passed',
      'not run': 'skipped',
      only: 'passed',
    })
  })

  test('fails says why it did not pass', () => {
    const { failures } = run
    expect(failures['fails, but holds']).toMatch(/no invariant is violated any more.*remove `\.fails`/)
    expect(failures['fails, but cannot be set up']).toContain('no database')
    expect(failures['fails, but leaks']).toContain('State leaks between histories')
    expect(failures['fails, but inconclusive']).toContain('Never fired')
  })

  test('without invariants a test lists what it found, whoever wants it to fail', () => {
    const { failures, stderr } = run
    expect(stderr).toContain('? findings only: nothing to judge by')
    expect(stderr).toContain('? findings only: an empty list of it')
    expect(stderr).toContain('Too much: charge')
    expect(failures['fails without invariants']).toContain('the system has no invariants, so nothing can fail')
    expect(failures['leaks without invariants']).toMatch(/State leaks between histories|no verdict can be trusted/)
  })

  test('fixtures are made for set-up functions that take them', () => {
    expect(run.stdout).toContain('MADE system,system,gone,gone')
  })
})
