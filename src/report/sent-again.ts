// Requests that were sent again because an earlier try had not succeeded, and what sent them: the operation's
// `retries`, or which line of whose code. Knows histories; must not know the page.
import { callChain, type Address } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { HistoryEvent, Send } from '../history/history.ts'
import { durationWords } from '../plain/time.ts'
import { printable } from './ink.ts'
import { ancestors, type Trail } from './trail.ts'
import { shortLine } from './user-line.ts'

/** A request that was sent again. */
export interface Repeat {
  readonly before: Send
  readonly again: Send
  /** 1 for the first repetition. */
  readonly number: number
}

/** The requests that repeat one without success, by their `seq`. */
export function repeatsOf(trail: Trail): ReadonlyMap<number, Repeat> {
  const repeats = new Map<number, Repeat>()
  const last = new Map<string, Send>()
  for (const event of trail.events) {
    if (event.kind !== 'send' || event.request >= 0 || event.copy > 0) continue
    const name = callName(trail, event)
    const before = last.get(name)
    last.set(name, event)
    if (before === undefined || before.atMs === event.atMs || hasSucceeded(trail, before, event)) continue
    repeats.set(event.seq, { before, again: event, number: (repeats.get(before.seq)?.number ?? 0) + 1 })
  }
  return repeats
}

/** Equal for a request and its repetitions: the same call of the same content, as far as that is known. */
function callName({ detailAt }: Trail, { address, seq }: Send): string {
  return JSON.stringify([rootText(address.root), callChain(anyTime(address)), detailAt.get(seq)?.asked])
}

function anyTime(address: Address): Address {
  return { ...address, nth: 0 }
}

/** Whether the sender of the second request knew that the first had succeeded. */
function hasSucceeded({ events, fateOf }: Trail, before: Send, again: Send): boolean {
  return events.some((event) => {
    if (event.kind !== 'send' || event.request !== before.seq || event.status === 0 || event.status >= 400) return false
    const fate = fateOf(event.seq)
    return fate?.kind === 'arrive' && fate.seq < again.seq
  })
}

/** What sent a request again, and after which wait; empty where nobody knows. */
export function repeatWords(trail: Trail, { before, again }: Repeat): readonly string[] {
  if (attemptIn(trail, again) !== attemptIn(trail, before)) return ["sent again by op's retries"]
  const who = senderOf(trail, again)
  if (who === undefined) return []
  const answeredMs = answeredAt(trail, before, again)
  const waitedMs = again.atMs - (answeredMs ?? before.atMs)
  const wait = `after ${answeredMs === undefined ? '' : 'a wait of '}${durationWords(waitedMs)}`
  return [
    `sent again by ${printable(who)}`,
    ...(waitedMs > 0 ? [answeredMs === undefined ? `${wait} without an answer` : wait] : []),
  ]
}

/** Where neither a node of the user nor a package sent it, it was the provider of `deliveries`. */
function senderOf({ detailAt, events }: Trail, { seq, node }: Send): string | undefined {
  const detail = detailAt.get(seq)
  if (detail?.asked === undefined) return undefined
  if (detail.at !== undefined) return shortLine(detail.at)
  if (detail.inPackage !== undefined) return `the package ${detail.inPackage}`
  return events.some((event) => event.kind === 'boot' && event.node === node) ? undefined : 'the provider'
}

/** The attempt of the client's operation that an event belongs to. */
function attemptIn(trail: Trail, event: HistoryEvent): number | undefined {
  const attempt = ancestors(event, trail.event).find(({ kind }) => kind === 'attempt')
  return attempt?.kind === 'attempt' ? attempt.attempt : undefined
}

/** When the answer to a request arrived, if it did before the next one was sent. */
function answeredAt({ events, fateOf }: Trail, { seq }: Send, again: Send): number | undefined {
  const reply = events.find((event) => event.kind === 'send' && event.request === seq)
  const fate = reply === undefined ? undefined : fateOf(reply.seq)
  return fate?.kind === 'arrive' && fate.seq < again.seq ? fate.atMs : undefined
}
