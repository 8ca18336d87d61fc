// Hopeless configurations: a read that was answered needs something that no operation left can do. Knows a part, its
// timeline and what the model names as needs; must not know how the search goes on.
import type { Need } from '../../system/model.ts'
import type { PlacementMarks } from './marks.ts'
import type { StatePartition } from './state-partition.ts'
import type { Timeline } from './timeline.ts'
import { refused, type Transitions } from './transitions.ts'

export interface Hopeless {
  /** Whether some read that is open, or the first to be answered of those to come, can no longer be placed. */
  isHopeless(words: Int32Array, at: number): boolean
  /** How many operations have been looked at so far; for budgets. */
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

  /** Whether an operation that is left, and was invoked before a read was answered, is what the read needs. */
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

/** At each event the read that is answered first of those invoked from there on; -1 for none. */
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
