// as-if-alone: what an invariant finds that knows neither keys nor a model, and whom it accuses wrongly: planted bugs
// that the end of a history shows (marked in the corpus), and all sound systems. Each pair has the same options.
import { assess, type AssessOptions, type System } from '../../src/index.ts'
import { asIfAlone, type AsIfAloneOptions } from '../../src/as-if-alone.ts'
import { corpus, shownAtTheEnd } from '../quality/corpus.ts'
import { withSystem } from '../quality/proof.ts'
import { aloneOptions } from './alone-options.ts'
import type { Effort, Result } from './result.ts'
import { soundSystems } from './sound/systems.ts'
import { unbroken } from './systems.ts'

const histories = { quick: 10, full: 300 } as const
/** Real time for each system, in milliseconds: some poll for hours. */
const limitMs = { quick: 500, full: 20_000 } as const

interface Named {
  readonly name: string
  readonly system: () => System
}

/** The sound twins of the corpus, what false alarms are counted over, and the sound examples. */
const sound: readonly Named[] = [
  ...corpus.map((planted) => ({ name: planted.name, system: () => planted.system(true) })),
  ...soundSystems,
  ...Object.entries(unbroken).map(([name, system]) => ({ name, system: () => system })),
]

/**
 * `as-if-alone`: marked bugs that are found in the history that is known to show them, while the sound twin holds;
 * `/explored`: those that default options find. `/accused`: sound systems that are accused, `/without-options`: before
 * anything was told. `/time`: CPU with it over CPU with the system's own invariants and equally short histories, of the
 * sound systems that hold.
 */
export async function* asIfAloneBenchmark({ quick, bugs = false }: Effort): AsyncGenerator<Result, void> {
  const amount = quick ? 'quick' : 'full'
  const look = (system: System) => lookAt(system, { numRuns: histories[amount], timeLimitMs: limitMs[amount] })
  const accused = new Set<string>()
  let bare = 0
  const cpuMs = { alone: 0, own: 0 }
  for (const { name, system } of sound) {
    const options = aloneOptions[name]
    const alone = await look(judgedAlone(system(), options))
    if (alone.accusedOf !== undefined) {
      accused.add(name)
      console.error(`as-if-alone: accused though sound: ${name}: ${alone.accusedOf}`)
    } else {
      cpuMs.own += (await look({ ...system(), maxOperations: 4 })).cpuMs
      cpuMs.alone += alone.cpuMs
    }
    const first = options === undefined ? alone : await look(judgedAlone(system()))
    if (first.accusedOf !== undefined) bare += 1
  }
  const found = { known: 0, explored: 0 }
  for (const planted of shownAtTheEnd) {
    const { name, smallest } = planted
    const isSound = !accused.has(name)
    const broken = (): System => judgedAlone(planted.system(false), aloneOptions[name])
    const { violations } = await withSystem(broken(), (execute) => execute(smallest))
    if (violations.length > 0 && isSound) found.known += 1
    else console.error(`as-if-alone: not found${isSound ? '' : ' (its sound twin is accused)'}: ${name}`)
    if ((await look(broken())).accusedOf !== undefined && isSound) found.explored += 1
    else console.error(`as-if-alone: not explored: ${name}`)
    if (bugs) console.error(`as-if-alone: ${name}: ${violations[0]?.reason.text ?? 'holds'}`)
  }
  const marked = shownAtTheEnd.length
  yield share('as-if-alone', found.known, 'marked bugs found', marked)
  yield share('as-if-alone/explored', found.explored, 'marked bugs found by exploring', marked)
  yield share('as-if-alone/accused', accused.size, 'sound systems accused', sound.length)
  yield share('as-if-alone/without-options', bare, 'sound systems accused without options', sound.length)
  yield share('as-if-alone/time', cpuMs.alone, 'ms of CPU', cpuMs.own)
}

function share(name: string, value: number, unit: string, baseline: number): Result {
  return { name, value, unit, baseline, ratio: value / baseline }
}

/** The same system without its own invariants; what they observe is still compared. */
function judgedAlone(system: System, options: AsIfAloneOptions = {}): System {
  const sources = new Set(system.invariants.flatMap(({ effects }) => effects))
  return {
    ...system,
    invariants: [
      asIfAlone(
        [...sources].map((source) => ({ name: source.name, source })),
        options,
      ),
    ],
  }
}

async function lookAt(
  system: System,
  options: Pick<AssessOptions, 'numRuns' | 'timeLimitMs'>,
): Promise<{ readonly accusedOf: string | undefined; readonly cpuMs: number }> {
  const before = process.cpuUsage()
  const assessment = await assess(system, { ...options, shrink: false })
  const { user, system: kernel } = process.cpuUsage(before)
  return {
    accusedOf: assessment.kind === 'violated' ? assessment.counterexample.violation.reason.text : undefined,
    cpuMs: (user + kernel) / 1_000,
  }
}
