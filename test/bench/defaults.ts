// defaults: the published packages of ../shared/realbugs that the transports can carry, with default options: the share
// of buggy ones that are violated and of sound ones that hold, over several seeds. Nothing is tuned and no schedule is
// written by hand. A folder that is missing is told and left out.
import { assess } from '../../src/index.ts'
import { published } from '../realbugs/published.ts'
import { twins } from '../realbugs/twins.ts'
import type { Effort, Result } from './result.ts'

const seeds = { quick: 2, full: 10 } as const

/** `value`: assessments that are right; `baseline`: all of them; `ratio`: the share of buggy ones that are violated. */
export async function* defaults({ quick }: Effort): AsyncGenerator<Result, void> {
  const tries = seeds[quick ? 'quick' : 'full']
  let [found, kept, all] = [0, 0, 0]
  for (const [claim, { folder, buggy, sound }] of twins) {
    const packages = published(folder)
    if (packages.kind === 'absent') {
      console.error(`defaults: ${claim}: left out, since ${packages.why}.`)
      continue
    }
    const load = (name: string) => () => packages.load(name)
    const own = { violated: 0, holds: 0 }
    for (let seed = 1; seed <= tries; seed++) {
      const { kind } = await assess(buggy(load), { seed, shrink: false })
      if (kind === 'violated') own.violated += 1
      else console.error(`defaults: ${claim}: seed ${seed} says: ${kind}.`)
      const twin = await assess(sound(load), { seed, shrink: false })
      if (twin.kind === 'holds') own.holds += 1
      else console.error(`defaults: ${claim}: the sound twin: seed ${seed} says: ${twin.kind}.`)
    }
    yield row(`defaults: ${claim}`, own, tries)
    found += own.violated
    kept += own.holds
    all += tries
  }
  if (all > 0) yield row('defaults', { violated: found, holds: kept }, all)
}

function row(name: string, { violated, holds }: { violated: number; holds: number }, tries: number): Result {
  return {
    name,
    value: violated + holds,
    unit: 'right of buggy and sound',
    baseline: 2 * tries,
    ratio: violated / tries,
  }
}
