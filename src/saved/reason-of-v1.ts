// Version 1 of the format of saved counterexamples named a failure by one string, its class. This is the only place
// that reads such strings, for as long as there are files of version 1. Pure; must not know files.
import { anomalyFailure, type AnomalyName, type FailureClass, type ReasonKind } from '../verdict/reason.ts'

/**
 * The failure that a class of version 1 stood for. A class that no checker of ours made is a user's own: `custom`,
 * under its old string.
 *
 * @param invariant the invariant's name, `exactlyOnce(pay, charge)`: some classes mean different things in two checkers
 * @param className e.g. `too many charge`
 */
export function reasonOfV1(invariant: string, className: string): FailureClass {
  if (className === 'violated') return { kind: 'custom', of: invariant } // what had no reason
  const checker = /^(\w+)\(/.exec(invariant)?.[1] ?? ''
  const kind = kindsWithoutOf.get(className)
  return (
    matching(ownPatterns.get(checker) ?? [], className) ??
    (kind === undefined ? undefined : { kind }) ??
    anomalyOf(className) ??
    matching(patterns, className) ?? { kind: 'custom', of: className }
  )
}

const kindsWithoutOf: ReadonlyMap<string, ReasonKind> = new Map<string, ReasonKind>([
  ['oversold', 'oversold'],
  ['half done', 'half-done'],
  ['kept though failed', 'kept-though-failed'],
  ['undone though answered ok', 'undone-though-ok'],
  ['counter too low', 'counter-too-low'],
  ['counter too high', 'counter-too-high'],
  ['id given twice', 'duplicate-id'],
  ['out of order', 'out-of-order'],
  ['event never accepted', 'event-not-accepted'],
  ['not linearizable', 'not-linearizable'],
  ['not sequential', 'not-sequential'],
  ['stale read', 'stale-read'],
  ['own write unseen', 'own-write-unseen'],
  ['read went back', 'read-went-back'],
  ['writes out of order', 'writes-out-of-order'],
  ['write before what it followed', 'write-before-its-cause'],
  ['effect before cause', 'effect-before-cause'],
  ['circular causes', 'circular-causes'],
])

const anomalyNames: ReadonlySet<AnomalyName> = new Set<AnomalyName>([
  'thin air',
  'duplicate element',
  'G0',
  'G1a',
  'G1b',
  'future read',
  'incompatible order',
  'G1c',
  'internal',
  'lost update',
  'fractured read',
  'G-single',
  'long fork',
  'G2-item',
])

/** `G-single with real time`. */
function anomalyOf(className: string): FailureClass | undefined {
  for (const name of anomalyNames) {
    if (className === name) return anomalyFailure(name)
    if (className === `${name} with session`) return anomalyFailure(name, 'session')
    if (className === `${name} with real time`) return anomalyFailure(name, 'real time')
  }
  return undefined
}

/** What follows a prefix, or stands before a suffix, is what the failure is about. */
type Pattern = readonly [RegExp, ReasonKind]

/** By checker: where another checker has the same words for something else. */
const ownPatterns: ReadonlyMap<string, readonly Pattern[]> = new Map<string, readonly Pattern[]>([
  [
    'costBudget',
    [
      [/^too many requests(?: of (.+))?$/s, 'too-many-requests'],
      [/^too many store calls(?: of (.+))?$/s, 'too-many-store-calls'],
    ],
  ],
  ['authentic', [[/^stale (.+)$/s, 'expired']]],
  [
    'monotonic',
    [
      [/^(.+) went back$/s, 'went-back'],
      [/^(.+) after its end$/s, 'after-the-end'],
    ],
  ],
])

/** The first that fits counts. */
const patterns: readonly Pattern[] = [
  [/^(?:broken|never) (.+)$/s, 'custom'],
  [/^too many attempts (.+ -> .+)$/s, 'too-many-attempts'],
  [/^too many (.+)$/s, 'too-many'],
  [/^missing (.+)$/s, 'missing'],
  [/^phantom (.+)$/s, 'phantom'],
  [/^forged (.+)$/s, 'forged'],
  [/^tampered (.+)$/s, 'tampered'],
  [/^replayed (.+)$/s, 'replayed'],
  [/^stale token of (.+)$/s, 'stale-token'],
  [/^stale (.+)$/s, 'expired'],
  [/^two holders of (.+)$/s, 'two-holders'],
  [/^twice (.+)$/s, 'ran-twice'],
  [/^early (.+)$/s, 'ran-early'],
  [/^late (.+)$/s, 'ran-late'],
  [/^missed (.+)$/s, 'run-missed'],
  [/^undeclared (.+)$/s, 'undeclared-state'],
  [/^pending (.+)$/s, 'pending'],
  [/^slow ((?:p\d+|max) of .+)$/s, 'percentile-too-slow'],
  [/^slow (.+)$/s, 'too-slow'],
  [/^different answers of (.+)$/s, 'different-answers'],
  [/^reused key of (.+)$/s, 'reused-key'],
  [/^spread to (.+)$/s, 'spread'],
  [/^no recovery of (.+)$/s, 'no-recovery'],
  [/^probed too often (.+ -> .+)$/s, 'too-many-probes'],
  [/^no trace (.+ -> .+)$/s, 'no-trace'],
  [/^another trace (.+ -> .+)$/s, 'another-trace'],
  [/^amplification (.+ -> .+)$/s, 'retry-amplification'],
  [/^retried too soon (.+ -> .+)$/s, 'retried-too-soon'],
  [/^Retry-After ignored (.+ -> .+)$/s, 'retry-after-ignored'],
  [/^(.+) above its total in between$/s, 'above-total-after-commit'],
  [/^(.+) below its total in between$/s, 'below-total-after-commit'],
  [/^(.+) above its total$/s, 'above-total'],
  [/^(.+) below its total$/s, 'below-total'],
  [/^(.+) below 0$/s, 'below-zero'],
  [/^(.+) went back$/s, 'went-back'],
  [/^(.+) after its end$/s, 'after-the-end'],
  [/^(.+) not in reverse$/s, 'not-in-reverse'],
  [/^(.+ and .+) differ$/s, 'diverged'],
]

function matching(candidates: readonly Pattern[], className: string): FailureClass | undefined {
  for (const [pattern, kind] of candidates) {
    const found = pattern.exec(className)
    if (found !== null) return found[1] === undefined ? { kind } : { kind, of: found[1] }
  }
  return undefined
}
