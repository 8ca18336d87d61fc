// A body trickles: its head comes as usual, and the rest in pieces over a long time, as over a link without bandwidth
// (the third fallacy: "bandwidth is infinite", Deutsch). The pieces come often enough that no limit on silence ends it.
// A request's body comes to its handler in pieces, and the answer is as late.
// Survives: a limit on the whole call, until the last byte; a server that takes nothing (a lock, a place in a pool)
// before it has the request.
// Examples: a timer that is cleared as the status comes; `timeout` of axios and of node:http, which count silence.
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { longestOnTheWayMs } from '../lengths.ts'
import type { Site } from '../site.ts'
import { legPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Trickle {
  readonly kind: 'trickle'
  /** Of a leg with a body. */
  readonly at: Address
  /** How long after its head the last byte comes, in milliseconds of virtual time. */
  readonly overMs: number
}

/** What a claim may name of it. */
export interface TrickleParts {
  /** How long after its head the last byte comes at most. */
  readonly withinMs: number
}

/** Where nothing limits the wait. */
const unlimitedMs = 30_000
/** So many times the first limit: its pieces come three times as often as that allows. */
const timesLimit = 3

export const trickle: FaultSpec<Trickle, TrickleParts> = {
  kind: 'trickle',
  needs: 'a message with a body',
  parts: {
    withinMs: {
      type: 'bound',
      unit: 'ms',
      limited: (fault, most) => ({ ...fault, overMs: atMost(fault.overMs, most) }),
    },
  },
  fields: { overMs: { type: 'ms', target: 1, min: 1 } },
  /** None that is usual: code that reads a body without a limit is one of few. */
  values: () => [],
  rarer: (site) =>
    hasBody(site)
      ? [
          {
            kind: 'trickle',
            at: site.address,
            overMs: Math.min(timesLimit * (site.timersMs[0] ?? unlimitedMs / timesLimit), longestOnTheWayMs),
          },
        ]
      : [],
  fits: hasBody,
  lasting: (fault, ms) => ({ ...fault, overMs: Math.min(ms, longestOnTheWayMs) }),
  rewrite: (delivery, { overMs }) => ({ ...delivery, trickleMs: Math.max(overMs, delivery.trickleMs ?? 0) }),
  words: ({ at, overMs }) => `body of the ${at.leg} trickles for ${durationWords(overMs)}`,
  phrase: ({ at, overMs }) => `let the body of ${legPhrase(at)} trickle for ${durationWords(overMs)}`,
  milder(fault) {
    const shorter = { ...fault, overMs: Math.max(1, Math.trunc(fault.overMs / 2)) }
    return [{ fault: shorter, words: trickle.words(shorter) }]
  },
}

function hasBody(site: Site): site is Extract<Site, { kind: 'call' }> {
  return site.kind === 'call' && site.bodyBytes !== undefined
}
