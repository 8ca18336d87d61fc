// The timeline of a part: its invocations and answers in order, and the operations that are open at each. Only
// real-time.ts and its helpers read it. It uses plain arrays, since small typed arrays are slower to create.
import type { StatePartition } from './state-partition.ts'

/** Operations are numbers: their index in the part. */
export interface Timeline {
  /** The invocations and answers of answered operations: twice the number of the operation, plus 1 for the answer. */
  readonly events: readonly number[]
  /** For each answered operation: the bit that marks it while it is open. */
  readonly slots: readonly number[]
  /** How many bits are needed: the largest number of operations that were open at once. */
  readonly width: number
  /**
   * For each event: the index in `open` of the first operation that is open just before it. Before an invocation none
   * are listed.
   */
  readonly openFrom: readonly number[]
  /** The open operations, in order of their answers. */
  readonly open: readonly number[]
  /** For each event: how many uncertain operations were invoked before it. */
  readonly uncertain: readonly number[]
  /** For each uncertain operation: the one before it with an equal act, or -1. */
  readonly twin: readonly number[]
  /** For each answered operation: the index of its answer in `events`. */
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
    current.shift() // this operation is the first to be answered
    slots.free(operation)
  }
  openFrom.push(open.length)
  return { events, slots: slots.of, width: slots.width(), openFrom, open, uncertain, twin: twinsOf(part), answeredAt }
}

/**
 * The answered operations in order of their answers. Time and operation are packed into one number, which sorts fast.
 */
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

/** Gives each open operation the lowest free number. */
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
