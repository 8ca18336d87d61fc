// Reset a connection (ECONNRESET). On the request leg, before the work: the request never arrived. On the reply leg,
// after it: the work is done. With `atByte`, in the middle of a body: of the answer, whose status and headers came; or
// of the request, of which the callee has the headers and a part, and hears that the connection broke. Unlike a refused
// connection, none of them says what was done.
// Survives: taking a reset for unknown; a retry with an idempotency key; reading a body to its end before believing its
// status; doing nothing before the end of a request's body. Examples: "the connection failed, so nothing happened": a
// second order, a second charge. What came of an upload is stored as its connection closes: half of a file.
import type { Address } from '../address.ts'
import { legPhrase, linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Reset {
  readonly kind: 'reset'
  /** Leg `request`: the work is not done. Leg `reply`: it is. */
  readonly at: Address
  /**
   * Of a leg with a body: how many bytes of it arrive first; past its end, all but the end itself. Absent: no head
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
  weight: 0.4,
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
    return address.leg === 'request' || bodyBytes === undefined ? [whole] : [whole, midBody(whole, bodyBytes)]
  },
  /** Only the callee sees that a part of a request came. */
  rarer: (site) =>
    site.kind === 'call' && site.address.leg === 'request' && site.bodyBytes !== undefined
      ? [midBody({ kind: 'reset', at: site.address }, site.bodyBytes)]
      : [],
  rewrite(delivery, fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined ? { ...delivery, fate: 'reset' } : { ...delivery, breaksAtByte: atByte }
  },
  words(fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined
      ? `connection reset ${workPhrase(fault)}`
      : `${fault.at.leg === 'request' ? 'request' : 'body'} breaks off at byte ${atByte}`
  },
  phrase(fault) {
    const atByte = brokenAt(fault)
    return atByte === undefined
      ? `reset the connection ${workPhrase(fault)} of ${linkPhrase(fault.at)}`
      : `break off the body of ${legPhrase(fault.at)} at byte ${atByte}`
  },
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

function midBody(whole: Reset, bodyBytes: number): Reset {
  return { ...whole, atByte: Math.floor(bodyBytes / 2) }
}

/** Where the body breaks off; undefined where the whole leg is lost. */
function brokenAt({ atByte }: Reset): number | undefined {
  return atByte === undefined ? undefined : Math.floor(atByte)
}

function workPhrase({ at }: Reset): string {
  return `${at.leg === 'request' ? 'before' : 'after'} the work`
}
