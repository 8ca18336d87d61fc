// No connection comes about: whatever asks for one is dropped on the way, as by a firewall or by a machine that is
// gone. The caller hears nothing until the time for connecting is over: 10 s in undici and `fetch`, more than two
// minutes in the operating system. The request never left, and who waits for so long knows it: a definite failure. A
// connection that is open already needs none.
// Survives: a time limit of one's own, and a retry: nothing was done.
// Example: a limit on the answer alone does not run yet, so that a worker waits ten seconds for each call.
import type { Address } from '../address.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import { isConnecting } from './refuse.ts'
import type { FaultSpec } from './spec.ts'

export interface Unreachable {
  readonly kind: 'unreachable'
  readonly at: Address
}

export const unreachable: FaultSpec<Unreachable> = {
  kind: 'unreachable',
  needs: 'a request over a connection of its own',
  weight: 0.4,
  oftenLike: 'refuse',
  fields: {},
  /** None that is usual: whoever has a time limit of his own sees a lost request. */
  values: () => [],
  rarer: (site) => (isConnecting(site) ? [{ kind: 'unreachable', at: site.address }] : []),
  fits: isConnecting,
  rewrite: (delivery) => ({ ...delivery, fate: 'unreachable' }),
  words: () => 'no connection comes about',
  phrase: ({ at }) => `let no connection come about for ${linkPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}
