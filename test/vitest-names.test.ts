// Names of tests in vitest: tests whose names are one when joined have counterexamples of their own, and a second test
// of the very same name is told to change it.
// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shopHead, VitestProject, type VitestRun } from './vitest-project.ts'

describe('tests of one name', () => {
  const project = new VitestProject()
  let first: VitestRun
  let again: VitestRun
  beforeAll(async () => {
    project.write(
      'checkout.test.ts',
      `${shopHead}
      const few = { numRuns: 5 }
      const other = { ...sound, nodes: { till: sound.nodes.shop } }
      describe('a', () => { testResilience('b c', few, naive) })
      describe('a b', () => { testResilience('c', few, sound) })
      testResilience('a b c', few, naive)
      testResilience.each([naive, sound])('of one title', few, (system) => system)
      testResilience.each([['naive', naive], ['sound', sound]])('case %s', few, ([, system]) => system)
      describe.each([naive, naive])('block %#', (system) => { testResilience('fails', few, system) })
      testResilience('twice', few, sound)
      testResilience('twice', few, naive)
      test('twice', () => {})`,
    )
    first = await project.run()
    again = await project.run()
  }, 120_000)
  afterAll(() => project.remove())

  test('each has a verdict and a file of its own', () => {
    const { statuses } = first
    expect(statuses).toMatchObject({
      'a / b c': 'failed',
      'a b / c': 'passed',
      'a b c': 'failed',
      'case naive': 'failed',
      'case sound': 'passed',
      'block 0 / fails': 'failed',
      'block 1 / fails': 'failed',
    })
    expect(project.list('__counterexamples__').map((name) => name.replace(/-[0-9a-f]{10}\.json$/, ''))).toEqual([
      ...['a-b-c', 'a-b-c', 'block-0-fails', 'block-1-fails', 'case-naive', 'of-one-title'],
    ])
  })

  test('what was saved stays with its test', () => {
    expect(again.statuses).toEqual(first.statuses)
    expect(again.failures['a / b c']).toContain('1 saved counterexample first')
    expect(again.failures['a b c']).toContain('1 saved counterexample first')
  })

  test('a second one of the very same name fails and says what to do', () => {
    for (const name of ['of one title', 'twice']) {
      expect(first.stdout + first.stderr).toContain(`A second test of this file is named "${name}"`)
    }
    expect(first.stderr).toContain('Give each a name of its own; of the cases of `each`, with %s, %# or $field.')
  })
})
