// Accept a request and never answer: the connection stays open, no limit of a platform ends it, the work is not done.
// It lasts until healing, which resets the connection. Survives: a time limit of the caller's own on every call.
// Example: one hung dependency holds a worker for ever.
import type { Address } from '../address.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Hang {
  readonly kind: 'hang'
  readonly at: Address
}

export const hang: FaultSpec<Hang> = {
  kind: 'hang',
  weight: 0.3,
  fields: {},
  values: (site) =>
    site.kind === 'call' && site.address.leg === 'request' ? [{ kind: 'hang', at: site.address }] : [],
  rewrite: (delivery) => ({ ...delivery, fate: 'hang' }),
  words: () => 'accepted, never answered',
  phrase: ({ at }) => `accept and never answer ${linkPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}
