// scenario: an arbitrary of scenarios, for properties of the user's own (`fc.asyncProperty`, `test.prop`). Ties the
// generators of workloads and plans to fast-check's Arbitrary; runs nothing.
import * as fc from 'fast-check'
import { drawnPlan } from './explore/swarm.ts'
import type { FaultKind } from './scenario/fault/registry.ts'
import { Shrinkers } from './generate/values.ts'
import { randomWorkload } from './generate/workload.ts'
import { listed, noFaults, type Plan } from './scenario/plan.ts'
import type { Invocation, Scenario } from './scenario/scenario.ts'
import { keepsApart } from './shrink/rebase.ts'
import { assertSystem, workloadDefaults, type System } from './system/system.ts'
import { claimOf, endsOf } from './system/tolerates.ts'

/**
 * Scenarios for a system: workloads with inputs from its operations' arbitraries, and plans of the faults that it
 * claims to tolerate.
 *
 * It shrinks by position only: fewer faults, counted from the first; fewer kinds; fewer operations; smaller inputs. It
 * cannot see which faults fired or move one to where its message went, so what it ends at is larger than what {@link
 * resilience} finds.
 *
 * @throws where it is given no system
 * @example
 * await fc.assert(fc.asyncProperty(scenario(system), async (s) => noHang().check(await simulate(system, s)).kind !== 'violated'))
 */
export function scenario(system: System): fc.Arbitrary<Scenario> {
  assertSystem(system, 'scenario()')
  return new ScenarioArbitrary(system, claimOf(system.tolerates, endsOf(system)).kinds)
}

/** One plan in so many is a perfect network. */
const perfectOneIn = 8

class ScenarioArbitrary extends fc.Arbitrary<Scenario> {
  readonly #system: System
  readonly #kinds: readonly FaultKind[]
  readonly #shrinkers = new Shrinkers()

  constructor(system: System, kinds: readonly FaultKind[]) {
    super()
    this.#system = system
    this.#kinds = kinds
  }

  override generate(random: fc.Random): fc.Value<Scenario> {
    const {
      operations,
      clients = workloadDefaults.clients,
      maxOperations = workloadDefaults.maxOperations,
    } = this.#system
    const seed = random.nextInt()
    const perfect = this.#kinds.length === 0 || random.nextInt(1, perfectOneIn) === 1
    return new fc.Value(
      {
        workload: randomWorkload(seed, { operations, clients, maxOperations }, this.#shrinkers),
        plan: perfect ? noFaults : drawnPlan(seed, this.#kinds),
        seed,
      },
      undefined,
    )
  }

  override canShrinkWithoutContext(value: unknown): value is Scenario {
    return typeof value === 'object' && value !== null && 'workload' in value && 'plan' in value
  }

  override shrink(value: Scenario): fc.Stream<fc.Value<Scenario>> {
    return fc.stream(this.#smaller(value)).map((smaller) => new fc.Value(smaller, undefined))
  }

  *#smaller(value: Scenario): Generator<Scenario, void> {
    for (const plan of smallerPlans(value.plan)) yield { ...value, plan }
    for (const invocations of this.#smallerInvocations(value.workload.invocations))
      yield { ...value, workload: { invocations } }
  }

  *#smallerInvocations(all: readonly Invocation[]): Generator<readonly Invocation[], void> {
    if (all.length > 2) yield all.slice(0, Math.ceil(all.length / 2))
    if (all.length > 1) for (const one of all) yield all.filter((other) => other !== one)
    for (const one of all) {
      for (const smaller of this.#smallerOnes(one)) {
        const invocations = all.map((other) => (other === one ? smaller : other))
        // Two orders that become one are another bug
        if (keepsApart({ invocations: all }, { invocations })) yield invocations
      }
    }
  }

  *#smallerOnes(one: Invocation): Generator<Invocation, void> {
    if (one.client > 0) yield { ...one, client: 0 }
    if (one.afterMs > 0) yield { ...one, afterMs: 0 }
    const operation = this.#system.operations.find(({ name }) => name === one.operation)
    if (operation === undefined) return
    for (const input of this.#shrinkers.smaller(one.operation, operation.arbitrary, one.input)) yield { ...one, input }
  }
}

function* smallerPlans(plan: Plan): Generator<Plan, void> {
  if (plan.kind === 'listed') {
    if (plan.faults.length > 1) yield noFaults
    for (const one of plan.faults) yield listed(plan.faults.filter((other) => other !== one))
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
