// Sends: the requests of a history, grouped into calls that were tried once or more, each with the answer that its
// caller received. Checkers of retries start from these. Knows histories; must not know what is claimed about them.
import { invocationOf } from '../scenario/address.ts'
import { parentId, rootText } from '../scenario/address-text.ts'
import type { Arrive, History, Send } from '../history/history.ts'
import { toldIn, type Told } from '../history/told.ts'

/** One attempt of a call. */
export interface SendAttempt {
  readonly send: Send
  /** The arrival of its answer, if the caller was still waiting and had not sent the next attempt. */
  readonly answer?: Arrive
  readonly status?: number
  /** The Retry-After of its answer. */
  readonly told?: Told
  readonly next?: Send
}

export interface Requests {
  /** The attempts of each call, in order. Requests that overlap cannot be told apart and are left out. */
  readonly calls: readonly (readonly SendAttempt[])[]
  /** All requests that one operation of a client caused on one link. */
  readonly byOperation: ReadonlyMap<string, readonly Send[]>
}

/** The requests on a link `from -> to`, or on all. */
export function callsOnLinks(history: History, link?: string): Requests {
  const heard = hearing(history)
  const sent = sendsOf(history).filter(
    ({ send: { address } }) => link === undefined || `${address.from} -> ${address.to}` === link,
  )
  const invoked = new Set<number | undefined>(
    history.events.flatMap((event) => (event.kind === 'invoke' ? [event.invocation] : [])),
  )
  return {
    calls: Array.from(Map.groupBy(sent, ({ call }) => call).values()).flatMap((group) =>
      attempts(
        group.map(({ send }) => send),
        heard,
      ),
    ),
    byOperation: Map.groupBy(
      sent.map(({ send }) => send).filter(({ address: { root } }) => invoked.has(invocationOf(root))),
      ({ address: { root, from, to } }) => JSON.stringify([rootText(root), from, to]),
    ),
  }
}

interface CallSend {
  readonly send: Send
  /** Identifies the call: equal for a request and its retries. */
  readonly call: string
}

/**
 * The requests of a history, with their calls. A client's own retries count as new calls, since its options set how
 * often it retries.
 */
function sendsOf({ events }: History): readonly CallSend[] {
  const trying = new Map<number, number>()
  const sent: CallSend[] = []
  for (const event of events) {
    if (event.kind === 'attempt') trying.set(event.invocation, event.attempt)
    else if (event.kind === 'send' && event.request === -1) {
      const { root, path, from, to, operation, key } = event.address
      sent.push({
        send: event,
        call: JSON.stringify([
          parentId(root, path),
          path.length === 0 ? trying.get(invocationOf(root) ?? -1) : 0,
          from,
          to,
          operation,
          key,
        ]),
      })
    }
  }
  return sent
}

interface Heard {
  readonly answer: Arrive
  readonly status: number
}

interface Hearing {
  /** By `seq` of the request: the first answer that arrived while the caller waited. */
  readonly answers: ReadonlyMap<number, Heard>
  /** By `seq` of the request: the Retry-After of its answer. */
  readonly told: ReadonlyMap<number, Told>
}

function hearing({ events }: History): Hearing {
  const replies = new Map<number, Send>()
  const answers = new Map<number, Heard>()
  for (const event of events) {
    if (event.kind === 'send' && event.request !== -1) replies.set(event.seq, event)
    else if (event.kind === 'arrive' && !event.late) {
      const reply = replies.get(event.cause)
      if (reply !== undefined && !answers.has(reply.request))
        answers.set(reply.request, { answer: event, status: reply.status })
    }
  }
  return { answers, told: toldIn(events) }
}

/** Splits the sends of one group into calls: a good answer ends a call, and the next request begins a new one. */
function attempts(sends: readonly Send[], { answers, told }: Hearing): readonly (readonly SendAttempt[])[] {
  if (overlap(sends, answers)) return []
  const calls: SendAttempt[][] = []
  let done = true
  for (const [index, send] of sends.entries()) {
    if (done) calls.push([])
    const heard = answers.get(send.seq)
    done = heard !== undefined && heard.status < 400
    const next = done ? undefined : sends[index + 1]
    calls.at(-1)?.push(asked(send, heard, told.get(send.seq), next))
  }
  return calls
}

function asked(send: Send, heard: Heard | undefined, told: Told | undefined, next: Send | undefined): SendAttempt {
  return {
    send,
    ...heard,
    ...(heard === undefined || told === undefined ? {} : { told }),
    ...(next === undefined ? {} : { next }),
  }
}

function overlap(sends: readonly Send[], answers: Hearing['answers']): boolean {
  return sends.some((send, index) => {
    const before = sends[index - 1]
    if (before === undefined) return false
    const heard = answers.get(before.seq)
    return before.atMs === send.atMs || (heard !== undefined && heard.answer.seq > send.seq)
  })
}
