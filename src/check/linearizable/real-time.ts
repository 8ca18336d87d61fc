// Real time: an operation takes effect between its invocation and its answer. Just-in-time linearization (Lowe, "Testing for
// linearizability", 2017): nothing is placed before some answer makes it due. Knows a part; must not know how the search goes on.
import type { Need } from '../../model.ts'
import { clearBit, hasBit, setBit, type Order } from './order.ts'
import type { Part } from './part.ts'
import { timelineOf } from './timeline.ts'
import type { Rule } from './search.ts'
import { refused, type Transitions } from './transitions.ts'

export const realTime: Rule = { adjective: 'linearizable', keeps: 'real time', isTimed: true, order: orderOf }

/**
 * Words: state; place in the timeline; bits of open operations that are placed, by slot; bits of used operations that may have happened.
 * Of operations with equal acts only the first to end is a candidate: the others can do nothing that it cannot.
 */
function orderOf(part: Part, transitions: Transitions): Order {
  const { kinds, completed, readOnly } = part
  const { events, slots, width, openFrom, open, uncertain, twin, answeredAt } = timelineOf(part)
  const exact = 1 + Math.ceil(width / 32)
  const used = Math.ceil((kinds.length - completed) / 32)

  const reads = (operation: number): boolean => readOnly[kinds[operation] ?? 0] === 1
  const isPlaced = (words: Int32Array, at: number, operation: number): boolean => hasBit(words, at + 2, slots[operation] ?? 0)
  const isUsed = (words: Int32Array, at: number, operation: number): boolean => hasBit(words, at + 1 + exact, operation - completed)

  /** A pending read that fits now may as well be placed now: it changes nothing. */
  const absorb = (words: Int32Array, at: number, operation: number): void => {
    if (transitions.next(words[at] ?? 0, kinds[operation] ?? 0) !== refused) setBit(words, at + 2, slots[operation] ?? 0)
  }

  const settle = (words: Int32Array, at: number): number => {
    const from = words[at + 1] ?? 0
    for (let index = openFrom[from] ?? 0; index < (openFrom[from + 1] ?? 0); index++) {
      const operation = open[index] ?? 0
      if (reads(operation) && !isPlaced(words, at, operation)) absorb(words, at, operation)
    }
    let place = from
    for (; place < events.length; place++) {
      const event = events[place] ?? 0
      const operation = event >> 1
      if ((event & 1) === 0) {
        if (reads(operation)) absorb(words, at, operation)
      } else if (isPlaced(words, at, operation)) {
        clearBit(words, at + 2, slots[operation] ?? 0)
      } else {
        break
      }
    }
    words[at + 1] = place
    return place - from
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

  /** Open operations in order of their answers, so that the due one is first; then those that may have happened. */
  const candidate = (words: Int32Array, at: number, cursor: number): number => {
    const place = words[at + 1] ?? 0
    const first = openFrom[place] ?? 0
    const opened = (openFrom[place + 1] ?? 0) - first
    let next = cursor
    for (; next < opened; next++) if (isCandidate(words, at, first, first + next)) return next
    for (; next < opened + (uncertain[place] ?? 0); next++) {
      const operation = completed + next - opened
      const before = twin[next - opened] ?? -1
      if (!isUsed(words, at, operation) && (before < 0 || isUsed(words, at, before))) return next
    }
    return -1
  }

  const laterReads = transitions.isTelling ? laterReadsOf(part, events, answeredAt) : undefined

  /** Whether an operation that is not placed, and was invoked before a read was answered, is what the read needs. */
  const isMet = (words: Int32Array, at: number, read: number, need: Need): boolean => {
    const [place, until] = [words[at + 1] ?? 0, answeredAt[read] ?? 0]
    const meets = (operation: number): boolean => !reads(operation) && need(transitions.act(kinds[operation] ?? 0))
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
    return transitions.next(state, kind) === refused && !transitions.needs(state, kind).every((need) => isMet(words, at, read, need))
  }

  /** Whether some read that is open, or the first to be answered of those to come, can no longer be placed. */
  const isDoomed = (words: Int32Array, at: number): boolean => {
    const place = words[at + 1] ?? 0
    for (let index = openFrom[place] ?? 0; index < (openFrom[place + 1] ?? 0); index++) {
      const operation = open[index] ?? 0
      if (reads(operation) && !isPlaced(words, at, operation) && isLost(words, at, operation)) return true
    }
    const later = laterReads?.[place] ?? -1
    return later >= 0 && isLost(words, at, later)
  }

  return {
    exact,
    used,
    settle,
    isDone: (words, at) => words[at + 1] === events.length,
    isDoomed: (words, at) => laterReads !== undefined && isDoomed(words, at),
    candidate,
    operationOf(words, at, index) {
      const place = words[at + 1] ?? 0
      const first = openFrom[place] ?? 0
      const opened = (openFrom[place + 1] ?? 0) - first
      return index < opened ? open[first + index] ?? 0 : completed + index - opened
    },
    place(words, at, operation) {
      if (operation < completed) setBit(words, at + 2, slots[operation] ?? 0)
      else setBit(words, at + 1 + exact, operation - completed)
    },
    depth: (words, at) => words[at + 1] ?? 0,
    blocked: (words, at) => [(events[words[at + 1] ?? 0] ?? 0) >> 1],
  }
}

/** At each event the read that is answered first of those invoked from there on; -1 for none. */
function laterReadsOf({ kinds, readOnly }: Part, events: Int32Array, answeredAt: Int32Array): Int32Array {
  const later = new Int32Array(events.length + 1).fill(-1)
  for (let place = events.length - 1; place >= 0; place--) {
    const after = later[place + 1] ?? -1
    const operation = (events[place] ?? 0) >> 1
    const isRead = ((events[place] ?? 0) & 1) === 0 && readOnly[kinds[operation] ?? 0] === 1
    later[place] = isRead && (after < 0 || (answeredAt[operation] ?? 0) < (answeredAt[after] ?? 0)) ? operation : after
  }
  return later
}
