// The client goes away: a tab is closed, a phone loses its app, a user presses "cancel". Its operation ends at once,
// unknown and without a retry, and its connections are closed, which its server may notice one leg later
// (`request.signal`, the event `close` of Node's requests and answers). To the client it is a lost reply; the server
// decides whether to stop. It strikes as any request of its operation leaves, so that the news comes between two steps
// of the work. A client with state of its own (an `actor`) stays, and so does who delivers at least once (a provider, a
// queue).
// Survives: finishing what has begun, whoever still waits; stopping before the first effect only; undoing.
// Example: `signal: request.signal` at the second call of two: the card is charged, and the order is never written.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { callPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Leave {
  readonly kind: 'leave'
  /** A request of the operation that its client leaves: the client's own, or one that its server sends meanwhile. */
  readonly at: Address
}

export const leave: FaultSpec<Leave> = {
  kind: 'leave',
  weight: 0.4,
  fields: {},
  /** None that is usual: to code that does not look whether its client is there, it is a lost reply. */
  values: () => [],
  rarer: (site) => (isWaitedFor(site) ? [{ kind: 'leave', at: site.address }] : []),
  fits: isWaitedFor,
  rewrite: (delivery) => ({ ...delivery, leaves: true }),
  words: () => 'the client leaves',
  phrase: ({ at }) => `let the client leave as the request ${at.from} -> ${at.to} of ${callPhrase(at)} is sent`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
  disturbsOnly: () => false,
}

function isWaitedFor(site: Site): boolean {
  return site.kind === 'call' && site.address.leg === 'request' && site.waitedFor === true
}
