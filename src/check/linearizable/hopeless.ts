// Finds hopeless configurations, where some read that was answered needs a change that no remaining operation can make.
// Knows a part, its timeline, and the `needs` of the model; must not know how the search goes on.
import type { Need } from '../../system/model.ts'
import type { PlacementMarks } from './marks.ts'
import type { StatePartition } from './state-partition.ts'
import type { Timeline } from './timeline.ts'
import { refused, type Transitions } from './transitions.ts'

export interface Hopeless {
  /** Whether a read can no longer be placed: one that is open, or the one of the later reads that is answered first. */
  isHopeless(words: Int32Array, at: number): boolean
  /** How many operations were examined so far; for budgets. */
  looked(): number
}

export function hopelessOf(
  { kinds, completed, readOnly }: StatePartition,
  transitions: Transitions,
  timeline: Timeline,
  { isPlaced, isUsed }: PlacementMarks,
): Hopeless {
  const { events, openFrom, open, uncertain, answeredAt } = timeline
  const reads = (operation: number): boolean => readOnly[kinds[operation] ?? 0] === true
  const laterReads = laterReadsOf(timeline, reads)
  let looked = 0

  /** Whether some remaining operation that was invoked before the read was answered meets this need of the read. */
  const isMet = (words: Int32Array, at: number, read: number, need: Need): boolean => {
    const [place, until] = [words[at + 1] ?? 0, answeredAt[read] ?? 0]
    const meets = (operation: number): boolean => {
      looked += 1
      return !reads(operation) && need(transitions.act(kinds[operation] ?? 0))
    }
    for (let index = openFrom[place] ?? 0; index < (openFrom[place + 1] ?? 0); index++) {
      const operation = open[index] ?? 0
      if (!isPlaced(words, at, operation) && meets(operation)) return true
    }
    for (let operation = completed; operation < completed + (uncertain[until] ?? 0); operation++) {
      if (!isUsed(words, at, operation) && meets(operation)) return true
    }
    for (let later = place; later < until; later++) {
      const event = events[later] ?? 0
      if ((event & 1) === 0 && meets(event >> 1)) return true
    }
    return false
  }

  const isLost = (words: Int32Array, at: number, read: number): boolean => {
    const [state, kind] = [words[at] ?? 0, kinds[read] ?? 0]
    return (
      transitions.next(state, kind) === refused &&
      !transitions.needs(state, kind).every((need) => isMet(words, at, read, need))
    )
  }

  return {
    isHopeless(words, at) {
      const place = words[at + 1] ?? 0
      for (let index = openFrom[place] ?? 0; index < (openFrom[place + 1] ?? 0); index++) {
        const operation = open[index] ?? 0
        if (reads(operation) && !isPlaced(words, at, operation) && isLost(words, at, operation)) return true
      }
      const later = laterReads[place] ?? -1
      return later >= 0 && isLost(words, at, later)
    },
    looked: () => looked,
  }
}

/** For each event: of the reads that are invoked from there on, the one that is answered first; -1 if there is none. */
function laterReadsOf({ events, answeredAt }: Timeline, reads: (operation: number) => boolean): readonly number[] {
  const later: number[] = []
  for (let place = 0; place <= events.length; place++) later.push(-1)
  for (let place = events.length - 1; place >= 0; place--) {
    const after = later[place + 1] ?? -1
    const event = events[place] ?? 0
    const isRead = (event & 1) === 0 && reads(event >> 1)
    later[place] =
      isRead && (after < 0 || (answeredAt[event >> 1] ?? 0) < (answeredAt[after] ?? 0)) ? event >> 1 : after
  }
  return later
}
