// The right margin: faults beside the arrow that they hit, how operations ended, why a client retried. What can be said
// beside a message gets no row of its own. Must not know the page.
import { invocationOf, isFromOutside, type Root } from '../scenario/address.ts'
import { faultWords } from '../scenario/fault/registry.ts'
import type { AttemptEnd, Completion, HistoryEvent, Send } from '../history/history.ts'
import { isStatusWhy } from '../history/status-why.ts'
import { clip, printable, type Piece } from './ink.ts'
import { placeOf } from './places.ts'
import type { Marks } from './point-at.ts'
import { clockWords, durationWords } from '../plain/time.ts'
import { answerText } from './answer-text.ts'
import { repeatsOf, repeatWords, type Repeat } from './sent-again.ts'
import type { Trail } from './trail.ts'
import { answerNote, longestAnswer, toldAnswers } from './answers.ts'
import { fieldWords, listWords, valueWords } from './value-words.ts'

export interface Margins {
  readonly notes: (event: HistoryEvent) => readonly Piece[]
  /** Whether the end of an attempt or operation is shown beside a message. */
  readonly isBeside: (seq: number) => boolean
  /** Whether the row of an event says how an operation ended. */
  readonly tellsEnd: (event: HistoryEvent) => boolean
  readonly attemptEnd: (end: AttemptEnd) => readonly Piece[]
  readonly completion: (end: Completion) => readonly Piece[]
}

export function marginsOf(trail: Trail, marks: Marks, slow: ReadonlySet<number>): Margins {
  const beside = endsByMessage(trail, slow)
  const repeats = repeatsOf(trail)
  const told = toldAnswers(trail)
  const shown = new Set([...beside.values()].flat().map((end) => end.seq))
  const attemptEnd = (end: AttemptEnd): readonly Piece[] => [...attemptEndPieces(trail, end), ...marks.pointer(end.seq)]
  const completion = (end: Completion): readonly Piece[] => {
    const pointer = marks.pointer(end.seq)
    return [...completionPieces(trail, end, pointer.length > 0), ...pointer]
  }
  const endPieces = (end: CallEnd): readonly Piece[] => (end.kind === 'attempt-end' ? attemptEnd(end) : completion(end))
  return {
    isBeside: (seq) => shown.has(seq),
    attemptEnd,
    completion,
    tellsEnd: (event) => isCompletion(event) || (beside.get(event.seq) ?? []).some(isCompletion),
    notes: (event) => [
      ...faultPieces(trail, event.seq),
      ...toldPieces(told.get(event.seq), beside.get(event.seq)),
      ...(beside.get(event.seq) ?? []).flatMap(endPieces),
      ...repeatPieces(trail, repeats.get(event.seq)),
      ...valuePieces(trail, event),
      ...earlyPieces(trail, event),
      ...fatePieces(trail, event),
      ...(isEnd(event) ? [] : marks.pointer(event.seq)),
      ...(isEnd(event) && whysThatSayAll.has(event.why ?? '') ? [] : notePieces(trail, event.seq)),
    ],
  }
}

type CallEnd = AttemptEnd | Completion

function isEnd(event: HistoryEvent): event is CallEnd {
  return event.kind === 'attempt-end' || isCompletion(event)
}

function isCompletion(event: HistoryEvent): event is Completion {
  return event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info'
}

/** The ends that can be shown beside a message: the reply that caused the end, or the retry that follows it. */
function endsByMessage(trail: Trail, slow: ReadonlySet<number>): ReadonlyMap<number, readonly CallEnd[]> {
  const found = new Map<number, readonly CallEnd[]>()
  for (const event of trail.events) {
    const message = isEnd(event) ? messageOf(trail, event, slow) : undefined
    if (message !== undefined && isEnd(event)) found.set(message, [...(found.get(message) ?? []), event])
  }
  return found
}

