// The printed replay line runs exactly the test that failed: at any depth, with any characters in names and paths, and
// with the project and the configuration of the run that failed.
// @module-tag full
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shopHead, VitestProject, vitestCommand, type VitestRun } from './vitest-project.ts'

const tests = `${shopHead}
  const few = { numRuns: 1 }
  testResilience('charges $5 "once" (or it\\'s wrong?) > [x] | \`y\` !', few, naive)
  testResilience('charges $5 "once" (or it\\'s wrong?) > [x] | \`y\` ! too', few, naive)
  describe('a', () => { testResilience('b c', few, naive) })
  describe('a b', () => { testResilience('c', few, naive) })
  testResilience('a > b c', few, naive)
  describe('$HOME', () => {
    describe('"in" \\'it\\' & <co>', () => {
      testResilience('deep\\\\ly', few, naive)
      testResilience.each([1, 10])('case %s.', few, () => naive)
    })
    describe('', () => { testResilience('unnamed', few, naive) })
  })
`

/** The replay line of each failed test. */
function replaysIn({ failures }: VitestRun): readonly (readonly [test: string, command: string])[] {
  return Object.entries(failures).map(([name, text]) => [name, /^Replay +(.*)$/m.exec(text)?.[1] ?? ''])
}

describe('the replay line', () => {
  const project = new VitestProject()
  let all: readonly (readonly [string, string])[] = []
  const ran = async (command: string): Promise<readonly string[]> => {
    const { statuses } = await project.command('sh', ['-c', command.replace('npx vitest', vitestCommand)])
    return Object.entries(statuses).flatMap(([name, status]) => (status === 'failed' ? [name] : []))
  }
  beforeAll(async () => {
    project.write('it is (odd) $1/[id] .test.ts', tests)
    project.write('other.test.ts', tests)
    const first = await project.run(['odd'])
    all = replaysIn(first)
  }, 120_000)
  afterAll(() => project.remove())

  test('is printed for each test', () => {
    expect(all).toHaveLength(9)
    expect(new Set(all.map(([, command]) => command)).size).toBe(9)
  })

  test('runs exactly the test that failed', { timeout: 400_000 }, async () => {
    for (const [name, command] of all) expect([command, await ran(command)]).toEqual([command, [name]])
  })
})

describe('the replay line of a run with a project and a configuration', () => {
  const project = new VitestProject()
  beforeAll(() => {
    const inline = (name: string): object => ({ extends: true, test: { name, include: ['*.spec.ts'] } })
    project.write('the odd.config.ts', VitestProject.config({ projects: [inline('left'), inline('right (2)')] }))
    project.write('shop.spec.ts', `${shopHead}\ntestResilience('once', { numRuns: 1 }, naive)`)
  })
  afterAll(() => project.remove())

  test.each([
    "--config 'the odd.config.ts' --project 'right (2)'",
    "'--config=the odd.config.ts' '--project=right*' --pool=threads",
  ])('names both: %s', { timeout: 120_000 }, async (args) => {
    const first = await project.command('sh', ['-c', `${vitestCommand} run ${args}`])
    const [[, command] = ['', '']] = replaysIn(first)
    expect(command).toBe("npx vitest run shop.spec.ts --config 'the odd.config.ts' --project 'right (2)' -t '^once$'")
    const again = await project.command('sh', ['-c', command.replace('npx vitest', vitestCommand)])
    expect(again.statuses).toEqual({ once: 'failed' })
    expect(again.stdout).toMatch(/Tests +1 failed \(1\)/)
  })
})
