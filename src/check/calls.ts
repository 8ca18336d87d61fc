// Calls: each operation of a history together with its completion, and how the history ended. Every checker that speaks
// for a client starts from these. Knows histories; must not know effects or verdicts.
import { invocationOf } from '../scenario/address.ts'
import { damagesAnswer } from '../scenario/fault/delivery.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { Completion, End, History, Invoke } from '../history/history.ts'
import { unfinishedWords } from '../history/unfinished.ts'
import { durationWords } from '../plain/time.ts'

/** One invocation, and its completion if it has one. */
export interface Call {
  readonly invoke: Invoke
  readonly end: Completion | undefined
}

/** The calls of one operation, or of all, in order of invocation. */
export function callsOf(history: History, operation?: string): readonly Call[] {
  const calls: Call[] = []
  // The open call of each invocation; an array is several times faster than a Map
  const open: ({ -readonly [property in keyof Call]: Call[property] } | undefined)[] = []
  for (const event of history.events) {
    if (event.kind === 'invoke') {
      if (operation !== undefined && event.operation !== operation) continue
      const call = { invoke: event, end: undefined }
      calls.push(call)
      open[event.invocation] = call
    } else if (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') {
      const call = open[event.invocation]
      if (call === undefined) continue
      call.end = event
      open[event.invocation] = undefined
    }
  }
  return calls
}

/** Invocations whose answer was replaced, or cut off, on the way: it is not what the server sent. */
export function damagedAnswers({ events }: History): ReadonlySet<number> {
  const damaged = new Set<number>()
  for (const event of events) {
    if (event.kind !== 'fault' || !damagesAnswer(deliveryOf([event.fault]))) continue
    const invocation = invocationOf(event.fault.at.root)
    if (invocation !== undefined) damaged.add(invocation)
  }
  return damaged
}

/** How the history ended; undefined if it is only part of a history. */
export function endOf(history: History): End | undefined {
  const last = history.events.at(-1)
  return last?.kind === 'end' ? last : undefined
}

/** Whether nothing was left to do. Only then is an effect that did not happen really missing. */
export function isQuiet(history: History): boolean {
  return endOf(history)?.reason === 'quiet'
}

/** Why a missing effect might still have come; for the text of an `unknown` verdict. */
export function cutShort(history: History): string {
  const end = endOf(history)
  if (end === undefined) return 'the history has no end'
  const left = end.left === undefined ? '' : ` (${unfinishedWords(end.left)})`
  return `the history ended at its bound ${end.reason}, with work left to do${left}${longTimer(history, end)}`
}

/** Recovery lasts twice the longest timer by default, and no longer than this. */
const longestRecoveryMs = 86_400_000

/** What to do about a timer that is longer than recovery lasts by default, and lasted here. */
function longTimer({ events }: History, { reason, atMs, left = [] }: End): string {
  const longestMs = Math.max(0, ...left.flatMap((open) => (open.kind === 'timer' ? [open.delayMs] : [])))
  if (reason !== 'recoverForMs' || 2 * longestMs <= longestRecoveryMs) return ''
  const healedMs = events.find(({ kind }) => kind === 'heal')?.atMs ?? atMs
  if (atMs - healedMs >= 2 * longestMs) return ''
  return (
    `; recovery lasts at most 24 h by default, and a timer of ${durationWords(longestMs)} needs more: give the ` +
    `system recoverForMs: ${2 * longestMs}`
  )
}
