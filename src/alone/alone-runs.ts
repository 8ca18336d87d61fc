// Reference runs: operations one after the other on a perfect network, by the same system. Each is made once for the
// same operations in the same order. Knows how to run, and not what its runs are compared with.
import { canonical, encodeValue } from '../plain/value.ts'
import { hash32 } from '../plain/random.ts'
import { noFaults } from '../scenario/plan.ts'
import type { Invocation, Scenario } from '../scenario/scenario.ts'
import type { Alone, RunsAlone } from '../verdict/verdict.ts'
import { countsOf, endOf, type EndState, type Fact, type FactOptions } from './facts.ts'
import { atomsOf, atomsOfFacts, renamed, type Atom } from './renamed.ts'

/** Ends that are kept: of the latest runs. */
const mostKept = 2_000

const first: Alone = { aheadMs: 0, afterMs: 0 }
/** The second is two weeks and some hours later, so that no unit of time is the same, and begins later, too. */
const second: Alone = { aheadMs: 1_234_567_891, afterMs: 7_919 }

/** When operations begin at the earliest. */
export type Times = ReadonlyMap<number, number>

/** When operations begin, and for how long the system is given to come to rest. */
export interface WhenAlone {
  readonly at?: Times
  /** @default as long as nobody needs */
  readonly isHasty?: boolean
}

/** The reference runs of one system. */
export class AloneRuns {
  readonly #simulation: RunsAlone
  readonly #options: FactOptions
  readonly #kept = new Map<string, EndState>()

  constructor(simulation: RunsAlone, options: FactOptions) {
    this.#simulation = simulation
    this.#options = options
  }

  /** The end of these operations of a scenario, in this order, and where times are given not before these. */
  end(scenario: Scenario, order: readonly number[], { at, isHasty }: WhenAlone = {}): Promise<EndState> {
    return this.#run(scenario.seed, invocationsOf(scenario, order), timed(first, at), isHasty)
  }

  /** What goes on changing, however long it is given: where the end is another one with more time. */
  async endless(scenario: Scenario, order: readonly number[], at: Times): Promise<ReadonlySet<string>> {
    const ends = [
      await this.end(scenario, order, { at, isHasty: true }),
      await this.end(scenario, order, { at, isHasty: false }),
    ]
    const atoms = ends.map(atomsOfEnd)
    const literals = new Set([...(atoms[0] ?? [])].filter((atom) => atoms[1]?.has(atom)))
    const [soon = [], late = []] = ends.map(({ facts }) => sourcedLines(facts, literals))
    const [counts, others] = [countsOf(soon.map(({ line }) => line)), countsOf(late.map(({ line }) => line))]
    return new Set(
      [...soon, ...late].flatMap(({ source, line }) => (counts.get(line) === others.get(line) ? [] : [source])),
    )
  }

  /** What is not generated: what two runs with other seeds and clocks have in common, and what was given. */
  async literals(scenario: Scenario, order: readonly number[], { at, isHasty }: WhenAlone = {}): Promise<Set<Atom>> {
    const { seed, workload } = scenario
    const invocations = invocationsOf(scenario, order)
    const one = atomsOfEnd(await this.#run(seed, invocations, timed(first, at), isHasty))
    const other = atomsOfEnd(await this.#run(hash32(seed, 'alone') | 0, invocations, timed(second, at), isHasty))
    const before = atomsOfFacts((await this.#run(seed, [], first)).facts)
    const given = atomsOf(workload.invocations.map(({ input }) => encodeValue(input)))
    return new Set([...[...one].filter((atom) => other.has(atom)), ...before, ...given])
  }

  async #run(seed: number, invocations: readonly Invocation[], alone: Alone, isHasty = false): Promise<EndState> {
    const told = invocations.map(({ id, operation, client, input }) => [id, operation, client, encodeValue(input)])
    const key = canonical([seed, alone.aheadMs, isHasty, [...(alone.at ?? [])], told])
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const scenario = { workload: { invocations }, plan: noFaults, seed }
    const { history } = await this.#simulation.run(scenario, { alone, patient: !isHasty })
    const end = await endOf(history, this.#simulation.system.stores ?? [], this.#options)
    this.#kept.set(key, end)
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > mostKept && oldest.done === false) this.#kept.delete(oldest.value)
    return end
  }
}

function invocationsOf({ workload }: Scenario, order: readonly number[]): readonly Invocation[] {
  return order.flatMap((id) => workload.invocations.filter((one) => one.id === id))
}

function timed(alone: Alone, at: Times | undefined): Alone {
  if (at === undefined) return alone
  return { ...alone, at: new Map([...at].map(([id, atMs]) => [id, atMs + alone.afterMs])) }
}

function atomsOfEnd({ facts, answers }: EndState): Set<Atom> {
  return atomsOfFacts([...facts, ...answers.values()])
}

/** Facts as they are compared, each with what it is of. */
function sourcedLines(
  facts: readonly Fact[],
  literals: ReadonlySet<Atom>,
): readonly { readonly source: string; readonly line: string }[] {
  const lines = renamed(facts, literals)
  return facts.map(({ source }, n) => ({ source, line: lines[n] ?? '' }))
}
