// Lookouts beside an exploration: each history is looked at as it is run, what shows is kept, and nothing is judged, so
// that one finding does not end the exploration. Knows verdicts; must not know what is looked for.
import { faultKinds } from '../scenario/fault/registry.ts'
import { listed } from '../scenario/plan.ts'
import type { ListedScenario } from '../shrink/candidate.ts'
import { isSameFailure, type FailureClass, type Reason } from '../verdict/reason.ts'
import { holds, type Invariant, type JudgedRun, type Verdict } from '../verdict/verdict.ts'
import type { Lookout } from './lookouts.ts'

/** What has shown, in one way, in some histories. */
export interface Symptom {
  readonly lookout: Lookout
  readonly failure: FailureClass
  /** In how many histories. */
  readonly histories: number
  /** The smallest of them, and why it counts. */
  readonly smallest: ListedScenario
  readonly reason: Reason
}

type Kept = { -readonly [P in keyof Symptom]: Symptom[P] }

/** All that is seen in one exploration. */
export class LookoutWatch {
  readonly #kept: Kept[] = []
  /** Of each lookout, in how many histories it could not tell. */
  readonly #unclear = new Map<string, number>()
  /** The lookouts as invariants that are never violated. */
  readonly invariants: readonly Invariant[]

  constructor(lookouts: readonly Lookout[]) {
    this.invariants = lookouts.map((lookout) => this.#watching(lookout))
  }

  /** In the order of the lookouts; of one, what needs least first. */
  get symptoms(): readonly Symptom[] {
    const place = ({ lookout }: Symptom): number =>
      this.invariants.findIndex(({ name }) => name === lookout.invariant.name)
    return [...this.#kept].sort((a, b) => place(a) - place(b) || bySize(a.smallest, b.smallest))
  }

  /** How many histories a lookout could not tell anything about. */
  unclear({ invariant }: Lookout): number {
    return this.#unclear.get(invariant.name) ?? 0
  }

  #watching(lookout: Lookout): Invariant {
    const { invariant } = lookout
    return {
      ...invariant,
      judge: async (run, simulation) => {
        const verdict = (await invariant.judge?.(run, simulation)) ?? invariant.check(run.history)
        if (verdict.kind === 'violated') this.#seen(lookout, run, verdict)
        if (verdict.kind === 'unknown') {
          this.#unclear.set(invariant.name, this.unclear(lookout) + 1)
          return verdict // it may only need longer
        }
        return holds
      },
    }
  }

  #seen(lookout: Lookout, { scenario, fired }: JudgedRun, { reasons }: Verdict): void {
    const { plan } = scenario
    const found: ListedScenario = { ...scenario, plan: plan.kind === 'listed' ? plan : listed(fired) }
    const ways = reasons.filter((one, index) => reasons.findIndex((other) => isSameFailure(other, one)) === index)
    for (const reason of ways) {
      const known = this.#kept.find((one) => one.lookout === lookout && isSameFailure(one.failure, reason))
      if (known === undefined) {
        this.#kept.push({ lookout, failure: reason, histories: 1, smallest: found, reason })
        continue
      }
      known.histories += 1
      if (bySize(found, known.smallest) < 0) Object.assign(known, { smallest: found, reason })
    }
  }
}

/** Fewer faults, then fewer operations, then more telling kinds of fault. */
function bySize(a: ListedScenario, b: ListedScenario): number {
  const [of, than] = [sizesOf(a), sizesOf(b)]
  const first = of.findIndex((size, index) => size !== than[index])
  return first < 0 ? 0 : (of[first] ?? 0) - (than[first] ?? 0)
}

function sizesOf({ plan: { faults, order = [] }, workload }: ListedScenario): readonly number[] {
  const ranks = faults.map(({ kind }) => faultKinds.indexOf(kind))
  return [faults.length + order.length, workload.invocations.length, ...ranks]
}
