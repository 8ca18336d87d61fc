// The timeline of a part: its invocations and answers in order, and who is open at each. Read by real time alone. Small
// arrays of small numbers: typed ones are slower to make.
import type { StatePartition } from './state-partition.ts'

/** Operations are numbers: places in the part. */
export interface Timeline {
  /** Of operations that were answered: twice the number, plus 1 for the answer. */
  readonly events: readonly number[]
  /** The bit of each answered operation while it is open. */
  readonly slots: readonly number[]
  /** How many bits that takes: the most that were open at once. */
  readonly width: number
  /** Where in `open` the operations begin that are open just before an event. None are listed before an invocation. */
  readonly openFrom: readonly number[]
  /** Open operations, the first to be answered first. */
  readonly open: readonly number[]
  /** How many that may have happened were invoked before an event. */
  readonly uncertain: readonly number[]
  /** Of each that may have happened: the one before it with an equal act, or -1. */
  readonly twin: readonly number[]
  /** Where in the events each is answered. */
  readonly answeredAt: readonly number[]
}

export function timelineOf(part: StatePartition): Timeline {
  const { completed, operations } = part
  const invokedAt = (operation: number): number => operations[operation]?.call.invoke.seq ?? Infinity
  const answers = answersOf(part)
  const ranks = zeros(completed)
  for (let rank = 0; rank < completed; rank++) ranks[answers[rank] ?? 0] = rank
  const events: number[] = []
  const openFrom: number[] = []
  const answeredAt = zeros(completed)
  const uncertain: number[] = []
  const open: number[] = []
  const slots = slotsFor(completed)
  const current: number[] = []
  let [next, maybe] = [0, completed]
  for (let rank = 0; rank < completed; rank++) {
    const operation = answers[rank] ?? 0
    const until = operations[operation]?.call.end?.seq ?? Infinity
    for (; next < completed && invokedAt(next) < until; next++) {
      openFrom.push(open.length)
      uncertain.push(0)
      events.push(2 * next)
      slots.take(next)
      insertByRank(current, next, ranks)
    }
    while (maybe < operations.length && invokedAt(maybe) < until) maybe++
    openFrom.push(open.length)
    uncertain.push(maybe - completed)
    answeredAt[operation] = events.length
    events.push(2 * operation + 1)
    for (let index = 0; index < current.length; index++) open.push(current[index] ?? 0)
    current.shift() // the first to be answered is this one
    slots.free(operation)
  }
  openFrom.push(open.length)
  return { events, slots: slots.of, width: slots.width(), openFrom, open, uncertain, twin: twinsOf(part), answeredAt }
}

/** Answered operations in order of their answers: sorted as numbers, time before number of the operation. */
function answersOf({ completed, operations }: StatePartition): readonly number[] {
  const keys = new Float64Array(completed)
  for (let operation = 0; operation < completed; operation++)
    keys[operation] = (operations[operation]?.call.end?.seq ?? 0) * completed + operation
  keys.sort()
  const answers: number[] = []
  for (let rank = 0; rank < completed; rank++) answers.push((keys[rank] ?? 0) % completed)
  return answers
}

function insertByRank(current: number[], operation: number, ranks: readonly number[]): void {
  let at = current.length
  for (; at > 0 && (ranks[current[at - 1] ?? 0] ?? 0) > (ranks[operation] ?? 0); at--)
    current[at] = current[at - 1] ?? 0
  current[at] = operation
}

interface FreeSlots {
  readonly of: readonly number[]
  take(operation: number): void
  free(operation: number): void
  width(): number
}

/** The lowest numbers that are free. */
function slotsFor(count: number): FreeSlots {
  const of = zeros(count)
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

function twinsOf({ completed, kinds }: StatePartition): readonly number[] {
  const last = new Map<number, number>()
  const twin = zeros(kinds.length - completed)
  for (let operation = completed; operation < kinds.length; operation++) {
    const kind = kinds[operation] ?? 0
    twin[operation - completed] = last.get(kind) ?? -1
    last.set(kind, operation)
  }
  return twin
}

function zeros(count: number): number[] {
  const numbers: number[] = []
  for (let index = 0; index < count; index++) numbers.push(0)
  return numbers
}
