// A unit on its way to a backend and back: where its answer ends, and how the answer is given on. What would differ
// from run to run is left out: numbers of transactions and processes in the words of an error.
import { errorIn, joined, message, rowIn, type WireMessage } from '../messages.ts'
import type { Unit } from '../wire-session.ts'
import { isReady, type BackendAnswer, type Backend } from './backend.ts'
import { limitNames } from './rewritten.ts'

/** How a statement is cancelled while it waits. */
export interface Cancelled {
  /** Its SQLSTATE. */
  readonly code: string
  readonly words: string
}

/** A unit that a backend carries out. */
export interface SentUnit {
  /**
   * Sends it, behind statements of our own, each of which ends with ReadyForQuery. `asksLimits`: the time limits are
   * asked for, too.
   */
  send(backend: Backend, preludes: readonly Uint8Array[], asksLimits: boolean): Promise<unknown>
  /** Set once it is sent. */
  readonly answered: Promise<BackendAnswer> | undefined
  /** The messages that answer it, once they are there. */
  readonly messages: readonly WireMessage[]
  /** The time limits, as they were before it. */
  readonly limits: readonly (string | null)[] | undefined
}

/** A unit that is to be sent. */
export function unitOf({ bytes, messages: asked }: Unit): SentUnit {
  const isLast = lastOf(asked)
  const messages: WireMessage[] = []
  let answered: Promise<BackendAnswer> | undefined
  let limits: readonly (string | null)[] | undefined
  return {
    messages,
    get answered() {
      return answered
    },
    get limits() {
      return limits
    },
    send(backend, preludes, asksLimits) {
      const own = asksLimits ? [...preludes, asking] : preludes
      let left = own.length
      let refused: Error | undefined
      const takes = (one: WireMessage): boolean => {
        if (left === 0) {
          if (!isOfOthers(one)) messages.push(one)
          return isLast(one)
        }
        // A setting that the client asks for as it connects, and that there is not
        if (one.kind === 'E') refused ??= new Error(errorIn(one.body).get('M'))
        if (one.kind === 'D' && left === 1 && asksLimits) limits = rowIn(one.body)
        if (isReady(one)) left -= 1
        return false
      }
      answered = backend.send(joined([...own, bytes]), takes).then((answer) => {
        if (refused !== undefined) throw refused
        return answer
      })
      return answered
    },
  }
}

const asking = message(
  'Q',
  `select ${limitNames.map((name) => `current_setting('two_generals.${name}', true)`).join(', ')}`,
)

/** All bytes of an answer. */
export function answerOf({ messages }: SentUnit, why: Cancelled | undefined): Uint8Array {
  return joined(messages.map((one) => (one.kind === 'E' ? errorOf(one, why) : one.bytes)))
}

/** A notification for who listens, and a setting that changed by our own doing. */
function isOfOthers({ kind, body }: WireMessage): boolean {
  return kind === 'A' || (kind === 'S' && new TextDecoder().decode(body).startsWith('default_transaction_read_only'))
}

/** Where the answer of a unit ends. A Flush is answered by as many messages as were asked for, or by an error. */
function lastOf(asked: readonly WireMessage[]): (one: WireMessage) => boolean {
  if (asked.at(-1)?.kind !== 'H') return isReady
  let left = 0
  for (const { kind, body } of asked) {
    if ('PBEC'.includes(kind)) left += 1
    else if (kind === 'D') left += body[0] === 'S'.charCodeAt(0) ? 2 : 1
  }
  return ({ kind }) => {
    if (kind === 'E') return true
    if ('123tTnCIs'.includes(kind)) left -= 1
    return left === 0
  }
}

/** Our own cancelling has a reason of its own; numbers of transactions (class 40) say nothing. */
function errorOf({ body, bytes }: WireMessage, why: Cancelled | undefined): Uint8Array {
  const fields = new Map(errorIn(body))
  const code = fields.get('C') ?? ''
  if (why !== undefined && code === '57014') fields.set('C', why.code).set('M', why.words)
  else if (!code.startsWith('40')) return bytes
  for (const letter of ['D', 'H']) {
    const text = fields.get(letter)
    if (text !== undefined) fields.set(letter, text.replace(/\d+/g, 'N'))
  }
  return message('E', ...[...fields].map(([letter, text]) => `${letter}${text}`), new Uint8Array(1))
}
