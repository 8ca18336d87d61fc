// The JSON form of scenarios: what is saved, replayed and kept in repositories. Strict: anything unknown is an error
// that says where, what was found and what to do. Knows faults through their schemas; files belong to saved/.
//
// How version 1 grows and still reads every file that a version 1 wrote:
// - A new kind of fault is `kind`, `at` and its fields: its file in fault/ is the whole change. Older packages refuse
//   it
//   by name.
// - A new field (of a kind, an address, an invocation, the scenario) is optional. Where it is absent, nothing changes.
//   It is written only where it is set, and after the older fields, so that old files keep their bytes.
// - A new type of field (such as another fault's address) is one more case in `readField`; `at` already names the link,
//   node or store where a fault starts.
// - A choice gains members at its end.
// - Nothing is renamed, removed or given another meaning. Where that cannot be avoided, the version becomes 2, and what
//   was read of a version 1 is converted.
import type { Address, Leg, PathStep, Root } from './address.ts'
import { parseRoot, parseStep, rootForms, rootText, stepForm, stepText } from './address-text.ts'
import { faultKinds, faultSpec, isFaultKind, type Fault, type FaultKind } from './fault/registry.ts'
import type { Field } from './fault/spec.ts'
import {
  checkFormat,
  didYouMean,
  fieldsOf,
  member,
  jsonProblem,
  readChoice,
  readList,
  readNumber,
  readText,
  readWhole,
  type Spot,
  unexpectedJson,
} from '../plain/json.ts'
import type { LateChange } from './late-change.ts'
import { listed, type DrawnPlan, type ListedPlan, type Plan } from './plan.ts'
import type { Invocation, Scenario, Workload } from './scenario.ts'
import { decodeValue, encodeValue } from '../plain/value.ts'

export const scenarioFormat = 'two-generals/scenario'
const newestVersion = 1

/**
 * A scenario as JSON. Equal scenarios give equal bytes once laid out by `jsonText`.
 *
 * @example writeFileSync('scenario.json', JSON.stringify(encodeScenario(scenario)))
 * @throws where it holds what could not be read back: a function in an input, a NaN delay, an unknown field
 */
export function encodeScenario({ seed, workload, plan, ...rest }: Scenario): unknown {
  const json = {
    format: scenarioFormat,
    version: newestVersion,
    seed,
    workload: { invocations: workload.invocations.map(encodeInvocation) },
    plan: encodePlan(plan),
    ...rest, // nothing, by its type; whatever else a caller added is refused by the next line, never dropped
  }
  readScenario({ json, path: '', doing: 'Cannot save this scenario' })
  return json
}

/**
 * The scenario that {@link encodeScenario} wrote.
 *
 * @param where what is read, for errors: a file's name
 * @param path where in it the scenario stands, for errors
 * @throws where anything is missing, ill-typed or unknown, or comes from a newer version
 * @example decodeScenario(JSON.parse(readFileSync('order.json', 'utf8')), 'order.json')
 */
export function decodeScenario(json: unknown, where: string, path = ''): Scenario {
  return readScenario({ json, path, doing: `Cannot read ${where}` })
}

function encodeInvocation({ id, operation, client, afterMs, input, ...rest }: Invocation, index: number): object {
  return { id, operation, client, afterMs, input: encodeValue(input, `workload.invocations[${index}].input`), ...rest }
}

function encodePlan(plan: Plan): object {
  if (plan.kind === 'listed') {
    const { order, ...rest } = plan
    const faults = plan.faults.map(encodeFault)
    return order === undefined ? { ...rest, faults } : { ...rest, faults, order: order.map(encodeLate) }
  }
  const { kind, seed, rates, maxFaults, ...rest } = plan
  return { kind, seed, rates: ordered(rates, faultKinds), maxFaults, ...rest }
}

function encodeFault({ kind, at, ...rest }: Fault): object {
  const names = isFaultKind(kind) ? Object.keys(faultSpec(kind).fields) : []
  return { kind, at: encodeAddress(at), ...ordered(rest, names) }
}

function encodeLate({ at, ...rest }: LateChange): object {
  return { at: encodeAddress(at), ...rest }
}

/** `path` and `key` are left out where they are empty. */
function encodeAddress({ root, path, from, to, operation, key, leg, nth, ...rest }: Address): object {
  return {
    root: rootText(root),
    ...(path.length === 0 ? {} : { path: path.map(stepText) }),
    from,
    to,
    operation,
    ...(key === undefined ? {} : { key }),
    leg,
    nth,
    ...rest,
  }
}

/** The record with the named fields first, in that order, and without fields that are undefined. */
function ordered(record: object, names: readonly string[]): Record<string, unknown> {
  const fields = new Map<string, unknown>(Object.entries(record))
  const sequence = [...names, ...[...fields.keys()].filter((name) => !names.includes(name))]
  return Object.fromEntries(
    sequence.map((name) => [name, fields.get(name)] as const).filter(([, value]) => value !== undefined),
  )
}

// Reading, outermost first.

function readScenario(spot: Spot): Scenario {
  checkFormat(spot, scenarioFormat, newestVersion)
  const at = fieldsOf(spot, ['format', 'version', 'seed', 'workload', 'plan'])
  return { seed: readWhole(at('seed')), workload: readWorkload(at('workload')), plan: readPlan(at('plan')) }
}

