// scenario: an arbitrary of scenarios, for the user's own properties (`fc.asyncProperty`, `test.prop`). Ties the
// generators of workloads and plans to fast-check's Arbitrary; runs nothing.
import * as fc from 'fast-check'
import { drawnPlan } from './explore/drawn-plan.ts'
import type { FaultKind } from './scenario/fault/registry.ts'
import { WorkloadSource } from './generate/workload-source.ts'
import { listed, noFaults, without, type Plan } from './scenario/plan.ts'
import type { Invocation, Scenario } from './scenario/scenario.ts'
import { keepsApart } from './shrink/keeps-apart.ts'
import { attacked } from './system/attacked.ts'
import { assertSystem, type System } from './system/system.ts'
import { claimOf, endsOf } from './system/tolerates.ts'

/**
 * Scenarios for a system: workloads with inputs from the arbitraries of its operations, and plans of the faults that it
 * claims to tolerate.
 *
 * It shrinks without running anything: fewer faults, fewer kinds of them, fewer operations, smaller inputs. Since it
 * does not know which faults fired or where a message went, its minimum is larger than the one that {@link resilience}
 * finds.
 *
 * @throws where it is given no system
 * @example
 * await fc.assert(
 *   fc.asyncProperty(scenario(system), async (s) => noHang().check(await simulate(system, s)).kind !== 'violated'),
 * )
 */
export function scenario(system: System): fc.Arbitrary<Scenario> {
  assertSystem(system, 'scenario()')
  return new ScenarioArbitrary(system, claimOf(system.tolerates, endsOf(system)).kinds)
}

/** One of so many plans is a perfect network. */
const perfectOneIn = 8

class ScenarioArbitrary extends fc.Arbitrary<Scenario> {
  readonly #kinds: readonly FaultKind[]
  readonly #workloads: WorkloadSource

  constructor(system: System, kinds: readonly FaultKind[]) {
    super()
    this.#kinds = kinds
    this.#workloads = new WorkloadSource(attacked(system))
  }

  override generate(random: fc.Random): fc.Value<Scenario> {
    const seed = random.nextInt()
    const perfect = this.#kinds.length === 0 || random.nextInt(1, perfectOneIn) === 1
    return new fc.Value(
      {
        workload: this.#workloads.random(seed),
        plan: perfect ? noFaults : drawnPlan(seed, this.#kinds),
        seed,
      },
      undefined,
    )
  }

  override canShrinkWithoutContext(value: unknown): value is Scenario {
    return typeof value === 'object' && value !== null && 'workload' in value && 'plan' in value
  }

  /** @param part the part that was made smaller last */
  override shrink(value: Scenario, part: unknown): fc.Stream<fc.Value<Scenario>> {
    return fc.stream(this.#smaller(value, Number(part ?? 0)))
  }

  /** Goes on where it was successful last: what was in vain before it is tried again only after all else. */
  *#smaller(value: Scenario, last: number): Generator<fc.Value<Scenario>, void> {
    const count = 2 + value.workload.invocations.length
    for (let n = 0; n < count; n++) {
      const part = (last + n) % count
      for (const smaller of this.#smallerPart(value, part)) yield new fc.Value(smaller, part)
    }
  }

  /** With a smaller plan, with fewer invocations, or with one of them made smaller. */
  *#smallerPart(value: Scenario, part: number): Generator<Scenario, void> {
    const { invocations: all } = value.workload
    const one = all[part - 2]
    if (part === 0) for (const plan of smallerPlans(value.plan)) yield { ...value, plan }
    else
      for (const invocations of one === undefined ? fewerOf(all) : this.#smallerOne(all, one))
        yield { ...value, workload: { invocations } }
  }

  *#smallerOne(all: readonly Invocation[], one: Invocation): Generator<readonly Invocation[], void> {
    for (const smaller of this.#smallerOnes(one)) {
      const invocations = all.map((other) => (other === one ? smaller : other))
      // Two orders that become one order would show another bug
      if (keepsApart({ invocations: all }, { invocations })) yield invocations
    }
  }

  *#smallerOnes(one: Invocation): Generator<Invocation, void> {
    if (one.client > 0) yield { ...one, client: 0 }
    if (one.afterMs > 0) yield { ...one, afterMs: 0 }
    for (const input of this.#workloads.smallerInputs(one)) yield { ...one, input }
  }
}

function* fewerOf(all: readonly Invocation[]): Generator<readonly Invocation[], void> {
  if (all.length > 2) yield all.slice(0, Math.ceil(all.length / 2))
  if (all.length > 1) for (const one of all) yield all.filter((other) => other !== one)
}

function* smallerPlans(plan: Plan): Generator<Plan, void> {
  if (plan.kind === 'listed') {
    if (plan.faults.length > 1) yield noFaults
    if (plan.order !== undefined) yield listed(plan.faults)
    for (const one of plan.faults) yield without(plan, one)
    return
  }
  yield noFaults
  const { maxFaults, rates } = plan
  for (const fewer of [1, Math.floor(maxFaults / 2), maxFaults - 1])
    if (fewer > 0 && fewer < maxFaults) yield { ...plan, maxFaults: fewer }
  const kinds = Object.entries(rates)
  if (kinds.length > 1)
    for (const [kind] of kinds) yield { ...plan, rates: Object.fromEntries(kinds.filter(([other]) => other !== kind)) }
}
