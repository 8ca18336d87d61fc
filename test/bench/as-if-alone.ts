// as-if-alone: what an invariant finds that knows neither keys nor a model, and whom it accuses wrongly: planted bugs
// that the end of a history shows (marked in the corpus), and all sound twins. Each pair has the same options.
import { assess, type System } from '../../src/index.ts'
import { asIfAlone, type AsIfAloneOptions } from '../../src/as-if-alone.ts'
import { corpus, shownAtTheEnd } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import { withSystem } from '../quality/proof.ts'
import { aloneOptions } from './alone-options.ts'
import type { Effort, Result } from './result.ts'

const histories = { quick: 20, full: 300 } as const

/**
 * `as-if-alone`: marked bugs that are found in the history that is known to show them, while the sound twin holds;
 * `/explored`: those that default options find. `/accused`: sound twins that are accused, `/without-options`: before
 * anything was told. `/time`: CPU with it over CPU with the system's own invariants and equally short histories, of the
 * sound twins that hold.
 */
export async function* asIfAloneBenchmark({ quick, bugs = false }: Effort): AsyncGenerator<Result, void> {
  const numRuns = quick ? histories.quick : histories.full
  const accused = new Set<Planted>()
  let bare = 0
  const cpuMs = { alone: 0, own: 0 }
  for (const planted of corpus) {
    const own = await timed({ ...planted.system(true), maxOperations: 4 }, numRuns)
    const alone = await timed(judgedAlone(planted.system(true), aloneOptions[planted.name]), numRuns)
    if (alone.accusedOf !== undefined) {
      accused.add(planted)
      console.error(`as-if-alone: accused though sound: ${planted.name}: ${alone.accusedOf}`)
    } else {
      cpuMs.own += own.cpuMs
      cpuMs.alone += alone.cpuMs
    }
    if (aloneOptions[planted.name] === undefined) bare += alone.accusedOf === undefined ? 0 : 1
    else bare += (await timed(judgedAlone(planted.system(true)), numRuns)).accusedOf === undefined ? 0 : 1
  }
  const found = { known: 0, explored: 0 }
  for (const planted of shownAtTheEnd) {
    const isSound = !accused.has(planted)
    const broken = (): System => judgedAlone(planted.system(false), aloneOptions[planted.name])
    const { violations } = await withSystem(broken(), (execute) => execute(planted.smallest))
    const explored = (await timed(broken(), numRuns)).accusedOf
    if (violations.length > 0 && isSound) found.known += 1
    else console.error(`as-if-alone: not found${isSound ? '' : ' (its sound twin is accused)'}: ${planted.name}`)
    if (explored !== undefined && isSound) found.explored += 1
    else console.error(`as-if-alone: not explored: ${planted.name}`)
    if (bugs) console.error(`as-if-alone: ${planted.name}: ${violations[0]?.reason.text ?? 'holds'}`)
  }
  const marked = shownAtTheEnd.length
  yield share('as-if-alone', found.known, 'marked bugs found', marked)
  yield share('as-if-alone/explored', found.explored, 'marked bugs found by exploring', marked)
  yield share('as-if-alone/accused', accused.size, 'sound twins accused', corpus.length)
  yield share('as-if-alone/without-options', bare, 'sound twins accused without options', corpus.length)
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

async function timed(
  system: System,
  numRuns: number,
): Promise<{ readonly accusedOf: string | undefined; readonly cpuMs: number }> {
  const before = process.cpuUsage()
  const assessment = await assess(system, { numRuns, shrink: false })
  const { user, system: kernel } = process.cpuUsage(before)
  return {
    accusedOf: assessment.kind === 'violated' ? assessment.counterexample.violation.reason.text : undefined,
    cpuMs: (user + kernel) / 1_000,
  }
}
