// The words for a run that cannot be trusted: it differs from an equal run, or fails without any fault. Must not know
// how exploration works.
import { inspect } from 'node:util'
import { answerText } from './answer-text.ts'
import { nodeWords } from '../history/node-words.ts'
import { faultWords } from '../scenario/fault/registry.ts'
import type { Divergence } from '../history/divergence.ts'
import { completionsOf, pendingIn, type End, type History } from '../history/history.ts'
import { unfinishedWords } from '../history/unfinished.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Verdict } from '../verdict/verdict.ts'

export function valuesText(where: Divergence): string {
  return (
    'Two equal runs took the same course with other values: some random numbers, ids or counters outlive a history, ' +
    `as in the pool of an id library. Verdicts stand; the bytes of histories differ.${differenceWords(where)}`
  )
}

/** Where they differ, in one sentence for a remark. */
function differenceWords({ kind, first, field }: Divergence): string {
  if (kind === 'draws') return ''
  const what = first.replace(/^(\S+ s) {2}/, 'First at $1, ')
  return ` ${what}${field === undefined ? '' : `; ${field.name}: ${field.first} against ${field.second}`}.`
}

export function flakyText(where: Divergence): string {
  return (
    'Two runs of one scenario differ, so no verdict can be trusted: the code under test is not deterministic. ' +
    `They differ from event ${where.seq} on:\n${bothLines(where, 'first ', 'second')}\n` +
    'Look for state that outlives a history (a module-level cache, a store that is not registered) or for real ' +
    'randomness and time.'
  )
}

export function leakText(where: Divergence): string {
  const how = where.kind === 'course' ? 'takes another course' : 'is answered otherwise'
  return (
    `State leaks between histories, so no verdict can be trusted: the same run ${how} after others. They differ from ` +
    `event ${where.seq} on:\n${bothLines(where, 'before', 'after ')}\n` +
    'Something outlives a history: a module-level variable, a cache, a fake that remembers, a database that is not ' +
    'registered. So a later history does not begin where the first one began: what was done in an earlier one is ' +
    'done already, or its contents are still there. Make it inside serve(() => ...), or register it in `stores`.'
  )
}

/** Two events, one below the other, and the field in which they differ. */
function bothLines({ first, second, field }: Divergence, one: string, other: string): string {
  const differ = field === undefined ? '' : `\n  ${field.name}: ${field.first} against ${field.second}`
  return `  ${one}  ${first}\n  ${other}  ${second}${differ}`
}

/** A later history began with other rows than the first. */
export function outlivedText({ effect, first, later, row }: OutlivedRows): string {
  const rows = (count: number): string => (count === 1 ? 'one row' : `${count} rows`)
  return (
    `State outlives a history, so nothing can be said about any of them: rows("${effect}") gave ${rows(first)} when ` +
    `the operations of the first history began, and ${rows(later)} when those of a later one did. They differ by\n` +
    `  ${shownRow(row)}\n` +
    'Every history begins with what the first one began with. Register what these rows are read from in `stores` ' +
    '(map(...), sqlite(...), store(name, { reset })), or reset it where the node boots.'
  )
}

/** What a later history began with, in place of what the first did. */
interface OutlivedRows {
  readonly effect: string
  readonly first: number
  readonly later: number
  readonly row: unknown
}

function shownRow(row: unknown): string {
  const text = typeof row === 'string' ? row : inspect(row, { breakLength: Infinity })
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}

export function brokenText({ workload }: Scenario, history: History): string {
  const asked = new Set(workload.invocations.map(({ id }) => id))
  const end = history.events.findLast((event) => event.kind === 'end')
  const lines = completionsOf(history)
    .filter(({ kind }) => kind !== 'ok')
    .map(({ operation, why = 'an unknown outcome', value }) => `  ${operation} ended with ${withAnswer(why, value)}`)
  const pending = pendingIn(history).map(
    ({ operation, atMs, invocation }) =>
      `  ${operation}, begun at ${atMs / 1_000} s, never ended ` +
      (asked.has(invocation) ? endless(end) : '(a probe should: give it op(..., { timeout }))'),
  )
  const notes = history.notes.map(({ event, text }) => `  ${nodeWords(history.events[event]?.node ?? '')}: ${text}`)
  return [
    'The handler fails without any fault, on a perfect network; the network is not to blame:',
    ...new Set([...lines, ...pending, ...notes]),
    'Make the operation succeed first: check its input, the URL it calls and what the handler needs.',
  ].join('\n')
}

const longestAnswer = 200

/** `status 500: {"error":"no such table: orders"}`: how an operation ended, with its answer. */
export function withAnswer(why: string, value: unknown): string {
  const answer = answerText(value, longestAnswer)
  return answer === '' ? why : `${why}: ${answer}`
}

/** Why an operation never ended, from how the history ended. */
function endless(end: End | undefined): string {
  if (end === undefined || end.reason === 'quiet') return '(nothing is left that could end it)'
  const bound = end.reason === 'maxSteps' ? 'after its most steps' : 'when recoverForMs had passed'
  const left = (end.left ?? []).filter(({ kind }) => kind !== 'operation') // operations have lines of their own
  const open = left.length === 0 ? '' : `. Still open: ${unfinishedWords(left)}`
  return `(the history was stopped ${bound}: something repeats for ever${open})`
}

/**
 * The text if an invariant could not be judged after so many single faults, which may hide a violation.
 *
 * @param sets whether sets of them were run as well, and are counted
 * @param isToldWhy whether another remark says what keeps the system busy
 */
export function unclearText(
  { scenario: { plan }, verdicts }: { readonly scenario: Scenario; readonly verdicts: readonly Verdict[] },
  count: number,
  sets: boolean,
  isToldWhy: boolean,
): string {
  const fault = plan.kind === 'listed' ? plan.faults.map(faultWords).join(', ') : ''
  const why = verdicts.find(({ kind }) => kind === 'unknown')?.reasons[0]
  const advice =
    why?.kind === 'no-verdict' || isToldWhy ? '' : ' Raise recoverForMs, or let what repeats for ever come to rest.'
  return (
    `After ${count} of the single faults${sets ? ' and sets of them' : ''} an invariant could not be judged, first ` +
    `after "${fault}": ${(why?.text ?? '').replace(/[^.]$/, '$&.')}${advice}`
  )
}
