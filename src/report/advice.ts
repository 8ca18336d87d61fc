// Advice: what usually repairs each kind of failure. It knows the kind and the subject of a reason; hints-for.ts adds
// what depends on the course of the history.
import type { AnomalyName, FailureClass, Reason, ReasonKind } from '../verdict/reason.ts'

/** A text, or a function that puts the subject of the failure into the text; undefined if there is no advice. */
type Advice = string | ((about: About) => string | undefined) | undefined

interface About {
  readonly of: string
  /** The second of two sides: the callee, or the other replica. */
  readonly other: string
}

const readWhereWritten =
  'read where the write went (the primary), or pass on the version that was written or seen, and wait until ' +
  'the replica has it'

const sendVersions = 'send with each write the versions that it follows, and apply or show it only after these'

const oneOrder =
  'let one place decide the order: read and change in one atomic statement there, not in a replica, a cache ' +
  'or a copy of an earlier read'

const compareVersions =
  'write only what is newer than what is there: compare versions (or states) in the same statement'

const compareAndWrite =
  'write only if the version that was read is still there (a condition in the statement, or If-Match), and ' +
  'retry if it is not'

const verifySignature = 'verify the signature of the raw body before anything is done'

const passTrace = ({ other }: About): string =>
  `pass traceparent on with every request to ${other}: the same trace id, a new parent id`

const committedOnly = 'read only what is committed, also where a cache is filled or an event is sent'

const oneSnapshot = 'read all of it from one snapshot: repeatable read or snapshot isolation, in one transaction'

const anomalyAdvice: Readonly<Record<AnomalyName, string | undefined>> = {
  'thin air': undefined,
  'duplicate element': undefined,
  G0: undefined,
  G1a: committedOnly,
  G1b: committedOnly,
  'future read': undefined,
  'incompatible order': undefined,
  G1c: undefined,
  internal: oneSnapshot,
  'lost update': compareAndWrite,
  'fractured read': oneSnapshot,
  'G-single': oneSnapshot,
  'long fork': oneSnapshot,
  'G2-item': 'use serializable isolation and try again where it refuses, or lock what was read (select ... for update)',
}

/** The advice for an anomaly, by its name. A user's own judge may have other names. */
function adviceForAnomaly({ of }: About): string | undefined {
  const known: Readonly<Partial<Record<string, string | undefined>>> = anomalyAdvice
  return Object.hasOwn(known, of) ? known[of] : undefined
}

const advice: Readonly<Record<ReasonKind, Advice>> = {
  'too-many': undefined,
  missing: undefined,
  phantom: ({ of }) =>
    `refuse before anything is done, or undo "${of}" before refusing: 4xx says that nothing happened`,
  'below-zero': undefined,
  'above-total': undefined,
  'below-total': undefined,
  'above-total-after-commit': undefined,
  'below-total-after-commit': undefined,
  forged: verifySignature,
  tampered: verifySignature,
  replayed: 'store the id of each message with its effect, under a unique key',
  expired: undefined,
  'undeclared-state': undefined,
  'went-back': compareVersions,
  'after-the-end': compareVersions,
  'ran-twice': ({ of }) => `claim the slot before ${of} runs: a row with a unique key of job and slot`,
  'ran-early': undefined,
  'ran-late': undefined,
  'run-missed': ({ of }) => `store for which slot ${of} ran last, and after a restart run what was missed`,
  'two-holders':
    'do not trust a lease alone, its holder may have paused: give each lease a higher fencing token, and let ' +
    'the resource check it',
  'stale-token': 'let the resource compare tokens in the statement that writes, and refuse one lower than it has seen',
  'not-in-reverse': 'undo the last step first',
  'not-taken-over':
    'let whoever works hold a lease that it renews, and let the others take up work whose lease they have seen ' +
    'unchanged for longer than that, by their own timers',
  diverged: ({ of }) =>
    `send again what was not acknowledged, in an order that both sides agree on, or compare ${of} from time ` +
    'to time and mend',
  'left-open': undefined,
  pending: ({ of }) => `give each call that ${of} waits for a time limit: an answer that is lost never comes`,
  'too-slow': ({ of }) =>
    `give each call that ${of} waits for a time limit shorter than its own, and answer without it when that has passed`,
  'different-answers': 'store the answer beside its key, in the same transaction as the work, and give it again',
  'reused-key': 'store a hash of the payload beside its key, and answer 422 when another payload comes under it',
  spread: undefined,
  'no-recovery': undefined,
  'percentile-too-slow':
    'give each call that these operations wait for a time limit shorter than their own, and answer without it when ' +
    'that has passed',
  'too-many-requests': undefined,
  'too-many-store-calls': undefined,
  'too-many-bytes': undefined,
  'too-many-attempts': 'give up after fewer tries, and let one layer alone retry',
  'retry-amplification': 'let one layer alone retry, and give retries a budget that all calls share',
  'retried-too-soon': 'wait longer before each try, doubled and with jitter',
  'retry-after-ignored': 'wait as long as Retry-After says before the next try',
  'too-many-probes': ({ other }) =>
    `while the breaker is open let one request at a time through to ${other}, and fail the others at once`,
  unnoticed: ({ other }) =>
    `where a call to ${other} fails, log it or count it with its name, and give each call a time limit, or nobody ` +
    'hears of one that hangs',
  'no-trace': passTrace,
  'another-trace': passTrace,
  oversold: undefined,
  'half-done': 'store each step before it is taken; after a crash go on from there, or undo what was done',
  'kept-though-failed': 'answer that it failed only after all that was done is undone',
  'undone-though-ok': 'answer ok only when every step is done, or is stored to be done',
  'counter-too-low': undefined,
  'counter-too-high': undefined,
  'duplicate-id':
    'let the store give ids (a sequence, a unique key), or take 128 random bits: a clock or a count of one ' +
    'process is not enough',
  'out-of-order':
    'send what has an order to one partition, and let the receiver drop what is older than it has applied',
  'event-not-accepted': undefined,
  'not-linearizable': oneOrder,
  'not-sequential': oneOrder,
  'stale-read': readWhereWritten,
  'lost-update': compareAndWrite,
  'thin-air': undefined,
  'own-write-unseen': readWhereWritten,
  'read-went-back': readWhereWritten,
  'writes-out-of-order': sendVersions,
  'write-before-its-cause': sendVersions,
  'effect-before-cause': sendVersions,
  'circular-causes': undefined,
  anomaly: adviceForAnomaly,
  'anomaly-with-session-order': adviceForAnomaly,
  'anomaly-with-real-time-order': adviceForAnomaly,
  'model-violated': undefined,
  custom: undefined,
  unknown: undefined,
  'ended-by-platform': 'let nothing wait for ever: a lock, a pool and a queue need a limit, as a call does',
  unanswered: 'answer each request on every path, also when a call that its handler makes has failed',
  undecided: undefined,
  'no-verdict': undefined,
  vacuous: undefined,
}

/** What usually helps against a failure of this kind; undefined if there is no advice. */
export function adviceFor({ kind, of = '', between }: FailureClass & Pick<Reason, 'between'>): string | undefined {
  const found = advice[kind]
  return typeof found === 'function' ? found({ of, other: between?.[1] ?? of }) : found
}
