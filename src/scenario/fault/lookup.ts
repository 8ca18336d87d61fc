// A name that leads nowhere for the moment: its resolver says that there is none (ENOTFOUND), or gives no answer
// (EAI_AGAIN). The request never left, and the caller knows it: a definite failure, as a refused connection is. Who is
// called by an address, or over a connection that is still open, is not looked up.
// Survives: a retry later, or an honest failure, whatever the code is.
// Example: code that knows ECONNREFUSED alone for a no, and takes ENOTFOUND for a typing error that no retry mends.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Lookup {
  readonly kind: 'lookup'
  readonly at: Address
  /** As `getaddrinfo` fails. @default 'ENOTFOUND' */
  readonly code?: 'ENOTFOUND' | 'EAI_AGAIN'
}

/** What a claim may name of it. */
export interface LookupParts {
  readonly code: NonNullable<Lookup['code']>
}

export const lookup: FaultSpec<Lookup, LookupParts> = {
  kind: 'lookup',
  needs: 'a request to a name, over a connection of its own',
  weight: 0.4,
  oftenLike: 'refuse',
  parts: {
    code: {
      type: 'choices',
      words: { ENOTFOUND: 'name not found', EAI_AGAIN: 'resolver without an answer' },
      of: ({ code = 'ENOTFOUND' }) => code,
    },
  },
  fields: { code: { type: 'choice', choices: ['ENOTFOUND', 'EAI_AGAIN'], optional: true } },
  /** None that is usual: only the code of its error tells it from a refused connection. */
  values: () => [],
  rarer: (site) => lookups(site, undefined, 'EAI_AGAIN'),
  fits: isLookedUp,
  rewrite: (delivery, { code }) => ({ ...delivery, fate: code === 'EAI_AGAIN' ? 'tryAgain' : 'notFound' }),
  words: ({ code }) => (code === 'EAI_AGAIN' ? 'name not resolved (EAI_AGAIN)' : 'name not found'),
  phrase: (fault) =>
    `let the name of ${fault.at.to} ${fault.code === 'EAI_AGAIN' ? 'get no answer' : 'not be found'} for ` +
    linkPhrase(fault.at),
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

function isLookedUp(site: Site): boolean {
  return site.kind === 'call' && site.address.leg === 'request' && site.reach === undefined
}

function lookups(site: Site, ...codes: readonly Lookup['code'][]): readonly Lookup[] {
  if (!isLookedUp(site)) return []
  return codes.map((code) => ({ kind: 'lookup', at: site.address, ...(code === undefined ? {} : { code }) }))
}