function messageOf(trail: Trail, end: CallEnd, slow: ReadonlySet<number>): number | undefined {
  if (end.kind === 'attempt-end') return retryAfter(trail, end)?.seq
  const brought = trail.events.findLast(
    (event) =>
      event.kind === 'arrive' &&
      event.seq < end.seq &&
      event.atMs === end.atMs &&
      event.node === end.node &&
      !event.late &&
      isOf(end, trail.rootOf(event)),
  )
  if (brought?.kind !== 'arrive') return undefined
  return slow.has(brought.cause) ? brought.seq : brought.cause
}

/** Whether the end of an operation, or of one of its attempts, belongs to a chain of calls. */
function isOf(end: Completion | AttemptEnd, root: Root | undefined): boolean {
  return root !== undefined && invocationOf(root) === end.invocation
}

/** The message with which the client retries, if it does so at once. */
function retryAfter(trail: Trail, end: AttemptEnd): Send | undefined {
  for (const event of trail.events) {
    if (
      event.seq > end.seq &&
      event.kind === 'send' &&
      event.atMs === end.atMs &&
      event.request < 0 &&
      event.node === end.node &&
      isOf(end, event.address.root)
    )
      return event
  }
  return undefined
}

function faultPieces({ faultsAt }: Trail, seq: number): readonly Piece[] {
  return (faultsAt.get(seq) ?? [])
    .filter((fault) => fault.seq !== seq)
    .map(({ fault }) => ({ text: faultWords(fault), tone: 'bad' }))
}

/** Why the client retries. A status is shown on its reply anyway; a timeout has to be written down. */
function attemptEndPieces({ events }: Trail, { invocation, attempt, atMs, why, seq }: AttemptEnd): readonly Piece[] {
  const begun = events.findLast(
    (event) =>
      event.kind === 'attempt' && event.invocation === invocation && event.attempt === attempt && event.seq < seq,
  )
  if (why === 'timeout')
    return [
      {
        text: `client timed out${begun === undefined ? '' : ` after ${durationWords(atMs - begun.atMs)}`}`,
        tone: 'plain',
      },
    ]
  return isStatusWhy(why) ? [] : [{ text: `client saw: ${printable(why)}`, tone: 'plain' }]
}

/**
 * How an operation ended. If the reason points at the answer, also what the answer was and when it arrived, since the
 * message beside it had left earlier.
 */
function completionPieces(trail: Trail, end: Completion, pointedAt: boolean): readonly Piece[] {
  const name = printable(trail.invocations.size > 1 ? `${end.operation} ${keyOf(trail, end)}`.trim() : end.operation)
  if (end.kind === 'ok')
    return [
      { text: `${name} ok${pointedAt ? ` at ${clockWords(end.atMs)}${answerWords(trail, end)}` : ''}`, tone: 'good' },
    ]
  const why = end.why === undefined ? '' : ` (${printable(end.why)})`
  return [
    end.kind === 'fail'
      ? { text: `${name} failed${why}${answerWords(trail, end)}`, tone: 'plain' }
      : { text: `${name} unknown${why}: it may have happened`, tone: 'plain' },
    ...(end.kind === 'info' && answerWords(trail, end) !== ''
      ? [{ text: `answer${answerWords(trail, end)}`, tone: 'dim' as const }]
      : []),
  ]
}

/** Before aliases stand for the values in it. */
const longestRaw = 1_000

function answerWords({ text }: Trail, { kind, value }: Completion): string {
  const answer = clip(text(answerText(value, longestRaw)), kind === 'ok' ? longestAnswer.ok : longestAnswer.other)
  return answer === '' ? '' : `: ${answer}`
}

/** The body of an answer, where what stands beside it does not say it. */
function toldPieces(body: string | undefined, ends: readonly CallEnd[] = []): readonly Piece[] {
  const isSaid = ends.some((end) => isCompletion(end) && end.kind !== 'ok' && answerText(end.value, longestRaw) !== '')
  return body === undefined || isSaid ? [] : [{ text: answerNote(body), tone: 'dim' }]
}

/** A key that distinguishes an operation from others of the same name. */
function keyOf(trail: Trail, end: Completion): string {
  const own = trail.aliases.find((alias) => alias.invocation === end.invocation && alias.distinctive)
  const sent = trail.events.find(
    (event) => event.kind === 'send' && isFromOutside(event.address) && isOf(end, event.address.root),
  )
  return (sent?.kind === 'send' ? sent.address.key : undefined) ?? own?.name ?? ''
}

