// The client goes away: a tab is closed, a phone loses its app, a user presses "cancel". Its operation ends at once,
// unknown and without a retry, and its connections are closed, which its server may notice one leg later
// (`request.signal`, the event `close` of Node's requests and answers, `cancel` of a stream). To the client it is a
// lost reply; the server decides whether to stop. It strikes as any request of its operation leaves, so that the news
// comes between two steps of the work, and in the middle of an answer that is streamed. A client with state of its own
// (an `actor`) stays, and so does who delivers at least once (a provider, a queue).
// Survives: finishing what has begun, whoever still waits; stopping before the first effect only; undoing; writing down
// what was streamed where the stream ends, whichever way that is.
// Examples: `signal: request.signal` at the second call of two: the card is charged, and the order is never written. A
// model's answer that is billed behind its last word: who leaves before that pays nothing.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { callPhrase, legPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Leave {
  readonly kind: 'leave'
  /**
   * A request of the operation that its client leaves: the client's own, or one that its server sends meanwhile. Or the
   * reply to one, whose body is streamed.
   */
  readonly at: Address
  /** After how many further pieces of a reply's body: those that come behind its head. @default 0 */
  readonly afterPieces?: number
}

export const leave: FaultSpec<Leave> = {
  kind: 'leave',
  needs: 'a client that waits for an answer: one that is no `actor`, queue or provider',
  weight: 0.4,
  fields: { afterPieces: { type: 'number', target: 0, min: 0, optional: true } },
  /** None that is usual: to code that does not look whether its client is there, it is a lost reply. */
  values: () => [],
  rarer(site) {
    if (!isWaitedFor(site)) return []
    const { address: at } = site
    return at.leg === 'request'
      ? [{ kind: 'leave', at }]
      : [{ kind: 'leave', at }, ...later.map((afterPieces): Leave => ({ kind: 'leave', at, afterPieces }))]
  },
  fits: isWaitedFor,
  rewrite: (delivery, { afterPieces = 0 }) => ({ ...delivery, leavesAfter: afterPieces }),
  words: (fault) => `the client leaves${behind(fault, 'the head of the answer')}`,
  phrase: (fault) =>
    fault.at.leg === 'request'
      ? `let the client leave as the request ${fault.at.from} -> ${fault.at.to} of ${callPhrase(fault.at)} is sent`
      : `let the client leave in the middle of ${legPhrase(fault.at)},${behind(fault, 'its head')}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
  disturbsOnly: () => false,
}

/** How much of an answer is there. The end of a longer one is seldom another matter than its middle. */
const later = [1, 3]

function behind({ at, afterPieces = 0 }: Leave, head: string): string {
  if (at.leg === 'request') return ''
  const pieces = afterPieces === 0 ? '' : ` ${afterPieces} ${afterPieces === 1 ? 'piece' : 'pieces'}`
  return `${pieces} after ${head}`
}

function isWaitedFor(site: Site): site is Extract<Site, { kind: 'call' }> {
  return site.kind === 'call' && site.waitedFor === true
}
