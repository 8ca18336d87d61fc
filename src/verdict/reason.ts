// Reasons: why a verdict is what it is. What went wrong is data (a kind, and what it is about). Only the checker makes
// the sentence, and no code reads it. Must not know any checker.
import type { ConsistencyModel } from './consistency.ts'

/**
 * Every class of failure that hints, pointers or shrinking distinguish. Above each group stands what `of` names; a kind
 * without such a note has no `of`. Kinds are written to files of saved counterexamples: never rename one.
 */
export const reasonKinds = [
  // The effect (or what came out of a queue)
  'too-many',
  'missing',
  'phantom',
  'below-zero',
  'above-total',
  'below-total',
  'above-total-after-commit',
  'below-total-after-commit',
  'forged',
  'tampered',
  'replayed',
  'expired',
  'undeclared-state',
  'went-back',
  'after-the-end',
  'ran-twice',
  'ran-early',
  'ran-late',
  'run-missed',
  'two-holders',
  'stale-token',
  'not-in-reverse',
  'not-taken-over',
  // Both replicas
  'diverged',
  // The operation
  'pending',
  'too-slow',
  'different-answers',
  'reused-key',
  'spread',
  'no-recovery',
  'ended-by-platform',
  // The node
  'unanswered',
  // What it is and the node: `timer of shop`
  'left-open',
  // The percentile and the operation: `p99 of pay`
  'percentile-too-slow',
  // The operation, where only one is limited
  'too-many-requests',
  'too-many-store-calls',
  'too-many-bytes',
  // The link: `shop -> bank`
  'too-many-attempts',
  'retry-amplification',
  'retried-too-soon',
  'retry-after-ignored',
  'too-many-probes',
  'unnoticed',
  'no-trace',
  'another-trace',
  // Nothing: there is one such failure of an invariant
  'oversold',
  'half-done',
  'kept-though-failed',
  'undone-though-ok',
  'counter-too-low',
  'counter-too-high',
  'duplicate-id',
  'out-of-order',
  'event-not-accepted',
  'not-linearizable',
  'not-sequential',
  'stale-read',
  'lost-update',
  'thin-air',
  'own-write-unseen',
  'read-went-back',
  'writes-out-of-order',
  'write-before-its-cause',
  'effect-before-cause',
  'circular-causes',
  // The anomaly, see AnomalyName
  'anomaly',
  'anomaly-with-session-order',
  'anomaly-with-real-time-order',
  'model-violated',
  // The name that the user gave to a claim, or to a failure of an invariant of their own
  'custom',
  // Of verdicts that are not violated. `undecided`: the history ended at a bound before it could be said. `no-verdict`:
  // an invariant threw, or returned something else.
  'unknown',
  'undecided',
  'no-verdict',
  'vacuous',
] as const

/** The kind of a failure. */
export type ReasonKind = (typeof reasonKinds)[number]

/**
 * The phenomena of transactions by their usual names: Adya's where he has one, else those of Elle, Cerone and Bailis.
 * `long fork`: two anti-dependencies or more, no two of them in a row.
 */
export type AnomalyName =
  | 'thin air'
  | 'duplicate element'
  | 'G0'
  | 'G1a'
  | 'G1b'
  | 'future read'
  | 'incompatible order'
  | 'G1c'
  | 'internal'
  | 'lost update'
  | 'fractured read'
  | 'G-single'
  | 'long fork'
  | 'G2-item'

/** What went wrong, without the sentence and the events: shrinking must not slide from one failure to another. */
export interface FailureClass {
  readonly kind: ReasonKind
  /** The effect, operation, link, anomaly or name that it is about, where the kind needs one. */
  readonly of?: string
}

/**
 * Why a verdict is what it is. An invariant of your own gives the kind `custom`, and in `of` a name for the failure:
 * shrinking keeps to failures of that name.
 *
 * @example
 * const late: Reason = { kind: 'custom', of: 'late', text: 'parcel 7 came after 3 days.', events: [12, 40] }
 */
export interface Reason extends FailureClass {
  /** One sentence with names, values and times, for people: nothing is decided by it. */
  readonly text: string
  /** The two sides, where `of` names two: the ends of a link, or two replicas. */
  readonly between?: readonly [string, string]
  /** The raw key it is about, where there is one. */
  readonly subject?: unknown
  /** `seq` of the events that contradict each other, in order. The story points at each of them. */
  readonly events: readonly number[]
  /**
   * `seq` of events that are right by themselves, and that the others contradict or exceed: as many as a limit allows.
   *
   * @default none
   */
  readonly against?: readonly number[]
  /** The weakest consistency models that this breaks, where it is one of several that an invariant forbids. */
  readonly models?: readonly ConsistencyModel[]
}

/** `seq` of all events that a reason is about, ascending. */
export function involvedIn({ events, against = [] }: Pick<Reason, 'events' | 'against'>): readonly number[] {
  return against.length === 0 ? events : [...new Set([...against, ...events])].sort((a, b) => a - b)
}

/** Whether two failures are the same: of the same kind, about the same thing. */
export function isSameFailure(a: FailureClass, b: FailureClass): boolean {
  return a.kind === b.kind && a.of === b.of
}

/** A failure in a word or two, unique: `too-many charge`. */
export function failureName({ kind, of }: FailureClass): string {
  return of === undefined ? kind : `${kind} ${of}`
}

/** The failure for an anomaly of transactions. With an order, it is a cycle that needs this order. */
export function anomalyFailure(name: AnomalyName, order: 'none' | 'session' | 'real time' = 'none'): FailureClass {
  switch (order) {
    case 'none':
      // Checkers that do not know transactions find these two as well
      if (name === 'thin air') return { kind: 'thin-air' }
      return name === 'lost update' ? { kind: 'lost-update' } : { kind: 'anomaly', of: name }
    case 'session':
      return { kind: 'anomaly-with-session-order', of: name }
    case 'real time':
      return { kind: 'anomaly-with-real-time-order', of: name }
    default:
      return order satisfies never
  }
}

/** For checkers: the subject of a failure of a link, or of two replicas. */
export function ofLink(from: string, to: string): Required<Pick<Reason, 'of' | 'between'>> {
  return { of: `${from} -> ${to}`, between: [from, to] }
}

export function isReasonKind(value: unknown): value is ReasonKind {
  return known.has(value)
}

const known: ReadonlySet<unknown> = new Set(reasonKinds)
