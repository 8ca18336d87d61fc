// checkers-scale: how fast a checker reads a history of 1,000,000 events, and how its time grows from 10,000, against
// the growth of a plain n log n work on events of the same sort: grouping them by a text and sorting them. (On paper
// 100 times the events cost 150 times the time; no memory is that flat, so that a loop over the events alone grows by
// more. The first line says how much.)
import { check, type History, type HistoryEvent } from '../../src/index.ts'
import type { Effort, Result } from './result.ts'
import { paidOrders, scaleCases } from './scale-cases.ts'

const small = 10_000
const large = { quick: 100_000, full: 1_000_000 }
const rounds = 5

export async function* checkersScale({ quick }: Effort): AsyncGenerator<Result, void> {
  const events = quick ? large.quick : large.full
  const reference = measure(paidOrders, events, groupAndSort)
  const onPaper = (events * Math.log2(events)) / (small * Math.log2(small))
  yield line('n log n', reference, onPaper)
  for (const { invariant, shape, history } of scaleCases) {
    yield line(
      shape === undefined ? invariant.name : `${invariant.name}, ${shape}`,
      measure(history, events, (one) => {
        const [verdict] = check(one, [invariant])
        if (verdict?.kind !== 'holds')
          throw new Error(
            `${invariant.name} does not hold at ${one.events.length} events: ${verdict?.kind ?? 'nothing'} ` +
              (verdict?.reasons[0]?.text ?? ''),
          )
      }),
      reference.growth,
    )
    await new Promise(setImmediate) // lines appear as they come
  }
}

interface Measured {
  /** Events per second, at the small and the large size. */
  readonly small: number
  readonly large: number
  /** Time at the large size, over that at the small one. */
  readonly growth: number
}

function line(name: string, { small: baseline, large: value, growth }: Measured, allowed: number): Result {
  return {
    name: `checkers-scale/${name}`,
    value: Math.round(value),
    unit: 'events/s',
    baseline: Math.round(baseline),
    ratio: growth / allowed,
  }
}

function measure(history: (events: number) => History, events: number, work: (history: History) => void): Measured {
  const [least, most] = [bestMs(history(small), work), bestMs(history(events), work)]
  return { small: (small / least) * 1_000, large: (events / most) * 1_000, growth: most / least }
}

/** The fastest of a few rounds: what the work costs without what else the machine does. */
function bestMs(history: History, work: (history: History) => void): number {
  const times: number[] = []
  for (let n = 0; n < rounds; n++) {
    const start = performance.now()
    work(history)
    times.push(performance.now() - start)
  }
  return Math.min(...times)
}

function groupAndSort({ events }: History): void {
  const groups = Map.groupBy(events, keyOf)
  const sorted = Array.from(groups.keys()).sort()
  if (sorted.length === 0) throw new Error('Bug: nothing was sorted')
}

function keyOf(event: HistoryEvent): string {
  return `${event.node}/${event.atMs}`
}
