// Reset a connection (ECONNRESET). On the request leg before the work: the request never arrived. On the reply leg
// after it: the work is done. On the reply leg with `atByte`, in the middle of the answer: status and headers came, and
// the body breaks off. Unlike a refused connection none of them says what was done. Survives: taking a reset for
// unknown; a retry with an idempotency key; reading a body to its end before believing its status. Example: "the
// connection failed, so nothing happened": a second order, a second charge.
import type { Address } from '../address.ts'
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

export const reset: FaultSpec<Reset> = {
  kind: 'reset',
  fields: { atByte: { type: 'number', target: 0, min: 0, optional: true } },
  values(site) {
    if (site.kind !== 'call') return []
    const { address, bodyBytes } = site
    const whole: Reset = { kind: 'reset', at: address }
    return address.leg === 'request' || bodyBytes === undefined
      ? [whole]
      : [whole, { ...whole, atByte: Math.floor(bodyBytes / 2) }]
  },
  rewrite: (delivery, { at, atByte }) =>
    atByte === undefined || at.leg === 'request'
      ? { ...delivery, fate: 'reset' }
      : { ...delivery, breaksAtByte: Math.floor(atByte) },
  words: ({ at, atByte }) =>
    atByte === undefined || at.leg === 'request'
      ? `connection reset ${at.leg === 'request' ? 'before' : 'after'} the work`
      : `body breaks off at byte ${Math.floor(atByte)}`,
}
