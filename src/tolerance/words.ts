// A row of the tolerance table in a sentence: what goes wrong under a kind of fault, or what it costs that nothing
// does.
import { durationWords } from '../plain/time.ts'
import type { FaultKind } from '../scenario/fault/registry.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import type { Service, ToleranceCell, ToleranceRow } from './table.ts'

/** Each kind as what a system is under. */
export const conditions: Readonly<Record<FaultKind, string>> = {
  lose: 'lost messages',
  duplicate: 'messages that come twice',
  crash: 'crashes',
  delay: 'late messages',
  error: 'answers that say error',
  reset: 'connections that are reset',
  close: 'connections that are closed',
  refuse: 'refused connections',
  lookup: 'names that lead nowhere',
  unreachable: 'hosts that cannot be reached',
  throttle: 'answers that say "too many requests"',
  hang: 'calls that are never answered',
  garble: 'damaged messages',
  trickle: 'bodies that trickle',
  leave: 'clients that leave',
  partition: 'partitions',
  slow: 'slow nodes',
  latency: 'slow links',
  pause: 'processes that stand still',
  deploy: 'deploys',
  readonly: 'stores that take no writes',
  stale: 'stale reads',
  unsynced: 'commits that a power cut takes back',
  jump: 'clocks that jump',
  skew: 'clocks that disagree',
  drift: 'clocks that drift',
}

const saying: Readonly<Partial<Record<ReasonKind, (of: string) => string>>> = {
  'too-many': (of) => `"${of}" happens too often`,
  missing: (of) => `"${of}" is lost`,
  phantom: (of) => `"${of}" happens though it was refused`,
  pending: (of) => `"${of}" hangs`,
  'too-slow': (of) => `"${of}" takes too long`,
  oversold: (of) => `"${of}" is oversold`,
  unanswered: (of) => `a request of "${of}" is never answered`,
  'event-not-accepted': () => 'an event is lost',
  'went-back': (of) => `"${of}" goes back`,
  diverged: (of) => `"${of}" does not agree in the end`,
  'stale-read': () => 'answers are stale',
  'own-write-unseen': () => 'a client does not see its own write',
  'lost-update': () => 'an update is lost',
  'not-linearizable': () => 'operations do not act as one after the other',
}

/** What goes wrong, in a few words. */
export function wrongWords(invariant: string, { kind, of }: Pick<Reason, 'kind' | 'of'>): string {
  const words = of === undefined ? undefined : saying[kind]?.(of)
  return words ?? `${invariant} is violated`
}

/** What the words of a row are. */
export type RowWords = Pick<ToleranceRow, 'outcome' | 'words'>

/**
 * @param wrong what goes wrong under this kind, and does not without it
 * @param perfect how operations are served without faults
 */
export function rowWords(
  { fault, fired, cells, service }: Omit<ToleranceRow, keyof RowWords>,
  wrong: readonly string[],
  perfect: Service,
): RowWords {
  if (fault !== 'none' && fired === 0)
    return { outcome: 'nothing is known', words: 'Nothing is known: no such fault had a place to strike.' }
  const paid = fault === 'none' || wrong.length > 0 ? [] : costs(service, perfect)
  const cost = paid.length === 0 ? '' : `, paid with ${listWords(paid)}`
  const outcome = wrong.length > 0 ? listWords(wrong) : `${heldWords(cells)}${cost}`
  return { outcome, words: `${underWords(fault)} ${outcome}${servedWords(service, fault === 'none')}.` }
}

function underWords(fault: ToleranceRow['fault']): string {
  return fault === 'none' ? 'Without faults' : `Under ${conditions[fault]}`
}

function heldWords(cells: readonly ToleranceCell[]): string {
  const held = cells.filter(({ result }) => result === 'holds').length
  const known = cells.filter(({ result }) => result === 'violated').length
  if (held === cells.length) return 'every invariant holds'
  if (known > 0) return 'nothing goes wrong that does not go wrong without'
  return held === 0
    ? 'no invariant was exercised'
    : `${held} of ${cells.length} invariants hold, the others saw nothing`
}

/** What it is paid with that nothing goes wrong: availability, time, old answers. */
function costs(service: Service, perfect: Service): readonly string[] {
  return [
    ...((service.availability ?? 1) < (perfect.availability ?? 1) ? ['availability'] : []),
    ...(isLonger(service.slowestMs, perfect.slowestMs) ? ['time'] : []),
    ...(isLonger(service.oldestMs, perfect.oldestMs) ? ['old answers'] : []),
  ]
}

/** At least twice as long, and so much that people notice. */
function isLonger(ms: number | undefined, than: number | undefined): boolean {
  return ms !== undefined && ms >= 2 * (than ?? 0) && ms >= (than ?? 0) + noticedMs
}

const noticedMs = 500

function servedWords({ availability, slowestMs, oldestMs = 0 }: Service, isPerfect: boolean): string {
  if (availability === undefined) return ''
  if (slowestMs === undefined) return '; no operation is answered ok'
  const share = availability === 1 ? 'every operation is' : `${percent(availability)} of operations are`
  const old = oldestMs >= noticedMs ? `, on data up to ${durationWords(oldestMs)} old` : ''
  const one = isPerfect ? '' : ' after one such fault'
  return `; ${share} answered ok${one}, the slowest in ${durationWords(slowestMs)}${old}`
}

/** A share in whole per cent; never 100 where something is missing, nor 0 where there is something. */
export function percent(share: number): string {
  const whole = Math.round(100 * share)
  if (whole === 100 && share < 1) return '99 %'
  return whole === 0 && share > 0 ? '1 %' : `${whole} %`
}

/** `a, b and c`. */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
