// The nearest passing neighbour: a small change of one remaining fault that the system survives. It shows where the
// line is: not "replies get lost" but "a reply that comes within 5 s is fine". Must not know how a candidate is run.
import type { Address } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import type { Neighbour } from '../verdict/counterexample.ts'
import { faultSpec, faultWords, type Fault } from '../scenario/fault/registry.ts'
import type { Crash } from '../scenario/fault/crash.ts'
import type { Delay } from '../scenario/fault/delay.ts'
import type { Duplicate } from '../scenario/fault/duplicate.ts'
import type { Latency } from '../scenario/fault/latency.ts'
import type { Partition } from '../scenario/fault/partition.ts'
import type { Slow } from '../scenario/fault/slow.ts'
import { listed } from '../scenario/plan.ts'
import type { CallSite, Site } from '../scenario/site.ts'
import { durationWords } from '../plain/time.ts'
import type { ListedScenario, CandidateOutcome } from './candidate.ts'
import type { RunCandidate } from './memo.ts'

/** How many neighbours are run at most. */
const maxTries = 6

/**
 * The first small change that holds; undefined where none of those tried does, or no fault is left.
 *
 * @param outcome what the run of `scenario` said: where its faults struck
 * @returns the change in words, to be followed by "holds"
 * @throws what `run` throws
 */
export async function neighbour(
  scenario: ListedScenario,
  outcome: CandidateOutcome,
  run: RunCandidate,
): Promise<Neighbour | undefined> {
  const { faults } = scenario.plan
  // Nearest first
  const changes = faults.map((fault) => changesOf(fault, outcome.sites).map((change) => ({ fault, ...change })))
  const nearest = changes.flatMap((list) => list.slice(0, 1))
  const further = changes.flatMap((list) => list.slice(1))
  for (const { fault, instead, words } of [...nearest, ...further].slice(0, maxTries)) {
    const plan = listed(faults.map((other) => (other === fault ? instead : other)))
    if ((await run({ ...scenario, plan })).verdict === 'holds') return { change: words }
  }
  return undefined
}

interface Change {
  readonly instead: Fault
  readonly words: string
}

function changesOf(fault: Fault, sites: readonly Site[]): readonly Change[] {
  switch (fault.kind) {
    case 'lose':
    case 'hang':
    case 'error':
    case 'refuse':
    case 'reset':
    case 'garble':
    case 'throttle':
      return delaysInstead(fault, sites)
    case 'delay':
      return shorterDelays(fault, sites)
    case 'duplicate':
      return otherCopies(fault)
    case 'crash':
      return otherMoments(fault, sites)
    case 'slow':
    case 'latency':
      return lighter(fault)
    case 'partition':
      return shorterPartitions(fault)
    case 'pause':
      return [Math.trunc(fault.forMs / 2)].map((forMs) => ({ ...fault, forMs })).map(inItsPlace)
    case 'drift':
      return [Math.trunc(fault.ppm / 2)].map((ppm) => ({ ...fault, ppm })).map(inItsPlace)
    case 'jump':
    case 'skew':
      return [Math.trunc(fault.byMs / 2)].map((byMs) => ({ ...fault, byMs })).map(inItsPlace)
    default:
      return fault satisfies never
  }
}

/** The message comes after all, but late: while its caller still waits, or where nobody limits the wait. */
function delaysInstead({ at }: Fault, sites: readonly Site[]): readonly Change[] {
  const room = roomAt(at, sites)
  const delay = (byMs: number): Fault => ({ kind: 'delay', at, byMs })
  if (room === undefined)
    return [
      { instead: delay(fallbackDelayMs), words: `delay that ${at.leg} by ${durationWords(fallbackDelayMs)} instead` },
    ]
  return [roundedDown(room.roomMs), roundedDown(room.roomMs * 0.9), roundedDown(room.roomMs / 2), fallbackDelayMs]
    .filter((ms) => ms > 0 && ms < room.roomMs)
    .map((byMs) => ({ instead: delay(byMs), words: `delay that ${at.leg} by ${durationWords(byMs)} instead` }))
}

const fallbackDelayMs = 100

