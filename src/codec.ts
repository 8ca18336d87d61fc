// The JSON form of scenarios: what is saved, replayed and kept in repositories. Strict: whatever it does not know is an
// error that says where, what was found and what to do. Knows faults through their schemas; files belong to replay.ts.
//
// How version 1 grows and still reads every file that a version 1 wrote:
// - A new kind of fault is `kind`, `at` and its fields: its file in fault/ is the whole change. Older packages refuse it by name.
// - A new field (of a kind, an address, an invocation, the scenario) is optional. Absent means what it meant before, and it is
//   written only where it is set and after the older fields, so that old files keep their bytes.
// - A new type of field (the two sides of a partition, a list of nodes, another fault's address) is one more case in
//   `readField`; `at` already names the link, node or store where a fault starts.
// - A choice gains members at its end. Nothing is renamed, removed or given another meaning; if that must be, the version
//   becomes 2 and version 1 is lifted to it before it is read.
import type { Address, Leg } from './address.ts'
import { faultKinds, faultSpec, isFaultKind, type Fault, type FaultKind, type Field } from './fault.ts'
import type { DrawnPlan, Plan } from './plan.ts'
import type { Invocation, Scenario, Workload } from './scenario.ts'
import { decodeValue, encodeValue } from './value.ts'

export const scenarioFormat = 'two-generals/scenario'
const version = 1

/**
 * A scenario as JSON. Equal scenarios give equal bytes with {@link jsonText}.
 *
 * @throws where it holds what could not be read back: a function in an input, a NaN delay, an unknown field
 */
