// Planted bugs for the toy world, each with its smallest failure known.
import type { Attempt, Bug, ToyRun } from './toy.ts'

function byInvocation(run: ToyRun): readonly (readonly Attempt[])[] {
  return [...Map.groupBy(run.attempts, ({ invocation }) => invocation.id).values()]
}

/** The customer pays twice: two attempts of one operation were recorded. */
export const doubleCharge: Bug = (run) =>
  byInvocation(run).some((attempts) => attempts.filter(({ recorded }) => recorded > 0).length > 1)
    ? 'double charge'
    : undefined

/** Needs two faults: a lost answer, and then a crash between charge and record in a later attempt. */
export const twoFaults: Bug = (run) =>
  byInvocation(run).some((attempts) =>
    attempts.some(
      (first) =>
        first.recorded > 0 &&
        first.seen === 'silence' &&
        attempts.some((later) => later.number > first.number && later.crashedAfterCharge),
    ),
  )
    ? 'charged after recorded'
    : undefined

/** How late the reply has to be for the bug to show, in milliseconds; any number that no shortcut hits. */
export const lateReplyMs = 4_980
export const lateReply: Bug = (run) =>
  run.attempts.some(({ replyDelayMs }) => replyDelayMs >= lateReplyMs) ? 'late reply' : undefined

/** Two clients order one item at the same time. Needs no fault. */
export const overlap: Bug = (run) =>
  run.attempts.some((a) =>
    run.attempts.some(
      (b) =>
        a.invocation.client < b.invocation.client &&
        itemOf(a) === itemOf(b) &&
        a.startMs < b.endMs &&
        b.startMs < a.endMs,
    ),
  )
    ? 'oversold'
    : undefined

function itemOf({ invocation }: Attempt): unknown {
  return (invocation.input as { readonly item: unknown }).item // the cast holds: toyInput makes it
}

/** Two bugs in one handler. The second is easier to trigger, so that a shrinker that ignores the kind slides to it. */
export const twoBugs: Bug = (run) =>
  twoFaults(run) ?? (run.attempts.some(({ seen }) => seen !== 'ok') ? 'not answered' : undefined)

/** Needs three faults: two lost answers, and then a crash between charge and record. */
export const threeFaults: Bug = (run) =>
  byInvocation(run).some((attempts) =>
    attempts.some(
      (last) =>
        last.crashedAfterCharge &&
        attempts.filter((earlier) => earlier.number < last.number && earlier.recorded > 0 && earlier.seen === 'silence')
          .length > 1,
    ),
  )
    ? 'charged a third time'
    : undefined
