// Marks the values in the inputs: others are drawn in their place, those that are equal together, and those that differ
// stay different. All of them at once first: most failures need none of them. Must not know what the values mean.
import { canonical, encodeValue } from '../plain/value.ts'
import { withoutKeys, type Address } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import { listed, orderOf } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Mark } from '../verdict/counterexample.ts'
import type { AskCandidate, CandidateOutcome, ListedScenario } from './candidate.ts'
import { rebase } from './rebase.ts'

/** Where other inputs come from. */
export interface OtherInputs {
  /** Other inputs for an invocation, drawn as the user says. Ends. */
  readonly others: (invocation: Invocation) => Iterable<unknown>
  /** Whether an input is one that the user's arbitrary could have drawn, as far as that can be told. */
  readonly accepts: (invocation: Invocation, input: unknown) => boolean
}

/** How often each value is replaced by another one. */
const replacements = 2

/** A mark for each distinct value in the inputs that could be replaced. */
export async function markInputs(
  scenario: ListedScenario,
  attempt: AskCandidate,
  options: OtherInputs,
): Promise<readonly Mark[]> {
  const groups = groupsOf(scenario.workload.invocations, options)
  if (groups.length === 0) return []
  const allAtOnce = await freedomOf(scenario, groups, attempt, options)
  if (allAtOnce === 'any')
    return groups.map(({ field, value }) => ({ of: { kind: 'input', field, value }, freedom: 'any' }))
  const marks: Mark[] = []
  for (const group of groups) {
    const freedom = groups.length === 1 ? allAtOnce : await freedomOf(scenario, [group], attempt, options)
    if (freedom !== undefined) marks.push({ of: { kind: 'input', field: group.field, value: group.value }, freedom })
  }
  return marks
}

/** Whether some values may be any, all replaced at once; undefined where that could not be tried. */
async function freedomOf(
  scenario: ListedScenario,
  groups: readonly Group[],
  attempt: AskCandidate,
  options: OtherInputs,
): Promise<'any' | 'must' | undefined> {
  for (let turn = 0; turn < replacements; turn++) {
    const candidate = replaced(scenario, groups, turn, options)
    const outcome = candidate && (await attempt(candidate))
    if (candidate === undefined || outcome === undefined) return undefined
    if (outcome.fails) continue
    const moved = followed(candidate, outcome)
    if (moved === undefined) return 'must'
    const again = await attempt(moved)
    if (again?.fails !== true) return again === undefined || !haveAllFired(moved, again) ? undefined : 'must'
  }
  return 'any'
}

/**
 * The candidate with its faults on the same messages, where another value has changed what these are called: a text of
 * six characters is a key, and a shorter one is none. Undefined where all faults fired.
 */
function followed(candidate: ListedScenario, outcome: CandidateOutcome): ListedScenario | undefined {
  if (haveAllFired(candidate, outcome)) return undefined
  const nameOf = (at: Address): string => addressId(withoutKeys(at))
  const found = new Map(outcome.sites.map(({ address }) => [nameOf(address), address]))
  const faults = candidate.plan.faults.map((fault) => ({ ...fault, at: found.get(nameOf(fault.at)) ?? fault.at }))
  return { ...candidate, plan: listed(faults, orderOf(candidate.plan)) }
}

function haveAllFired({ plan }: ListedScenario, { fired }: CandidateOutcome): boolean {
  return fired.length >= plan.faults.length
}

type Scalar = string | number | bigint | boolean

/** Where a value stands. */
interface InputPlace {
  readonly index: number
  readonly path: readonly (string | number)[]
  readonly field: string
  readonly value: Scalar
}

/** One value, all places where it stands under one name, and others for it. */
interface Group {
  readonly field: string
  readonly value: Scalar
  readonly places: readonly InputPlace[]
  readonly others: readonly Scalar[]
}

/** The values that have others. What differs from all values of the same name is another one. */
function groupsOf(invocations: readonly Invocation[], { others }: OtherInputs): readonly Group[] {
  const places = invocations.flatMap(({ input, operation }, index) =>
    scalarsOf(input, operation).map((scalar) => ({ index, ...scalar })),
  )
  const taken = new Set(places.map(identity))
  const drawn = invocations.map((invocation) => [...others(invocation)])
  return [...Map.groupBy(places, identity).values()].flatMap((group): readonly Group[] => {
    const [first] = group
    if (first === undefined) return []
    const fresh: Scalar[] = []
    for (const value of typeof first.value === 'boolean' ? [!first.value, !first.value] : drawnAt(drawn, first)) {
      if (typeof value !== typeof first.value || fresh.length === replacements) continue
      const id = identity({ ...first, value })
      if (typeof value !== 'boolean' && taken.has(id)) continue
      taken.add(id)
      fresh.push(value)
    }
    return fresh.length === 0 ? [] : [{ field: first.field, value: first.value, places: group, others: fresh }]
  })
}

function drawnAt(drawn: readonly (readonly unknown[])[], { index, path }: InputPlace): readonly Scalar[] {
  return (drawn[index] ?? []).flatMap((input) => {
    const value = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), input)
    return isScalar(value) ? [value] : []
  })
}

/** Equal values under one name are one value, except yes and no. */
function identity({ index, path, field, value }: InputPlace): string {
  return typeof value === 'boolean' ? `${index} ${path.join(' ')}` : `${field} ${typeof value} ${String(value)}`
}

function replaced(
  scenario: ListedScenario,
  groups: readonly Group[],
  turn: number,
  { accepts, others }: OtherInputs,
): ListedScenario | undefined {
  const before = scenario.workload
  const inputs = before.invocations.map(({ input }) => input)
  for (const { places, others: fresh } of groups)
    for (const { index, path } of places) inputs[index] = withValue(inputs[index], path, fresh[turn % fresh.length])
  const couldBe = (one: Invocation, input: unknown): boolean =>
    [one.input, ...others(one)].some((known) => isSame(known, input)) || accepts(one, input)
  if (!before.invocations.every((one, index) => couldBe(one, inputs[index]))) return undefined
  const invocations = before.invocations.map((one, index) => ({ ...one, input: inputs[index] }))
  const { faults } = scenario.plan
  const workload = { invocations }
  return {
    ...scenario,
    workload,
    plan: listed(rebase(faults, before, workload), rebase(orderOf(scenario.plan), before, workload)),
  }
}

function scalarsOf(
  value: unknown,
  field: string,
  path: readonly (string | number)[] = [],
): readonly Omit<InputPlace, 'index'>[] {
  if (isScalar(value)) return [{ path, field, value }]
  if (Array.isArray(value)) return value.flatMap((item, at) => scalarsOf(item, field, [...path, at]))
  return isRecord(value) ? Object.entries(value).flatMap(([key, item]) => scalarsOf(item, key, [...path, key])) : []
}

function withValue(whole: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(whole)) return whole.map((item: unknown, at) => (at === key ? withValue(item, rest, value) : item))
  return isRecord(whole) ? { ...whole, [key]: withValue(whole[key], rest, value) } : whole
}

function isSame(one: unknown, other: unknown): boolean {
  return canonical(encodeValue(one)) === canonical(encodeValue(other))
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

/** A plain record or a list: dates, bytes, maps and sets are values as a whole. */
function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}