export function encodeScenario({ seed, workload, plan, ...rest }: Scenario): unknown {
  const json = {
    format: scenarioFormat,
    version,
    seed,
    workload: { invocations: workload.invocations.map(encodeInvocation) },
    plan: encodePlan(plan),
    ...rest, // nothing, by its type; anything else is refused on the next line, never dropped
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
  if (plan.kind === 'listed') return { ...plan, faults: plan.faults.map(encodeFault) }
  const { kind, seed, rates, maxFaults, ...rest } = plan
  return { kind, seed, rates: inOrder(rates, faultKinds), maxFaults, ...rest }
}

function encodeFault({ kind, at, ...rest }: Fault): object {
  const names = isFaultKind(kind) ? Object.keys(faultSpec(kind).fields) : []
  return { kind, at: encodeAddress(at), ...inOrder(rest, names) }
}

/** `path` and `key` are left out where there is none. */
function encodeAddress({ root, path, from, to, operation, key, leg, nth, ...rest }: Address): object {
  return { root, ...(path.length === 0 ? {} : { path }), from, to, operation, ...(key === undefined ? {} : { key }), leg, nth, ...rest }
}

/** The record's fields, those named first and in that order; without those that are undefined. */
function inOrder(record: object, names: readonly string[]): Record<string, unknown> {
  const fields = new Map<string, unknown>(Object.entries(record))
  const ordered = [...names, ...[...fields.keys()].filter((name) => !names.includes(name))]
  return Object.fromEntries(ordered.map((name) => [name, fields.get(name)] as const).filter(([, value]) => value !== undefined))
}

// Reading, outermost first.

function readScenario(spot: Spot): Scenario {
  checkFormat(spot, scenarioFormat, version)
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
      throw wrong({ ...spot, json: id, path: `${at('invocations').path}[${index}].id` }, `an id of its own: invocations[${first}] has this one`)
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
  return readChoice(member(spot, 'kind'), ['listed', 'drawn']) === 'listed'
    ? { kind: 'listed', faults: readList(fieldsOf(spot, ['kind', 'faults'])('faults'), readFault) }
    : readDrawnPlan(spot)
}

function readDrawnPlan(spot: Spot): DrawnPlan {
  const at = fieldsOf(spot, ['kind', 'seed', 'rates', 'maxFaults'])
  const rateAt = fieldsOf(at('rates'), [], faultKinds)
  const rates: Partial<Record<FaultKind, number>> = {}
  for (const kind of faultKinds) {
    if (rateAt(kind).json !== undefined) rates[kind] = readNumber(rateAt(kind), 'a chance', 0, 1)
  }
  return { kind: 'drawn', seed: readWhole(at('seed')), rates, maxFaults: readWhole(at('maxFaults'), 0) }
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
  throw problem(spot, `is "${text}", which is no kind of fault here (have ${faultKinds.join(', ')})`,
    `${didYouMean(text, faultKinds)}If a newer two-generals wrote it, update.`)
}

function isOptional(field: Field): boolean {
  return 'optional' in field && field.optional === true
}

function readField(spot: Spot, field: Field): unknown {
  switch (field.type) {
    case 'ms': return readNumber(spot, 'milliseconds', field.min)
    case 'number': return readNumber(spot, 'a number', field.min)
    case 'choice': return readChoice(spot, field.choices)
    case 'node': return readText(spot)
    default: throw new Error(`Bug: no reader for the field ${JSON.stringify(field satisfies never)}`)
  }
}

const legs: readonly Leg[] = ['request', 'reply']

function readAddress(spot: Spot): Address {
  const at = fieldsOf(spot, ['root', 'from', 'to', 'operation', 'leg', 'nth'], ['path', 'key'], 'an address')
  const path = at('path')
  const key = at('key')
  return {
    root: readText(at('root')),
    path: path.json === undefined ? [] : readList(path, readText),
    from: readText(at('from')),
    to: readText(at('to')),
    operation: readText(at('operation'), true),
    ...(key.json === undefined ? {} : { key: readText(key) }),
    leg: readChoice(at('leg'), legs),
    nth: readWhole(at('nth'), 1),
  }
}

// The reading of plain JSON, shared with replay.ts.

/** A value of a document and where it stands there: `plan.faults[0].byMs`. */
export interface Spot {
  /** Undefined where an optional field is absent. */
  readonly json: unknown
  readonly path: string
  /** How errors begin: `Cannot read order.json`. */
  readonly doing: string
}

/** @throws where the document is of another format, or was written by a newer version than `newest` */
export function checkFormat(spot: Spot, format: string, newest: number): void {
  const found = member(spot, 'format')
  if (found.json !== format) throw wrong(found, `"${format}": is this another kind of file?`)
  const number = member(spot, 'version')
  if (typeof number.json === 'number' && Number.isInteger(number.json) && number.json > newest) {
    throw new Error(`${spot.doing}: it was written by a newer two-generals: ${number.path} is ${number.json}, this one reads ${newest}. ` +
      'Update two-generals.')
  }
  readWhole(number, 1)
}

/**
 * Opens an object that has these fields and no others.
 *
 * @returns each field by name
 */
export function fieldsOf(
  spot: Spot, required: readonly string[], optional: readonly string[] = [], what = 'this place',
): (name: string) => Spot {
  const record = readRecord(spot)
  const known = [...required, ...optional]
  const missing = required.find((name) => !Object.hasOwn(record, name))
  const extra = Object.keys(record).find((name) => !known.includes(name))
  if (extra !== undefined) {
    throw problem(member(spot, extra), `is an unknown field: ${what} has ${known.join(', ')}`,
      `${didYouMean(extra, known)}Correct or remove it; if a newer two-generals wrote it, update.`)
  }
  if (missing !== undefined) throw problem(member(spot, missing), `is missing: ${what} has ${required.join(', ')}`, 'Add it.')
  return (name) => member(spot, name)
}

function member(spot: Spot, name: string): Spot {
  const record = readRecord(spot)
  const json = Object.hasOwn(record, name) ? record[name] : undefined
  const step = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `${spot.path === '' ? '' : '.'}${name}` : `[${JSON.stringify(name)}]`
  return { json, path: `${spot.path}${step}`, doing: spot.doing }
}

function readRecord(spot: Spot): Record<string, unknown> {
  const { json } = spot
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(spot, 'an object { ... }')
  return json as Record<string, unknown> // just tested
}

function readList<T>(spot: Spot, read: (item: Spot) => T): readonly T[] {
  if (!Array.isArray(spot.json)) throw wrong(spot, 'a list [ ... ]')
  return spot.json.map((json: unknown, index) => read({ json, path: `${spot.path}[${index}]`, doing: spot.doing }))
}

/** A text, by default not an empty one. */
export function readText(spot: Spot, mayBeEmpty = false): string {
  if (typeof spot.json === 'string' && (spot.json !== '' || mayBeEmpty)) return spot.json
  throw wrong(spot, mayBeEmpty ? 'a text' : 'a text that is not empty')
}

function readWhole(spot: Spot, min?: number): number {
  if (typeof spot.json === 'number' && Number.isSafeInteger(spot.json) && spot.json >= (min ?? -Infinity)) return spot.json
  throw wrong(spot, `a whole number${min === undefined ? '' : ` from ${min}`}`)
}

function readNumber(spot: Spot, what: string, min = -Infinity, max = Infinity): number {
  const { json } = spot
  if (typeof json === 'number' && Number.isFinite(json) && json >= min && json <= max) return json
  const range = `${min === -Infinity ? '' : ` from ${min}`}${max === Infinity ? '' : ` to ${max}`}`
  throw wrong(spot, `${what}: a finite number${range}`)
}

function readChoice<T extends string | number>(spot: Spot, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === spot.json)
  if (found !== undefined) return found
  throw problem(spot, spot.json === undefined ? 'is missing' : `is ${shown(spot.json)}`, `Expected one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}. ` +
    (typeof spot.json === 'string' ? didYouMean(spot.json, choices.map(String)) : '') + 'If a newer two-generals wrote it, update.')
}