function fatePieces(trail: Trail, event: HistoryEvent): readonly Piece[] {
  if (event.kind === 'queue') return event.left === true ? [{ text: 'nobody waits for it', tone: 'plain' }] : []
  if (event.kind === 'arrive') return event.late ? [{ text: 'too late: nobody waits', tone: 'plain' }] : []
  const fate = event.kind === 'send' ? trail.fateOf(event.seq) : undefined
  if (event.kind !== 'send' || trail.faultsAt.has(event.seq)) return []
  if (fate === undefined && trail.isSettled(event)) return []
  if (fate === undefined) return [{ text: 'still under way at the end', tone: 'plain' }]
  if (fate.kind === 'arrive') return fate.late ? [{ text: 'nobody waits for it', tone: 'plain' }] : []
  return [{ text: lostWords[fate.why], tone: 'bad' }]
}

function repeatPieces(trail: Trail, repeat: Repeat | undefined): readonly Piece[] {
  return repeat === undefined ? [] : repeatWords(trail, repeat).map((text) => ({ text, tone: 'plain' }))
}

/** What a call was given, wrote and gave, as far as it is known and no label says it. */
function valuePieces(trail: Trail, event: HistoryEvent): readonly Piece[] {
  const { given = [], wrote, gave } = trail.detailAt.get(event.seq) ?? {}
  const isChange = event.kind === 'store' && changesRows.test(event.address.operation)
  const seen = trail.history.readings.flatMap((one) => (one.event === event.seq ? [fieldWords(trail, one.value)] : []))
  const unseen = (words: string): string => (seen.some((text) => text.includes(words)) ? '' : words)
  const written = wrote === undefined ? '' : unseen(valueWords(trail, wrote.value))
  const parameters = isChange && given.length > 0 ? unseen(listWords(trail, given)) : ''
  const words = [
    parameters === '' ? '' : `with ${parameters}`,
    isChange && !event.write ? 'changed nothing' : '',
    written === '' ? '' : `wrote ${written}`,
    gave === undefined ? '' : gaveWords(trail, event, gave.value),
  ]
  return words.filter((text) => text !== '').map((text) => ({ text, tone: 'plain' }))
}

/** Statements that change rows. */
const changesRows = /^(?:insert|update|delete|replace) /

/** Of a list with one item the item, since most statements that give rows give one. */
function gaveWords(trail: Trail, event: HistoryEvent, value: unknown): string {
  if (event.kind === 'send') return value === undefined ? '' : `gave ${valueWords(trail, value)}`
  const isList = Array.isArray(value)
  const words = valueWords(trail, isList && value.length === 1 ? value[0] : value)
  return `gave ${isList && value.length === 0 ? 'nothing' : words}`
}

/** A read that came before another process's change. */
function earlyPieces(trail: Trail, event: HistoryEvent): readonly Piece[] {
  const change = event.kind === 'store' && event.early !== undefined ? trail.event(event.early) : undefined
  if (change?.kind !== 'store') return []
  return [
    {
      text: `${placeOf(trail, event)} reads before ${placeOf(trail, change)}'s ${change.address.operation}`,
      tone: 'bad',
    },
  ]
}

const lostWords = {
  lost: 'lost',
  hang: 'accepted, never answered',
  refused: 'connection refused',
  unresolved: 'name not resolved',
  unreachable: 'no connection',
  down: 'the node is down',
  timeout: 'nobody waits for it',
  reset: 'connection reset',
  closed: 'connection closed',
  cut: 'cut off',
} as const

/** For these reasons the text of the error adds nothing. */
const whysThatSayAll: ReadonlySet<string> = new Set(['timeout', 'refused', 'reset'])

const longestNote = 60

function notePieces({ history, text }: Trail, seq: number): readonly Piece[] {
  return history.notes
    .filter((note) => note.event === seq && note.printed === undefined) // these have rows of their own
    .map((note) => ({ text: clip(text(note.text.split('\n')[0] ?? ''), longestNote), tone: 'dim' }))
}
