// checkers-agreement: each checker against its brute-force twin, on 10,000 random histories. The comparisons are tests;
// here they are asked for more histories and counted.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Effort, Result } from './result.ts'

const runs = { quick: 6_000, full: 10_000 }

interface Comparison {
  readonly name: string
  readonly compared: number
  readonly disagrees: boolean
}

export async function* checkersAgreement({ quick }: Effort): AsyncGenerator<Result, void> {
  const comparisons = compareAll(quick ? runs.quick : runs.full)
  for (const { name, compared, disagrees } of comparisons) {
    yield {
      name: `checkers-agreement/${name}`,
      value: disagrees ? 1 : 0,
      unit: 'disagreements',
      baseline: compared,
      ratio: disagrees ? 1 : 0,
    }
  }
  const compared = comparisons.reduce((sum, one) => sum + one.compared, 0)
  const disagreeing = comparisons.filter(({ disagrees }) => disagrees).length
  yield {
    name: 'checkers-agreement',
    value: disagreeing,
    unit: 'disagreements',
    baseline: compared,
    ratio: disagreeing / comparisons.length,
  }
  await Promise.resolve()
}

/**
 * In a process of its own, as `npm test` would.
 *
 * @throws where nothing was compared, or a test failed for another reason
 */
function compareAll(histories: number): readonly Comparison[] {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-agreement-'))
  const file = join(folder, 'comparisons.jsonl')
  try {
    const { status, stdout, stderr } = spawnSync(
      'npx',
      ['vitest', 'run', 'test/check', '-t', 'agrees', '--testTimeout', '600000'],
      {
        encoding: 'utf8',
        env: { ...process.env, AGREEMENT_RUNS: String(histories), AGREEMENT_FILE: file },
        maxBuffer: 2 ** 28,
      },
    )
    const comparisons = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Comparison) // written by agree.ts
    if (status !== 0 && !comparisons.some(({ disagrees }) => disagrees))
      throw new Error(`The comparisons did not run through:\n${stdout}\n${stderr}`)
    return comparisons.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