function readWorkload(spot: Spot): Workload {
  const at = fieldsOf(spot, ['invocations'])
  const invocations = readList(at('invocations'), readInvocation)
  const places = new Map<number, number>()
  for (const [index, { id }] of invocations.entries()) {
    const first = places.get(id)
    if (first !== undefined) {
      throw unexpectedJson(
        { ...spot, json: id, path: `${at('invocations').path}[${index}].id` },
        `an id of its own: invocations[${first}] has this one`,
      )
    }
    places.set(id, index)
  }
  return { invocations }
}

function readInvocation(spot: Spot): Invocation {
  const at = fieldsOf(spot, ['id', 'operation', 'client', 'afterMs', 'input'])
  return {
    id: readWhole(at('id'), 0),
    operation: readText(at('operation')),
    client: readWhole(at('client'), 0),
    afterMs: readNumber(at('afterMs'), 'milliseconds', 0),
    input: readValue(at('input')),
  }
}

function readValue({ json, path, doing }: Spot): unknown {
  try {
    return decodeValue(json, path)
  } catch (error) {
    throw new Error(`${doing}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function readPlan(spot: Spot): Plan {
  return readChoice(member(spot, 'kind'), ['listed', 'drawn']) === 'listed' ? readListedPlan(spot) : readDrawnPlan(spot)
}

function readListedPlan(spot: Spot): ListedPlan {
  const at = fieldsOf(spot, ['kind', 'faults'], ['order'])
  const faults = readList(at('faults'), readFault)
  return at('order').json === undefined ? listed(faults) : listed(faults, readList(at('order'), readLate))
}

function readLate(spot: Spot): LateChange {
  const at = fieldsOf(spot, ['at'], ['reads'], 'a change that comes late')
  const reads = at('reads')
  return { at: readAddress(at('at')), ...(reads.json === undefined ? {} : { reads: readWhole(reads, 1) }) }
}

function readDrawnPlan(spot: Spot): DrawnPlan {
  const at = fieldsOf(spot, ['kind', 'seed', 'rates', 'maxFaults'], ['aboutMs', 'unit'])
  const rateAt = fieldsOf(at('rates'), [], faultKinds)
  const rates: Partial<Record<FaultKind, number>> = {}
  for (const kind of faultKinds) {
    if (rateAt(kind).json !== undefined) rates[kind] = readNumber(rateAt(kind), 'a chance', 0, 1)
  }
  const drawn = { kind: 'drawn', seed: readWhole(at('seed')), rates, maxFaults: readWhole(at('maxFaults'), 0) } as const
  const [aboutMs, unit] = [at('aboutMs'), at('unit')]
  return {
    ...drawn,
    ...(aboutMs.json === undefined ? {} : { aboutMs: readNumber(aboutMs, 'milliseconds', 0) }),
    ...(unit.json === undefined ? {} : { unit: readChoice(unit, ['call', 'outage']) }),
  }
}

/** Keys in the order of the schema: plans are compared by their bytes. */
function readFault(spot: Spot): Fault {
  const kind = readKind(member(spot, 'kind'))
  const schema = Object.entries(faultSpec(kind).fields)
  const optional = schema.filter(([, field]) => isOptional(field)).map(([name]) => name)
  const required = schema.filter(([, field]) => !isOptional(field)).map(([name]) => name)
  const at = fieldsOf(spot, ['kind', 'at', ...required], optional, `a fault of kind "${kind}"`)
  const given = schema.filter(([name]) => at(name).json !== undefined)
  const fields = Object.fromEntries(given.map(([name, field]) => [name, readField(at(name), field)]))
  return { kind, at: readAddress(at('at')), ...fields } as Fault // just read by the schema of its kind
}

function readKind(spot: Spot): FaultKind {
  const text = readText(spot)
  if (isFaultKind(text)) return text
  throw jsonProblem(
    spot,
    `is "${text}", which is no kind of fault here (have ${faultKinds.join(', ')})`,
    `${didYouMean(text, faultKinds)}If a newer two-generals wrote it, update.`,
  )
}

function isOptional(field: Field): boolean {
  return field.optional ?? false
}

function readField(spot: Spot, field: Field): unknown {
  switch (field.type) {
    case 'ms':
      return readNumber(spot, 'milliseconds', field.min)
    case 'number':
      return readNumber(spot, 'a number', field.min)
    case 'choice':
      return readChoice(spot, field.choices)
    case 'node':
      return readText(spot)
    case 'nodes':
      return readNames(spot)
    default:
      return field satisfies never
  }
}

function readNames(spot: Spot): readonly string[] {
  const names = readList(spot, readText)
  if (names.length === 0) throw unexpectedJson(spot, 'at least one name')
  return names
}

const legs: readonly Leg[] = ['request', 'reply']

function readAddress(spot: Spot): Address {
  const at = fieldsOf(spot, ['root', 'from', 'to', 'operation', 'leg', 'nth'], ['path', 'key'], 'an address')
  const path = at('path')
  const key = at('key')
  return {
    root: readRoot(at('root')),
    path: path.json === undefined ? [] : readList(path, readStep),
    from: readText(at('from')),
    to: readText(at('to')),
    operation: readText(at('operation'), true),
    ...(key.json === undefined ? {} : { key: readText(key) }),
    leg: readChoice(at('leg'), legs),
    nth: readWhole(at('nth'), 1),
  }
}

function readRoot(spot: Spot): Root {
  const root = parseRoot(readText(spot))
  if (root === undefined) throw unexpectedJson(spot, rootForms)
  return root
}

function readStep(spot: Spot): PathStep {
  const step = parseStep(readText(spot))
  if (step === undefined) throw unexpectedJson(spot, stepForm)
  return step
}
