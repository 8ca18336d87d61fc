// Marks: which of the values that are left have to be what they are. Tries others in the place of each, all else kept,
// the most telling values first, until a bound. Must not know how a candidate is run, nor how a mark is told.
import { addressId } from '../scenario/address-text.ts'
import { faultsAt, faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import { likeness } from '../scenario/nearest-sites.ts'
import { isAllowed, listed, orderOf } from '../scenario/plan.ts'
import type { Mark } from '../verdict/counterexample.ts'
import type { AskCandidate, CandidateOutcome, ListedScenario, ShrinkOptions } from './candidate.ts'
import { markInputs, type OtherInputs } from './mark-inputs.ts'
import { markNumber, type MarkedNumber } from './mark-number.ts'
import type { Memo } from './memo.ts'
import { withField } from './with-field.ts'

/** How many candidates are run at most. */
const mostExecutions = 40

/** What marking needs to know. */
export interface MarkOptions extends OtherInputs, Pick<ShrinkOptions, 'allowed' | 'clients'> {
  /** Whether time is up; asked before every run. */
  readonly deadline: () => boolean
  /** What was shrunk: the values with which the failure was found. */
  readonly start: ListedScenario
}

/**
 * What was found out about the values of a shrunk scenario. Those for which the bound did not suffice have no mark.
 *
 * @param outcome what came of running `scenario`
 * @throws what `memo` throws
 */
export async function markValues(
  scenario: ListedScenario,
  outcome: CandidateOutcome,
  memo: Memo,
  options: MarkOptions,
): Promise<readonly Mark[]> {
  const most = memo.executions + mostExecutions
  const attempt: AskCandidate = async (candidate) =>
    memo.knows(candidate) || (memo.executions < most && !options.deadline()) ? memo.run(candidate) : undefined
  const numbers = [...fieldNumbers(scenario, options), ...waits(scenario)]
  const [off, on] = [numbers.filter(({ value, target }) => value !== target), numbers.filter(isSmallest)]
  const found: (Mark | undefined)[] = []
  for (const number of off) found.push(await markNumber(number, outcome, attempt))
  for (const choice of choices(scenario, outcome, options)) found.push(await markChoice(choice, attempt))
  for (const choice of reads(scenario)) found.push(await markChoice(choice, attempt))
  for (const number of on) found.push(await markNumber(number, outcome, attempt))
  found.push(...(await markInputs(scenario, attempt, options)))
  found.push(await markClient(scenario, outcome, attempt, options))
  return found.filter((mark) => mark !== undefined)
}

function isSmallest({ value, target }: MarkedNumber): boolean {
  return value === target
}

/** The numbers in the faults that are there. */
function fieldNumbers(scenario: ListedScenario, { allowed, start }: MarkOptions): readonly MarkedNumber[] {
  return scenario.plan.faults.flatMap((fault) =>
    Object.entries(faultSpec(fault.kind).fields).flatMap(([name, field]): readonly MarkedNumber[] => {
      const value = fieldOf(fault, name)
      if ((field.type !== 'ms' && field.type !== 'number') || typeof value !== 'number') return []
      const foundAt = valueAtStart(start, fault, name)
      return [
        {
          of: { kind: 'field', fault, name },
          value,
          target: field.target,
          least: field.min ?? -Infinity,
          ...(foundAt === undefined ? {} : { foundAt }),
          with(other) {
            const changed = withFault(scenario, fault, withField(fault, name, other))
            return isAllowed(changed.plan, allowed) ? changed : undefined
          },
        },
      ]
    }),
  )
}

/** The number in the same field of the fault at the start that is most like this one. */
function valueAtStart({ plan }: ListedScenario, fault: Fault, name: string): number | undefined {
  const like = plan.faults
    .filter(({ kind }) => kind === fault.kind)
    .toSorted((a, b) => likeness(fault.at, b.at) - likeness(fault.at, a.at))
  const value = like[0] && fieldOf(like[0], name)
  return typeof value === 'number' ? value : undefined
}

function withFault(scenario: ListedScenario, fault: Fault, other: Fault): ListedScenario {
  const { faults, order } = scenario.plan
  return {
    ...scenario,
    plan: listed(
      faults.map((one) => (one === fault ? other : one)),
      order,
    ),
  }
}

/** The waits before operations: of the first one only where there is one. */
function waits(scenario: ListedScenario): readonly MarkedNumber[] {
  const { invocations } = scenario.workload
  return invocations.flatMap((invocation, index): readonly MarkedNumber[] =>
    index === 0 && invocation.afterMs === 0
      ? []
      : [
          {
            of: { kind: 'wait', invocation: invocation.id },
            value: invocation.afterMs,
            target: 0,
            least: 0,
            with: (afterMs) => ({
              ...scenario,
              workload: { invocations: invocations.with(index, { ...invocation, afterMs }) },
            }),
          },
        ],
  )
}

interface MarkedChoice {
  readonly of: Mark['of']
  /** The scenario with each other choice that makes sense there. */
  readonly others: readonly ListedScenario[]
}

function choices(
  scenario: ListedScenario,
  { sites }: CandidateOutcome,
  { allowed }: MarkOptions,
): readonly MarkedChoice[] {
  return scenario.plan.faults.flatMap((fault) =>
    Object.entries(faultSpec(fault.kind).fields).flatMap(([name, field]): readonly MarkedChoice[] => {
      const value = fieldOf(fault, name)
      if (field.type !== 'choice' || value === undefined) return []
      const site = sites.find(({ address }) => addressId(address) === addressId(fault.at))
      const offered = new Set(site === undefined ? [] : faultsAt(fault.kind, site).map((one) => fieldOf(one, name)))
      const others = field.choices
        .filter((choice) => choice !== value && offered.has(choice))
        .map((choice) => withFault(scenario, fault, withField(fault, name, choice)))
        .filter(({ plan }) => isAllowed(plan, allowed))
      return others.length === 0 ? [] : [{ of: { kind: 'field', fault, name }, others }]
    }),
  )
}

/** Late changes that come after so many reads: after all of them, one more, one fewer. */
function reads(scenario: ListedScenario): readonly MarkedChoice[] {
  const { faults } = scenario.plan
  const order = orderOf(scenario.plan)
  return order.flatMap((late): readonly MarkedChoice[] => {
    const { at, reads: count } = late
    if (count === undefined) return []
    const counts = [count + 1, count - 1].filter((other) => other > 0)
    const others = [{ at }, ...counts.map((other) => ({ at, reads: other }))].map((other) => ({
      ...scenario,
      plan: listed(
        faults,
        order.map((one) => (one === late ? other : one)),
      ),
    }))
    return [{ of: { kind: 'reads', late }, others }]
  })
}

async function markChoice({ of, others }: MarkedChoice, attempt: AskCandidate): Promise<Mark | undefined> {
  for (const other of others) {
    const outcome = await attempt(other)
    if (outcome === undefined) return undefined
    if (!outcome.fails) return { of, freedom: 'must' }
  }
  return { of, freedom: 'any' }
}

/**
 * How much later than the waits say the operations of several clients begin, in milliseconds for each operation before,
 * where they do not begin as they did.
 */
const tookMs = [0, 100, 5_000] as const

/**
 * Whether it has to be one client that does everything. One client begins when its last operation has ended, and only
 * that could make the difference: others begin at the same moments, or at about those.
 */
async function markClient(
  scenario: ListedScenario,
  { begunMs }: CandidateOutcome,
  attempt: AskCandidate,
  { clients }: MarkOptions,
): Promise<Mark | undefined> {
  const { invocations } = scenario.workload
  if (invocations.length < 2 || clients < 2 || invocations.some(({ client }) => client !== 0)) return undefined
  if (invocations.length > clients) return undefined // some client would still do several
  const waitedMs = invocations.map((_, index) =>
    invocations.slice(0, index + 1).reduce((ms, one) => ms + one.afterMs, 0),
  )
  const asTheyDid = invocations.map(({ id }, index) => begunMs?.get(id) ?? waitedMs[index] ?? 0)
  for (const starts of [asTheyDid, ...tookMs.map((eachMs) => waitedMs.map((ms, index) => ms + index * eachMs))]) {
    const apart = invocations.map((one, client) => ({ ...one, client, afterMs: starts[client] ?? 0 }))
    const outcome = await attempt({ ...scenario, workload: { invocations: apart } })
    if (outcome === undefined) return undefined
    if (outcome.fails) return { of: { kind: 'client' }, freedom: 'any' }
  }
  return { of: { kind: 'client' }, freedom: 'must' }
}
