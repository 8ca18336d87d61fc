// check: gives the verdict of every invariant on one history. An invariant that throws or misbehaves gets a verdict as
// well, which is never `holds`. Must not know any particular checker.
import type { History } from '../history/history.ts'
import { isReasonKind, type FailureClass } from '../verdict/reason.ts'
import { noVerdict, type Invariant, type Verdict, type VerdictKind } from '../verdict/verdict.ts'

/**
 * The verdict of each invariant, in the same order. An invariant that throws, or does not return a verdict, is
 * `unknown` with the error as its reason, never `holds`; like Jepsen's `check-safe`.
 *
 * @example
 * const [once] = check(history, [exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))])
 */
export function check(history: History, invariants: readonly Invariant[]): readonly Verdict[] {
  return verdictsOf(history, invariants, () => false)
}

/** As {@link check}, but some errors are thrown. @throws errors of invariants for which `isMistake` returns true */
export function verdictsOf(
  history: History,
  invariants: readonly Invariant[],
  isMistake: (error: unknown) => boolean,
): readonly Verdict[] {
  return invariants.map((invariant) => {
    try {
      return verdictOf(invariant, history)
    } catch (error) {
      if (isMistake(error)) throw error
      return thrown(invariant, error)
    }
  })
}

/**
 * The verdict of one invariant. A user's invariant may be plain JavaScript, or asynchronous by mistake: a result that
 * is not a verdict becomes `unknown`, and every verdict but `holds` gets a reason.
 *
 * @throws whatever the invariant throws
 */
export function verdictOf(invariant: Invariant, history: History): Verdict {
  const { name } = invariant
  const found: unknown = invariant.check(history)
  if (!isVerdict(found))
    return noVerdict(
      `${name} returned ${found instanceof Promise ? 'a promise' : 'no verdict'}; return holds, violated, ` +
        'unknown or vacuous.',
    )
  if (found.kind === 'holds') return found
  const odd = found.reasons.find((reason) => !isReasonKind(reason.kind))
  if (odd !== undefined)
    return noVerdict(
      `${name} returned a reason whose kind is ${JSON.stringify(odd.kind) ?? 'undefined'}; ` +
        "return { kind: 'custom', of: a name for this failure, text, events }.",
    )
  if (found.reasons.length > 0) return found
  return {
    kind: found.kind,
    reasons: [{ ...withoutReason(name, found.kind), text: `${name} gave no reason.`, events: [] }],
  }
}

/** The verdict of an invariant that threw. */
export function thrown({ name }: Invariant, error: unknown): Verdict {
  return noVerdict(`${name} threw: ${error instanceof Error ? error.message : String(error)}`)
}

function withoutReason(name: string, kind: Exclude<VerdictKind, 'holds'>): FailureClass {
  return kind === 'violated' ? { kind: 'custom', of: name } : { kind }
}

function isVerdict(found: unknown): found is Verdict {
  if (typeof found !== 'object' || found === null || !('kind' in found) || !('reasons' in found)) return false
  const { kind, reasons } = found
  return Array.isArray(reasons) && (kind === 'holds' || kind === 'violated' || kind === 'unknown' || kind === 'vacuous')
}
