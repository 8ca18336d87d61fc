// A server closes a kept connection just as it is used again: its keep-alive time is over, and the request crosses the
// end of the connection on the way. The work is not done, and the caller cannot know that: it hears `socket hang up`
// (ECONNRESET, with `request.reusedSocket`), as it would had the work been done. Only connections that were really kept
// are struck, in any pool of Node's sockets; of those that undici keeps, nobody knows.
// Survives: a retry that is safe to repeat, on another connection; a pool that keeps connections for less time than
// their server does.
// Example: a shop that keeps connections for a minute and never retries fails now and then, behind a balancer that
// closes them after five seconds.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Close {
  readonly kind: 'close'
  /** A request over a connection that was used before. */
  readonly at: Address
}

export const close: FaultSpec<Close> = {
  kind: 'close',
  needs: 'a second request over one connection, as pools make it',
  weight: 0.4,
  fields: {},
  /** None that is usual: but for its words it is a connection that is reset before the work. */
  values: () => [],
  rarer: (site) => (isKept(site) ? [{ kind: 'close', at: site.address }] : []),
  fits: isKept,
  rewrite: (delivery) => ({ ...delivery, fate: 'closed' }),
  words: () => 'kept connection closed before the work',
  phrase: ({ at }) => `close the kept connection just as it is used again, before the work of ${linkPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

function isKept(site: Site): boolean {
  return site.kind === 'call' && site.address.leg === 'request' && site.reach === 'kept connection'
}
