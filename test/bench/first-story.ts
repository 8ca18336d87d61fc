// first-story: the CPU from the start of a test to the shrunk story of its failure, with default options, for each
// planted bug. Compared with a commit, both sides tell the same stories in turn.
import { assess, formatAssessment } from '../../src/index.ts'
import { corpus } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import { quantile } from './alternate.ts'
import type { Effort, Result } from './result.ts'

/** How often each story is told and measured. Once more before that, while the engine compiles. */
export const storyRounds = { quick: 1, full: 5 } as const

/** `value`: median over the bugs, in ms of CPU; `baseline`: bugs with a story; `ratio`: their share. */
export async function* firstStory({ quick, bugs = false }: Effort): AsyncGenerator<Result, void> {
  const rounds = quick ? storyRounds.quick : storyRounds.full
  const told = new Map<Planted, readonly number[]>()
  for (let round = 0; round <= rounds; round++)
    for (const bug of corpus) {
      const cpuMs = await storyCpuMs(bug)
      if (cpuMs !== undefined && round > 0) told.set(bug, [...(told.get(bug) ?? []), cpuMs])
    }
  const medians = corpus.flatMap((bug) => {
    const cpuMs = told.get(bug)
    if (cpuMs === undefined) console.error(`first-story: ${bug.name}: not found with default options.`)
    return cpuMs === undefined ? [] : [{ bug, cpuMs: quantile(cpuMs, 0.5) }]
  })
  const baseline = medians.length
  const ratio = baseline / corpus.length
  const each = medians.map(({ cpuMs }) => cpuMs)
  if (bugs)
    for (const { bug, cpuMs: value } of medians)
      yield { name: `first-story: ${bug.name}`, value, unit: 'ms of CPU', baseline: quantile(each, 0.5), ratio: 1 }
  yield { name: 'first-story', value: quantile(each, 0.5), unit: 'ms of CPU', baseline, ratio }
}

/** The CPU until the story of one bug is told, in milliseconds; undefined where it is not found. */
export async function storyCpuMs(bug: Planted): Promise<number | undefined> {
  const start = process.cpuUsage()
  const assessment = await assess(bug.system(false))
  if (assessment.kind !== 'violated') return undefined
  formatAssessment(assessment, { test: bug.name })
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}
