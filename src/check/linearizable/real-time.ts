// Real time: an operation takes effect between its invocation and its answer. Just-in-time linearization (Lowe,
// "Testing for linearizability", 2017): an operation is placed only when the next answer in time cannot be passed
// without it. Knows a part; must not know how the search goes on.
import { hopelessOf } from './hopeless.ts'
import { marksOf } from './marks.ts'
import type { PlacementOrder } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import type { OrderRule } from './search-order.ts'
import { timelineOf } from './timeline.ts'
import { refused, type Transitions } from './transitions.ts'

export const realTime: OrderRule = { adjective: 'linearizable', keeps: 'real time', isTimed: true, order: orderOf }

/**
 * Of open operations with equal acts, only the first to be answered is a candidate; the others would lead to the same.
 */
function orderOf(part: StatePartition, transitions: Transitions): PlacementOrder {
  const { kinds, completed, readOnly } = part
  const timeline = timelineOf(part)
  const { events, openFrom, open, uncertain, twin } = timeline
  const marks = marksOf(part, timeline)
  const { isPlaced, isUsed, mark, forget } = marks
  const hopeless = transitions.hasNeeds ? hopelessOf(part, transitions, timeline, marks) : undefined
  const reads = (operation: number): boolean => readOnly[kinds[operation] ?? 0] === true

  /** Places an open read if it fits now. This loses nothing, since a read does not change the state. */
  const absorb = (words: Int32Array, at: number, operation: number): void => {
    if (transitions.next(words[at] ?? 0, kinds[operation] ?? 0) !== refused) mark(words, at, operation)
  }

  const absorbOpen = (words: Int32Array, at: number, place: number): void => {
    for (let index = openFrom[place] ?? 0; index < (openFrom[place + 1] ?? 0); index++) {
      const operation = open[index] ?? 0
      if (reads(operation) && !isPlaced(words, at, operation)) absorb(words, at, operation)
    }
  }

  /** Passes invocations, and answers of placed operations, up to the first answer whose operation is not placed. */
  const pass = (words: Int32Array, at: number, from: number): number => {
    for (let place = from; place < events.length; place++) {
      const event = events[place] ?? 0
      const operation = event >> 1
      if ((event & 1) === 0) {
        if (reads(operation)) absorb(words, at, operation)
      } else if (isPlaced(words, at, operation)) {
        forget(words, at, operation)
      } else {
        return place
      }
    }
    return events.length
  }

  const isCandidate = (words: Int32Array, at: number, first: number, index: number): boolean => {
    const operation = open[index] ?? 0
    if (isPlaced(words, at, operation)) return false
    for (let before = first; before < index; before++) {
      const other = open[before] ?? 0
      if (kinds[other] === kinds[operation] && !isPlaced(words, at, other)) return false
    }
    return true
  }

  return {
    exact: marks.exact,
    used: marks.used,
    settle(words, at) {
      const from = words[at + 1] ?? 0
      absorbOpen(words, at, from)
      const place = pass(words, at, from)
      words[at + 1] = place
      return place - from
    },
    isDone: (words, at) => words[at + 1] === events.length,
    isHopeless: (words, at) => hopeless?.isHopeless(words, at) === true,
    looked: () => hopeless?.looked() ?? 0,
    /**
     * Open operations come first, in order of their answers, so that the one that is due leads; then uncertain
     * operations.
     */
    candidate(words, at, cursor) {
      const place = words[at + 1] ?? 0
      const first = openFrom[place] ?? 0
      const opened = (openFrom[place + 1] ?? 0) - first
      let next = cursor
      for (; next < opened; next++) if (isCandidate(words, at, first, first + next)) return next
      for (; next < opened + (uncertain[place] ?? 0); next++) {
        const before = twin[next - opened] ?? -1
        if (!isUsed(words, at, completed + next - opened) && (before < 0 || isUsed(words, at, before))) return next
      }
      return -1
    },
    operationOf(words, at, index) {
      const place = words[at + 1] ?? 0
      const first = openFrom[place] ?? 0
      const opened = (openFrom[place + 1] ?? 0) - first
      return index < opened ? (open[first + index] ?? 0) : completed + index - opened
    },
    place: mark,
    depth: (words, at) => words[at + 1] ?? 0,
    blocked: (words, at) => [(events[words[at + 1] ?? 0] ?? 0) >> 1],
  }
}
