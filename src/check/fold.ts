// fold: combines the verdicts of all histories for each invariant, and judges whether the test passes. It keeps only
// counts, so it takes any number of histories. Must not know how histories were found.
import { bug } from '../plain/bug.ts'
import type { Folded } from '../verdict/explored.ts'
import type { Verdict, VerdictKind, Weakness } from '../verdict/verdict.ts'

/** An incremental fold: add the verdicts of each history as they come, and ask for the result at any time. */
export interface Fold {
  /**
   * Adds the verdicts of one history, in the order of the invariants. @throws if their number is not that of the
   * invariants
   */
  add(verdicts: readonly Verdict[]): void
  /** The combined verdicts so far, in the order of the invariants. */
  result(): readonly Folded[]
}

/**
 * Starts a fold. The combined verdict of an invariant is violated if any history violates it; otherwise unknown if it
 * is unknown in any; otherwise it holds if it holds in any; otherwise it is vacuous.
 *
 * @example
 * const run = fold(system.invariants)
 * for (const history of histories) run.add(check(history, system.invariants))
 * const { passes, failures } = judge(run.result())
 */
export function fold(invariants: readonly { readonly name: string }[]): Fold {
  const tallies = invariants.map(({ name }) => new VerdictCounts(name))
  return {
    add(verdicts) {
      if (verdicts.length !== tallies.length) bug(`${verdicts.length} verdicts for ${tallies.length} invariants.`)
      for (const [index, tally] of tallies.entries()) tally.add(verdicts[index])
    },
    result: () => tallies.map((tally) => tally.folded()),
  }
}

/** The first of these kinds that occurs is the combined verdict. */
const byStrength: readonly VerdictKind[] = ['violated', 'unknown', 'holds', 'vacuous']

class VerdictCounts {
  readonly #invariant: string
  readonly #counts: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
  readonly #because = new Map<VerdictKind, string>()
  #undecided = 0
  /** Whether a history could have violated it, and if not, why. */
  #strong = false
  #weak: Weakness = { text: '' }

  constructor(invariant: string) {
    this.#invariant = invariant
  }

  add(verdict: Verdict | undefined): void {
    if (verdict === undefined) return
    this.#counts[verdict.kind] += 1
    if (verdict.kind === 'holds') this.#weigh(verdict.weak)
    const [first] = verdict.reasons
    if (first?.kind === 'undecided') this.#undecided += 1
    if (first !== undefined && !this.#because.has(verdict.kind)) this.#because.set(verdict.kind, first.text)
  }

  #weigh(weak: Weakness | undefined): void {
    if (weak === undefined) this.#strong = true
    else if (weak.text !== '' && (this.#weak.text === '' || (weak.size ?? 0) > (this.#weak.size ?? 0)))
      this.#weak = weak
  }

  folded(): Folded {
    const kind = byStrength.find((candidate) => this.#counts[candidate] > 0) ?? 'vacuous'
    const because = kind === 'holds' ? undefined : this.#because.get(kind)
    const idle = kind === 'holds' ? this.#because.get('vacuous') : undefined
    return {
      invariant: this.#invariant,
      kind,
      counts: { ...this.#counts },
      ...(this.#undecided === 0 ? {} : { undecided: this.#undecided }),
      ...(because === undefined ? {} : { because }),
      ...(idle === undefined ? {} : { idle }),
      ...(kind !== 'holds' || this.#strong || this.#weak.text === '' ? {} : { weak: this.#weak.text }),
    }
  }
}

/** Whether a test passes, with a line for each invariant that needs one. */
export interface Judgement {
  readonly passes: boolean
  /** The reasons why the test fails; empty when it passes. */
  readonly failures: readonly string[]
  /** Remarks that do not fail the test: an invariant is unknown in a few histories. */
  readonly remarks: readonly string[]
}

/**
 * Judges a test by the fold over its histories. An invariant that is violated or vacuous fails the test. An unknown one
 * fails the test if it holds in no history, if over 1 % of the histories are unknown, or if a history ended at a bound
 * while something was missing, since that may be a violation. Otherwise it is a remark. A test without invariants
 * fails.
 *
 * @param cutShort how many histories time did not let run: they might have shown something, so that a vacuous invariant
 *   beside one that is not is a remark, and 1 % is of all that were planned
 * @example const { passes, failures } = judge(run.result())
 */
export function judge(folded: readonly Folded[], cutShort = 0): Judgement {
  const isLenient = cutShort > 0 && folded.some(({ kind }) => kind !== 'vacuous')
  const lines = folded.map((one) => judgeOne(one, cutShort, isLenient))
  const failures = lines.flatMap(({ kind, text }) => (kind === 'failure' ? [text] : []))
  const remarks = lines.flatMap(({ kind, text }) => (kind === 'remark' ? [text] : []))
  if (folded.length === 0) failures.push('No invariant was checked: give the system at least one.')
  return { passes: failures.length === 0, failures, remarks }
}

interface VerdictCount {
  readonly kind: 'pass' | 'remark' | 'failure'
  readonly text: string
}

function judgeOne(
  { invariant, kind, counts, undecided = 0, because }: Folded,
  cutShort: number,
  isLenient: boolean,
): VerdictCount {
  const all = counts.holds + counts.violated + counts.unknown + counts.vacuous
  const why = because === undefined ? '' : ` ${because}`
  switch (kind) {
    case 'holds':
      return { kind: 'pass', text: '' }
    case 'violated':
      return { kind: 'failure', text: `${invariant} is violated in ${counts.violated} of ${histories(all)}.${why}` }
    case 'vacuous':
      return { kind: isLenient ? 'remark' : 'failure', text: vacuousLine(invariant, all, why) }
    case 'unknown':
      return unknownLine({ invariant, counts, undecided }, all, why, cutShort)
    default:
      return kind satisfies never
  }
}

function vacuousLine(invariant: string, all: number, why: string): string {
  return all === 0
    ? `${invariant} was never checked: no history was run.`
    : `${invariant} had nothing to look at in ${histories(all)}:${why}`
}

/** In percent of all histories. */
const mostUnknown = 1

function unknownLine(
  { invariant, counts, undecided = 0 }: Pick<Folded, 'invariant' | 'counts' | 'undecided'>,
  all: number,
  why: string,
  cutShort: number,
): VerdictCount {
  const found = `${invariant} is unknown in ${counts.unknown} of ${histories(all)}`
  if (counts.holds === 0) return { kind: 'failure', text: `${found} and holds in none.${why}` }
  if (undecided > 0)
    return {
      kind: 'failure',
      text: `${found}; in ${undecided} of them something was missing when the history ended at a bound.${why}`,
    }
  const percent = (100 * counts.unknown) / (all + cutShort)
  if (percent > mostUnknown) return { kind: 'failure', text: `${found}, more than ${mostUnknown} %.${why}` }
  return { kind: 'remark', text: `${found}; it holds in ${counts.holds}.${why}` }
}

function histories(count: number): string {
  return count === 1 ? '1 history' : `${count} histories`
}
