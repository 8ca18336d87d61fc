// The timeline of a part: its invocations and answers in order, and who is open at each. Typed arrays, read by real time alone.
import type { Part } from './part.ts'

/** Operations are numbers: places in the part. */
export interface Timeline {
  /** Of operations that were answered: twice the number, plus 1 for the answer. */
  readonly events: Int32Array
  /** The bit of each answered operation while it is open. */
  readonly slots: Int32Array
  /** How many bits that takes: the most that were open at once. */
  readonly width: number
  /** Where in `open` the operations begin that are open just before an event. None are listed before an invocation. */
  readonly openFrom: Int32Array
  /** Open operations, the first to be answered first. */
  readonly open: readonly number[]
  /** How many that may have happened were invoked before an event. */
  readonly uncertain: Int32Array
  /** Of each that may have happened: the one before it with an equal act, or -1. */
  readonly twin: Int32Array
  /** Where in the events each is answered. */
  readonly answeredAt: Int32Array
}

export function timelineOf(part: Part): Timeline {
  const { completed, operations } = part
  const invokedAt = (operation: number): number => operations[operation]?.call.invoke.seq ?? Infinity
  const answers = answersOf(part)
  const ranks = new Int32Array(completed)
  for (let rank = 0; rank < completed; rank++) ranks[answers[rank] ?? 0] = rank
  const events = new Int32Array(2 * completed)
  const openFrom = new Int32Array(2 * completed + 1)
  const answeredAt = new Int32Array(completed)
  const uncertain = new Int32Array(2 * completed + 1)
  const open: number[] = []
  const slots = slotsFor(completed)
  const current: number[] = []
  let [place, next, maybe] = [0, 0, completed]
  for (let rank = 0; rank < completed; rank++) {
    const operation = answers[rank] ?? 0
    const until = operations[operation]?.call.end?.seq ?? Infinity
    for (; next < completed && invokedAt(next) < until; next++) {
      openFrom[place] = open.length
      events[place++] = 2 * next
      slots.take(next)
      insertByRank(current, next, ranks)
    }
    while (maybe < operations.length && invokedAt(maybe) < until) maybe++
    openFrom[place] = open.length
    uncertain[place] = maybe - completed
    answeredAt[operation] = place
    events[place++] = 2 * operation + 1
    for (let index = 0; index < current.length; index++) open.push(current[index] ?? 0)
    current.shift() // the first to be answered is this one
    slots.free(operation)
  }
  openFrom[place] = open.length
  return { events, slots: slots.of, width: slots.width(), openFrom, open, uncertain, twin: twinsOf(part), answeredAt }
}

/** Answered operations in order of their answers: sorted as numbers, time before number of the operation. */
function answersOf({ completed, operations }: Part): Int32Array {
  const keys = new Float64Array(completed)
  for (let operation = 0; operation < completed; operation++) keys[operation] = (operations[operation]?.call.end?.seq ?? 0) * completed + operation
  return Int32Array.from(keys.sort(), (key) => key % completed)
}

function insertByRank(current: number[], operation: number, ranks: Int32Array): void {
  let at = current.length
  for (; at > 0 && (ranks[current[at - 1] ?? 0] ?? 0) > (ranks[operation] ?? 0); at--) current[at] = current[at - 1] ?? 0
  current[at] = operation
}

interface Slots {
  readonly of: Int32Array
  take(operation: number): void
  free(operation: number): void
  width(): number
}

/** The lowest numbers that are free. */
function slotsFor(count: number): Slots {
  const of = new Int32Array(count)
  const free: number[] = []
  let width = 0
  return {
    of,
    take: (operation) => {
      of[operation] = free.pop() ?? width++
    },
    free: (operation) => {
      free.push(of[operation] ?? 0)
    },
    width: () => width,
  }
}

function twinsOf({ completed, kinds }: Part): Int32Array {
  const last = new Map<number, number>()
  const twin = new Int32Array(kinds.length - completed)
  for (let operation = completed; operation < kinds.length; operation++) {
    const kind = kinds[operation] ?? 0
    twin[operation - completed] = last.get(kind) ?? -1
    last.set(kind, operation)
  }
  return twin
}
