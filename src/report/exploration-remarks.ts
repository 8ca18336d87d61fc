// Remarks beside the result of an exploration: what could not be tried, and what to do about it. Must not know how
// exploration works.
import type { Completion } from '../history/history.ts'
import { withAnswer } from './unreliable-run.ts'
import type { Explored } from '../verdict/explored.ts'

/** A saved counterexample that could not be judged. */
export function unclearReplayText(path: string, why: string): string {
  return `${path}: it could not be judged (${why}). If its inputs no longer fit the operation, delete it.`
}

/** A saved counterexample whose faults no longer meet their messages. */
export function unfiredText(path: string, count: number): string {
  return (
    `${path}: ${count} of its faults did not fire any more, and nothing was violated. Delete it if the call is ` +
    'gone.'
  )
}

export function unusedStoreText(name: string): string {
  return (
    `Store "${name}" saw no call in any history. Is it the instance that the handler uses? A store that is never ` +
    'used cannot be crashed, and should not be registered.'
  )
}

/** Operations that never worked, each with how it ended first; `undefined` where it never ended. */
export function neverOkText(ends: ReadonlyMap<string, Completion | undefined>): string {
  const ended = [...ends].map(([operation, end]) =>
    end === undefined
      ? `${operation} never ended`
      : `${operation} ended with ${withAnswer(end.why ?? 'an unknown outcome', end.value)}`,
  )
  return `${[...ends.keys()].join(', ')}: never answered ok in any history, so nothing was tested there (${ended.join('; ')}).`
}

/** Stores of several processes. */
export function untriedOrderText(stores: readonly string[]): string {
  return (
    `Not explored on ${stores.map((name) => `"${name}"`).join(', ')}: what one process does between two statements ` +
    'of another. No two of them ever used it at the same moment, one to change what the other reads. Let operations ' +
    'overlap: more clients, doubleSubmit, inputs that repeat.'
  )
}

export function timeUpText({ singles, swarm }: Explored, numRuns: number): string {
  return (
    `Time ran out after ${singles.run} of ${singles.total} single faults and ${swarm.run} of ${numRuns} random ` +
    `histories: raise the test's timeout, or lower numRuns.`
  )
}
