// A store that answers reads and refuses writes: its disk is full, or a failover left the side that may not write. From
// when the call at its address is to be carried out, each write fails with the engine's own error; a transaction that
// has written commits. It lasts `forMs` or until healed. Survives: telling the caller, and doing what was not written
// again later. Example: "saved" is answered, and the error of the write went to a log.
import { longestOutageMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { callPhrase } from './call-words.ts'
import type { FaultSpec } from './spec.ts'

export interface ReadOnly {
  readonly kind: 'readonly'
  /** The first call that is refused; its callee is the store. */
  readonly at: Address
  /** How long the store takes no writes, in milliseconds. Absent: until healed. */
  readonly forMs?: number
}

export const readOnly: FaultSpec<ReadOnly> = {
  kind: 'readonly',
  needs: 'a write to such a store',
  weight: 0.4,
  isOfEngine: true,
  fields: { forMs: { type: 'ms', target: 1_000, min: 0, optional: true } },
  values: ({ engine, address: at }) => (engine === 'readonly' ? [{ kind: 'readonly', at }] : []),
  lasting: (fault, ms) => ({ ...fault, forMs: Math.min(ms, longestOutageMs) }),
  rewrite: (delivery, { at, forMs }) => ({
    ...delivery,
    begins: [
      ...(delivery.begins ?? []),
      { from: {}, to: { names: [at.to] }, what: { kind: 'readonly' }, ...(forMs === undefined ? {} : { forMs }) },
    ],
  }),
  words: ({ at, forMs }) => `${at.to} takes no writes${forMs === undefined ? '' : `, for ${durationWords(forMs)}`}`,
  phrase: (fault) => `${readOnly.words(fault)}, from ${callPhrase(fault.at)} on`,
  milder(fault) {
    const forMs = Math.trunc((fault.forMs ?? 2_000) / 2)
    return [{ fault: { ...fault, forMs }, words: readOnly.words({ ...fault, forMs }) }]
  },
  disturbsOnly: ({ at }, node) => at.to === node,
}
