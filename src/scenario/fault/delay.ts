// Delay a message. A late request arrives after its own retry; a late reply arrives when nobody waits for it any more.
// Messages are reordered by delaying one of them past the next on its link, so that reordering needs no kind of its
// own. Survives: deduplication, conditional writes, versions. Example: the first attempt arrives after the second and
// overwrites what the second one wrote.
import { longestOnTheWayMs } from '../lengths.ts'
import type { Address, Leg } from '../address.ts'
import { addressId } from '../address-text.ts'
import type { CallSite, Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { legPhrase } from './call-words.ts'
import { atMost, type FaultSpec, type Milder } from './spec.ts'

export interface Delay {
  readonly kind: 'delay'
  readonly at: Address
  /** Added to the usual latency, in milliseconds of virtual time. */
  readonly byMs: number
}

/** So long after a time limit, the retry that it caused has been answered. */
const pastRetryMs = 1_000
/** Longer than clients think between two operations: the message arrives after the next one on its link. */
const pastNextMs = 1_100
/** Short enough for a caller that nothing limits. */
const shortMs = 100

/** Just in time: the time that two more calls usually take before the limit. */
const legsLeft = 4

/** What a claim may name of it. */
export interface DelayParts {
  readonly leg: Leg
  /** The longest delay. */
  readonly withinMs: number
}

export const delay: FaultSpec<Delay, DelayParts> = {
  kind: 'delay',
  weight: 0.6,
  parts: {
    leg: { type: 'choices', words: { request: 'requests', reply: 'replies' }, of: ({ at }) => at.leg },
    withinMs: { type: 'bound', unit: 'ms', limited: (fault, most) => ({ ...fault, byMs: atMost(fault.byMs, most) }) },
  },
  fields: { byMs: { type: 'ms', target: 1, min: 1 } },
  values(site) {
    if (site.kind !== 'call') return []
    const limits = site.timersMs.flatMap((ms) => [ms - site.latencyMs + 1, ms - site.latencyMs + pastRetryMs])
    const unlimited = site.timersMs.length === 0 ? [pastNextMs] : []
    const delays = new Set([...limits.filter((ms) => ms > 0), shortMs, ...unlimited])
    return [...delays].map((byMs) => ({ kind: 'delay', at: site.address, byMs }))
  },
  /** The answer still comes in time, and little time is left for whatever is done about it. */
  rarer: (site) => justInTimeMs(site).map((byMs) => ({ kind: 'delay', at: site.address, byMs })),
  lasting: (fault, ms) => ({ ...fault, byMs: Math.min(ms, longestOnTheWayMs) }),
  rewrite: (delivery, { byMs }) => ({ ...delivery, delayMs: delivery.delayMs + byMs }),
  words: ({ at, byMs }) => `${at.leg} delayed by ${durationWords(byMs)}`,
  phrase: ({ at, byMs }) => `delay ${legPhrase(at)}, by ${durationWords(byMs)}`,
  milder(fault, sites) {
    const roomMs = roomAt(fault.at, sites)
    const withinLimit = roomMs === undefined || roomMs > fault.byMs ? [] : [roundedDown(roomMs)]
    return [fault.byMs - 1, ...withinLimit, Math.trunc(fault.byMs / 2)]
      .filter((byMs) => byMs > 0)
      .map((byMs) => delayed(fault.at, byMs))
  },
  joined: (one, other) => ({ ...one, byMs: one.byMs + other.byMs }),
}

/** How much later a call is answered just before the first limit that waits for it. None where nothing limits it. */
export function justInTimeMs(site: Site): readonly number[] {
  const [limitMs] = site.kind === 'call' ? site.timersMs : []
  if (site.kind !== 'call' || limitMs === undefined) return []
  return [limitMs - legsLeft * site.latencyMs].filter((ms) => ms > shortMs)
}

/**
 * Instead of what befell it, the message arrives late: while its caller still waits, or a little late where nothing
 * limits the wait.
 */
export function delaysInstead(at: Address, sites: readonly Site[]): readonly Milder[] {
  const roomMs = roomAt(at, sites)
  if (roomMs === undefined) return [delayed(at, shortMs)]
  return [roundedDown(roomMs), roundedDown(roomMs * 0.9), roundedDown(roomMs / 2), shortMs]
    .filter((ms) => ms > 0 && ms < roomMs)
    .map((ms) => delayed(at, ms))
}

function delayed(at: Address, byMs: number): Milder {
  const fault: Delay = { kind: 'delay', at, byMs }
  return { fault, words: `delay that ${at.leg} by ${durationWords(byMs)}` }
}

/** How much later than usual a leg may be before the first timer that waits for it fires. */
function roomAt(at: Address, sites: readonly Site[]): number | undefined {
  const id = addressId(at)
  const site = sites.find((one): one is CallSite => one.kind === 'call' && addressId(one.address) === id)
  const limitMs = site?.timersMs[0]
  if (site === undefined || limitMs === undefined || limitMs - site.latencyMs < 2) return undefined
  return limitMs - site.latencyMs
}

/** A round number below a limit: 4,840 becomes 4,800. */
function roundedDown(ms: number): number {
  const unit = ms > 1_000 ? 100 : ms > 100 ? 10 : 1
  return Math.floor((ms - 1) / unit) * unit
}
