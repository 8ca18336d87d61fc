// Which answers are told with their body: those that say what went wrong, and those that bring something new to a node
// that works by itself, such as a job to a worker. Must not know the page.
import { rootText } from '../scenario/address-text.ts'
import type { Send } from '../history/history.ts'
import { clip } from './ink.ts'
import type { Trail } from './trail.ts'

/** How many characters of an answer are shown. One that is not ok may explain what went wrong. */
export const longestAnswer = { ok: 40, other: 200 }

/** The bodies that are told, by the `seq` of their replies. Of those that are not ok, all that differ from the last. */
export function toldAnswers(trail: Trail): ReadonlyMap<number, string> {
  const told = new Map<number, string>()
  const before = new Map<string, string>()
  for (const event of trail.events) {
    const body = event.kind === 'send' && event.request >= 0 ? trail.detailAt.get(event.seq)?.answer?.trim() : undefined
    if (event.kind !== 'send' || body === undefined || body === '' || trail.faultsAt.has(event.seq)) continue
    const longest = isBad(event) ? longestAnswer.other : isOwnWork(event) ? longestAnswer.ok : undefined
    if (longest === undefined) continue
    const kind = kindOf(event)
    if (!isBad(event) || before.get(kind) !== body) told.set(event.seq, clip(trail.text(body), longest))
    before.set(kind, body)
  }
  return told
}

/** The note that tells an answer. */
export function answerNote(body: string): string {
  return `answer: ${body}`
}

/** Whether a note tells an answer. */
export function isAnswerNote(text: string): boolean {
  return text.startsWith('answer: ')
}

function isBad({ status }: Send): boolean {
  return status >= 400
}

/** Whether it answers a call that no operation has led to. */
function isOwnWork({ address: { root } }: Send): boolean {
  return root.kind !== 'operation'
}

/** Answers to equal calls: of one operation, or of a node that works by itself. */
function kindOf(send: Send): string {
  const { root, from, to, operation } = send.address
  return `${isOwnWork(send) ? '' : rootText(root)} ${from} ${to} ${operation}`
}
