// Refuse a connection (ECONNREFUSED): the request never arrived, and the caller knows it. This is one of the few
// definite failures of a network. A connection that is kept is never refused: it is closed.
// Survives: a retry later, or an honest failure.
// Example: code that treats every error alike compensates for work that was never begun.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Refuse {
  readonly kind: 'refuse'
  readonly at: Address
}

export const refuse: FaultSpec<Refuse> = {
  kind: 'refuse',
  needs: 'a request over a connection of its own',
  weight: 0.4,
  fields: {},
  values: (site) => (isConnecting(site) ? [{ kind: 'refuse', at: site.address }] : []),
  fits: isConnecting,
  rewrite: (delivery) => ({ ...delivery, fate: 'refused' }),
  words: () => 'connection refused',
  phrase: ({ at }) => `refuse ${linkPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

/** A request that needs a connection first. */
export function isConnecting(site: Site): boolean {
  return site.kind === 'call' && site.address.leg === 'request' && site.reach !== 'kept connection'
}
