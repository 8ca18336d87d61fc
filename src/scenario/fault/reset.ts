// Reset a connection (ECONNRESET). On the request leg, before the work: the request never arrived. On the reply leg,
// after it: the work is done. On the reply leg with `atByte`, in the middle of the answer: status and headers came, and
// the body breaks off. Unlike a refused connection, none of them says what was done.
// Survives: taking a reset for unknown; a retry with an idempotency key; reading a body to its end before believing its
// status. Example: "the connection failed, so nothing happened": a second order, a second charge.
import type { Address } from '../address.ts'
import { legPhrase, linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Reset {
  readonly kind: 'reset'
  /** Leg `request`: the work is not done. Leg `reply`: it is. */
  readonly at: Address
  /**
   * On a reply with a body: how many bytes of it arrive first; past its end, all but the end itself. Absent: no head
   * arrives either.
   */
  readonly atByte?: number
}

/** What a claim may name of it. */
export interface ResetParts {
  readonly point: 'before work' | 'after work' | 'mid-body'
}

export const reset: FaultSpec<Reset, ResetParts> = {
  kind: 'reset',
  parts: {
    point: {
      type: 'choices',
      words: { 'before work': 'before the work', 'after work': 'after the work', 'mid-body': 'in the body' },
      of: (fault) =>
        brokenAt(fault) !== undefined ? 'mid-body' : fault.at.leg === 'request' ? 'before work' : 'after work',
    },
  },
  fields: { atByte: { type: 'number', target: 0, min: 0, optional: true } },
  values(site) {
    if (site.kind !== 'call') return []
    const { address, bodyBytes } = site
    const whole: Reset = { kind: 'reset', at: address }
    return address.leg === 'request' || bodyBytes === undefined
      ? [whole]
      : [whole, { ...whole, atByte: Math.floor(bodyBytes / 2) }]
  },
  rewrite(delivery, fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined ? { ...delivery, fate: 'reset' } : { ...delivery, breaksAtByte: atByte }
  },
  words(fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined ? `connection reset ${workPhrase(fault)}` : `body breaks off at byte ${atByte}`
  },
  phrase(fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined
      ? `reset the connection ${workPhrase(fault)} of ${linkPhrase(fault.at)}`
      : `break off the body of ${legPhrase(fault.at)} at byte ${atByte}`
  },
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

/** Where the body breaks off; undefined where the whole reply is lost. A request's body does not break off. */
function brokenAt({ at, atByte }: Reset): number | undefined {
  return atByte === undefined || at.leg === 'request' ? undefined : Math.floor(atByte)
}

function workPhrase({ at }: Reset): string {
  return `${at.leg === 'request' ? 'before' : 'after'} the work`
}
