// Counts the violations that shrinking meets and does not follow: of other invariants, and of the same one in another
// way. A class, because it counts. Must not know what is run.
import { failureName } from '../verdict/reason.ts'
import type { OtherViolation } from '../verdict/counterexample.ts'
import type { ViolatedInvariant } from './executor.ts'
import { sameViolation } from './violation.ts'

export class OtherViolations {
  readonly #shrunk: ViolatedInvariant
  readonly #found = new Map<string, OtherViolation>()

  /** @param shrunk the violation that is followed, and not counted */
  constructor(shrunk: ViolatedInvariant) {
    this.#shrunk = shrunk
  }

  /** Counts what one history violates. */
  add(violations: readonly ViolatedInvariant[]): void {
    for (const violation of violations) {
      if (sameViolation(violation, this.#shrunk)) continue
      const { kind, of } = violation.reason
      const histories = 1 + (this.#found.get(nameOf(violation))?.histories ?? 0)
      const failure = of === undefined ? { kind } : { kind, of }
      this.#found.set(nameOf(violation), { invariant: violation.invariant.name, failure, histories })
    }
  }

  /** Those that the shrunk history does not violate as well, since it tells these itself. The most usual come first. */
  without(told: readonly ViolatedInvariant[]): readonly OtherViolation[] {
    const names = new Set(told.map(nameOf))
    return [...this.#found]
      .filter(([name]) => !names.has(name))
      .map(([, other]) => other)
      .toSorted((a, b) => b.histories - a.histories)
  }
}

function nameOf({ invariant, reason }: ViolatedInvariant): string {
  return `${invariant.name}\n${failureName(reason)}`
}
