// false-alarms: how many of the sound systems are reported, whatever the reason. A story of each is printed on stderr,
// since each is a mistake: of the package, or of the system.
import { assess, formatAssessment, type Assessment } from '../../src/index.ts'
import type { Effort, Result } from './result.ts'
import type { Sound } from './sound/sound.ts'
import { soundSystems } from './sound/systems.ts'

/** Random histories of each system; single faults and perfect networks are extra. */
interface Amount {
  readonly histories: number
  readonly polls: number
  /** Real time for each, in milliseconds. @default unlimited */
  readonly limitMs?: number
}

const amounts = {
  quick: { histories: 60, polls: 10, limitMs: 1_000 },
  full: { histories: 2_000, polls: 500 },
  night: { histories: 10_000, polls: 10_000 },
} satisfies Record<string, Amount>

/** A system in which there is something to judge in fewer than this share of the histories is told. */
const leastJudged = 0.5

export async function* falseAlarms({ quick, night = false }: Effort): AsyncGenerator<Result, void> {
  const { histories, polls, limitMs = Infinity }: Amount = amounts[quick ? 'quick' : night ? 'night' : 'full']
  const looked = { alarms: 0, judged: 0, all: 0 }
  for (const sound of soundSystems) {
    const { alarm, judged, all } = await lookAt(sound, sound.polls === true ? polls : histories, {
      timeLimitMs: limitMs,
    })
    if (alarm !== undefined) console.error(alarm)
    if (judged < leastJudged * all)
      console.error(`${sound.name}: only ${judged} of ${all} histories had something to judge.`)
    looked.alarms += alarm === undefined ? 0 : 1
    looked.judged += judged
    looked.all += all
  }
  yield {
    name: 'false-alarms',
    value: looked.alarms,
    unit: `alarms in ${soundSystems.length} sound systems`,
    baseline: looked.all,
    ratio: looked.judged / looked.all,
  }
}

/** What was seen of one sound system. */
export interface Look {
  /** The report, where there is one. */
  readonly alarm?: string
  /** Histories that were not vacuous: in which the invariant that is judged most often had something to judge. */
  readonly judged: number
  /** All histories. */
  readonly all: number
}

/** Explores one sound system. Whatever else than "holds" is said of it is an alarm, but for too little time. */
export async function lookAt(
  { name, system }: Sound,
  numRuns: number,
  { seed = 1, timeLimitMs = Infinity }: { readonly seed?: number; readonly timeLimitMs?: number } = {},
): Promise<Look> {
  const assessment = await assess(system(), { numRuns, seed, timeLimitMs })
  const judged = assessment.folded.map(({ counts: { holds, violated, unknown } }) => holds + violated + unknown)
  const all = assessment.folded.map(({ counts }) => Object.values(counts).reduce((sum, n) => sum + n, 0))
  const seen = { judged: Math.max(0, ...judged), all: Math.max(0, ...all) }
  if (assessment.kind === 'holds' || isCutShort(assessment, timeLimitMs)) return seen
  return { ...seen, alarm: `${name} (seed ${seed}):\n${formatAssessment(assessment, { test: name })}` }
}

/** A short look may leave things open; it may not say that something is wrong. */
function isCutShort(assessment: Assessment, timeLimitMs: number): boolean {
  return timeLimitMs !== Infinity && assessment.kind === 'inconclusive'
}
