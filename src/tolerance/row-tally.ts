// What the histories of one kind of fault add up to: each invariant's cell with its smallest violation, and how
// operations were served. Knows verdicts; must not know how histories are found.
import type { Executed } from '../explore/executor.ts'
import { describeFault, type FaultKind } from '../scenario/fault/registry.ts'
import type { VerdictKind } from '../verdict/verdict.ts'
import { ServiceTally } from './service.ts'
import type { SmallestViolation, ToleranceCell, ToleranceRow } from './table.ts'

/** Of so many histories one may be undecided, as in `testResilience`. */
const undecidedOf = 100

interface Tallied {
  readonly counts: Record<VerdictKind, number>
  smallest: Executed | undefined
}

export class RowTally {
  readonly fault: FaultKind | 'none'
  readonly #cells: readonly Tallied[]
  readonly #service = new ServiceTally()
  #singles = 0
  #random = 0
  #fired = 0

  constructor(fault: FaultKind | 'none', invariants: number) {
    this.fault = fault
    this.#cells = Array.from({ length: invariants }, () => ({
      counts: { holds: 0, violated: 0, unknown: 0, vacuous: 0 },
      smallest: undefined,
    }))
  }

  /** Adds a history. One in which no fault fired says nothing of a kind of fault. */
  add(executed: Executed, strategy: 'single' | 'random'): void {
    const { fired, verdicts, history, scenario } = executed
    if (this.fault !== 'none' && fired.length === 0) return
    if (strategy === 'single') this.#singles += 1
    else this.#random += 1
    this.#fired += fired.length
    // Random histories have as many faults as their rates make: what they serve says more of these than of the system
    if (strategy === 'single' || this.fault === 'none')
      this.#service.add(history, new Set(scenario.workload.invocations.map(({ id }) => id)))
    for (const [index, { kind }] of verdicts.entries()) {
      const cell = this.#cells[index]
      if (cell === undefined) continue
      cell.counts[kind] += 1
      if (kind === 'violated' && isSmaller(executed, cell.smallest)) cell.smallest = executed
    }
  }

  /** The smallest history that violates an invariant, by its index; undefined where none does. */
  smallest(invariant: number): Executed | undefined {
    return this.#cells[invariant]?.smallest
  }

  /** A smaller one was found by shrinking. */
  shrunk(invariant: number, executed: Executed): void {
    const cell = this.#cells[invariant]
    if (cell !== undefined) cell.smallest = executed
  }

  row(): Omit<ToleranceRow, 'outcome' | 'words'> {
    return {
      fault: this.fault,
      singles: this.#singles,
      random: this.#random,
      fired: this.#fired,
      cells: this.#cells.map(cellOf),
      service: this.#service.service,
    }
  }
}

function cellOf({ counts, smallest }: Tallied, invariant: number): ToleranceCell {
  const { holds, violated, unknown } = counts
  if (smallest !== undefined)
    return { result: 'violated', histories: violated, smallest: violationOf(smallest, invariant) }
  if (unknown > 0 && (holds === 0 || unknown * undecidedOf > holds)) return { result: 'undecided' }
  return holds > 0 ? { result: 'holds', histories: holds } : { result: 'not exercised' }
}

function violationOf({ fired, scenario, verdicts }: Executed, invariant: number): SmallestViolation {
  return {
    faults: fired.map(describeFault),
    operations: scenario.workload.invocations.length,
    reason: verdicts[invariant]?.reasons[0]?.text ?? '',
  }
}

/** Fewer faults, then fewer operations. */
function isSmaller(one: Executed, than: Executed | undefined): boolean {
  if (than === undefined) return true
  const faults = one.fired.length - than.fired.length
  return faults === 0
    ? one.scenario.workload.invocations.length < than.scenario.workload.invocations.length
    : faults < 0
}