function shorterDelays(fault: Delay, sites: readonly Site[]): readonly Change[] {
  const room = roomAt(fault.at, sites)
  const limit =
    room === undefined || room.roomMs > fault.byMs
      ? []
      : [
          {
            instead: { ...fault, byMs: roundedDown(room.roomMs) },
            words: `delay that ${fault.at.leg} by ${durationWords(roundedDown(room.roomMs))} instead`,
          },
        ]
  const shorter = [fault.byMs - 1, Math.trunc(fault.byMs / 2)].map((byMs) => ({
    instead: { ...fault, byMs },
    words: `delay that ${fault.at.leg} by ${durationWords(byMs)} instead`,
  }))
  return [...shorter.slice(0, 1), ...limit, ...shorter.slice(1)].filter(({ instead }) => instead.byMs > 0)
}

/** How long a leg may take beyond its usual way before the first timer fires, and how long its caller waits in all. */
function roomAt(
  at: Address,
  sites: readonly Site[],
): { readonly roomMs: number; readonly waitsMs: number } | undefined {
  const site = callAt(at, sites)
  const limitMs = site?.timersMs[0]
  if (site === undefined || limitMs === undefined || limitMs - site.latencyMs < 2) return undefined
  const waitsMs = callAt({ ...at, leg: 'request' }, sites)?.timersMs[0] ?? limitMs
  return { roomMs: limitMs - site.latencyMs, waitsMs }
}

function callAt(at: Address, sites: readonly Site[]): CallSite | undefined {
  const id = addressId(at)
  return sites.find((site): site is CallSite => site.kind === 'call' && addressId(site.address) === id)
}

/** A round number below a limit: 4,840 becomes 4,800. */
function roundedDown(ms: number): number {
  const unit = ms > 1_000 ? 100 : ms > 100 ? 10 : 1
  return Math.floor((ms - 1) / unit) * unit
}

function otherCopies(fault: Duplicate): readonly Change[] {
  const copies: readonly Duplicate[] = [
    { ...fault, after: 'reply', gapMs: Math.max(fault.gapMs, 10) },
    { ...fault, after: 'reply', gapMs: 1_000 },
    { ...fault, after: 'request', gapMs: 1_000 },
  ]
  return copies
    .filter(({ after, gapMs }) => after !== fault.after || gapMs !== fault.gapMs)
    .map((instead) => ({
      instead,
      words:
        `deliver the copy ${durationWords(instead.gapMs)} after the ` +
        `${instead.after === 'reply' ? 'reply' : 'first'} instead`,
    }))
}

/** Half as slow; a link without its tail. */
function lighter(fault: Slow | Latency): readonly Change[] {
  const instead =
    fault.kind === 'slow'
      ? { ...fault, byMs: Math.max(1, Math.trunc(fault.byMs / 2)) }
      : { ...fault, tailMs: fault.typicalMs }
  return [inItsPlace(instead)]
}

/** It ends by itself after a second; or only the one way is cut. */
function shorterPartitions(fault: Partition): readonly Change[] {
  const shorter: readonly Partition[] =
    fault.forMs === undefined || fault.forMs > 1_000
      ? [{ ...fault, forMs: 1_000 }]
      : [{ ...fault, forMs: Math.trunc(fault.forMs / 2) }]
  const oneWay: readonly Partition[] =
    fault.way === 'both' ? (['out', 'in'] as const).map((way) => ({ ...fault, way })) : []
  return [...shorter, ...oneWay].map(inItsPlace)
}

/** The same node crashes at the moment just before or just after. */
function otherMoments(fault: Crash, sites: readonly Site[]): readonly Change[] {
  const moments = sites.filter((site) => crashesThere(site, fault.node))
  const id = addressId(fault.at)
  const place = moments.findIndex(({ address }) => addressId(address) === id)
  const before = place > 0 ? moments.slice(place - 1, place) : []
  const after = place < 0 ? [] : moments.slice(place + 1, place + 2)
  return [...before, ...after].map(({ address }) => ({ ...fault, at: address })).map(inItsPlace)
}

function crashesThere(site: Site, node: string): boolean {
  return faultSpec('crash')
    .values(site)
    .some((fault) => fault.kind === 'crash' && fault.node === node)
}

/** A crash is one at another place; what else changes stays where it is. */
function inItsPlace(instead: Fault): Change {
  const place = instead.kind === 'crash' ? ` (${instead.at.from} -> ${instead.at.to})` : ''
  return { instead, words: `${faultWords(instead)}${place} instead` }
}
