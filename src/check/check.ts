// check: asks every invariant about one history. Whatever an invariant does, each has a verdict, and a broken one never
// holds. Must not know any particular checker.
import type { History } from '../history/history.ts'
import { unknown, type Invariant, type Verdict } from '../verdict/verdict.ts'

/**
 * The verdict of each invariant, in their order. One that throws, or that returns no verdict, is `unknown` with what it
 * said: never `holds`. As Jepsen's `check-safe`.
 *
 * @example
 * const [once] = check(history, [exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))])
 */
export function check(history: History, invariants: readonly Invariant[]): readonly Verdict[] {
  return invariants.map((invariant) => verdictOf(history, invariant))
}

function verdictOf(history: History, invariant: Invariant): Verdict {
  try {
    return sound(invariant.name, invariant.check(history))
  } catch (error) {
    return unknown(`${invariant.name} threw: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** An invariant of the user's may be JavaScript, or asynchronous by mistake. Every verdict but `holds` has a reason. */
function sound(name: string, said: unknown): Verdict {
  if (!isVerdict(said))
    return unknown(
      `${name} returned ${said instanceof Promise ? 'a promise' : 'no verdict'}; return holds, violated, ` +
        'unknown or vacuous.',
    )
  if (said.kind === 'holds' || said.reasons.length > 0) return said
  return { kind: said.kind, reasons: [{ text: `${name} gave no reason.`, class: said.kind, events: [] }] }
}

function isVerdict(said: unknown): said is Verdict {
  if (typeof said !== 'object' || said === null || !('kind' in said) || !('reasons' in said)) return false
  const { kind, reasons } = said
  return Array.isArray(reasons) && (kind === 'holds' || kind === 'violated' || kind === 'unknown' || kind === 'vacuous')
}