function wrong(spot: Spot, expected: string): Error {
  return problem(spot, spot.json === undefined ? 'is missing' : `is ${shown(spot.json)}`, `Expected ${expected}.`)
}

function problem(spot: Spot, found: string, advice: string): Error {
  return new Error(`${spot.doing}: ${spot.path === '' ? 'it' : spot.path} ${found}. ${advice}`)
}

function shown(json: unknown): string {
  if (typeof json === 'number' || typeof json === 'bigint') return String(json)
  const text: unknown = JSON.stringify(json) // undefined for a function
  if (typeof text !== 'string') return `a ${typeof json}`
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestName(name, known)
  return near === undefined ? '' : `Did you mean "${near}"? `
}

/** The known name that is most like a misspelt or renamed one; undefined when none is like it. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
  const [best] = distances.sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(name.length, best.other.length) / 2 ? best.other : undefined
}

/** How many letters to insert, drop or replace (Levenshtein 1966), row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const lineWidth = 160

/** JSON for people and version control: whatever fits stands on one line. The same JSON gives the same bytes; ends with a newline. */
export function jsonText(json: unknown): string {
  return `${layout(json, '', 0)}\n`
}

/** `taken`: how much of the line the key before and the comma behind need. */
function layout(json: unknown, indent: string, taken: number): string {
  const line = oneLine(json)
  if (typeof json !== 'object' || json === null || indent.length + taken + line.length <= lineWidth) return line
  const inner = `${indent}  `
  const items = Array.isArray(json)
    ? json.map((item: unknown) => `${inner}${layout(item, inner, 1)}`)
    : Object.entries(json).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${layout(item, inner, key.length + 5)}`)
  const [open, close] = Array.isArray(json) ? ['[', ']'] : ['{', '}']
  return `${open}\n${items.join(',\n')}\n${indent}${close}`
}

function oneLine(json: unknown): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${json.map(oneLine).join(', ')}]`
  const items = Object.entries(json).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`)
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`
}
