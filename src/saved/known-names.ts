// A scenario from elsewhere (saved, or written by hand) against the system of today: which of its names are unknown.
// Must not know files.
import { operatorName } from '../scenario/address.ts'
import { assertNumber } from '../plain/options.ts'
import { mostSimilar } from '../plain/suggestion.ts'
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { Field } from '../scenario/fault/spec.ts'
import { orderOf } from '../scenario/plan.ts'
import type { Invocation, Scenario } from '../scenario/scenario.ts'
import { attacked } from '../system/attacked.ts'
import { journalsOf, type System } from '../system/system.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'

/** The names that a scenario may hold, besides outside hosts: any name with a dot or a port may be one of those. */
export interface KnownNames {
  readonly nodes: readonly string[]
  readonly operations: readonly string[]
  readonly stores: readonly string[]
  readonly journals: readonly string[]
}

/** How an error about a scenario begins and ends. */
export interface ErrorFrame {
  /** `Cannot replay order.json`. */
  readonly failure: string
  /** What to do about it. */
  readonly advice: string
}

/** The names of a system. */
export function knownNamesOf(system: System): KnownNames {
  const { nodes, operations, recover, stores = [] } = attacked(system)
  const servers = stores.filter(({ boot }) => boot !== undefined).map(({ name }) => name)
  const providers = operations.flatMap(({ provider = [] }) => provider)
  const operator = recover === undefined ? [] : [operatorName]
  return {
    nodes: [...new Set([...Object.keys(nodes), ...servers, ...providers, ...operator])],
    operations: operations.map(({ name }) => name),
    stores: stores.map(({ name }) => name),
    journals: [...journalsOf(system)],
  }
}

/** @throws where a scenario names what the system does not have */
export function assertKnown(scenario: Scenario, system: System, frame: ErrorFrame): void {
  for (const [index, invocation] of scenario.workload.invocations.entries()) assertTimed(invocation, index, frame)
  const errors = unknownNames(scenario, knownNamesOf(system), frame)
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
}

/** It may be written by hand, in plain JavaScript. */
function assertTimed({ id, client, afterMs }: Partial<Invocation>, index: number, { failure }: ErrorFrame): void {
  const what = `${failure}: workload.invocations[${index}]`
  for (const [name, value] of Object.entries({ id, client, afterMs }))
    if (value === undefined) throw new Error(`${what} has no ${name}.`)
  assertNumber(`${what}.id`, id, 'a whole number from 0')
  assertNumber(`${what}.client`, client, 'a whole number from 0')
  assertNumber(`${what}.afterMs`, afterMs, 'milliseconds from 0')
}

/** @throws where a saved counterexample is of another test: it names, or violates, what this system does not have */
export function assertOwn({ path, test, violated, scenario }: SavedCounterexample, system: System): void {
  const frame: ErrorFrame = {
    failure: `Cannot replay ${path}`,
    advice: `It was saved by "${test.name}" in ${test.file}: give a system the counterexamples of its own test only.`,
  }
  assertKnown(scenario, system, frame)
  const invariants = system.invariants.map(({ name }) => name)
  const unknown = unknownName('invariant', violated.invariant, invariants)
  if (unknown !== undefined) throw new Error(`${frame.failure}: ${unknown} ${frame.advice}`)
}

/** An error for each name of a test's own saved scenario that its system no longer has. */
export function renamedSince({ path, scenario }: SavedCounterexample, system: System): readonly Error[] {
  return unknownNames(scenario, knownNamesOf(system), {
    failure: `Cannot replay ${shownPath(path)}`,
    advice: 'Write its current name into the file, or delete the file if it is obsolete.',
  })
}

/**
 * An error for each name of a scenario that is unknown; none when it can run.
 *
 * @example unknownNames(scenario, knownNamesOf(system), { failure: 'Cannot replay order.json', advice: 'Rename it.' })
 * // [Error: Cannot replay order.json: node "pay" is unknown (have "shop", "bank"). Was it renamed? Rename it.]
 */
export function unknownNames(
  { workload, plan }: Scenario,
  known: KnownNames,
  { failure, advice }: ErrorFrame,
): readonly Error[] {
  const faults = plan.kind === 'listed' ? plan.faults : []
  const unknown = [
    ...workload.invocations.map(({ operation }) => unknownName('operation', operation, known.operations)),
    ...faults.flatMap((fault) => [
      ...ownNodesOf(fault).map((node) => unknownName('node', node, known.nodes)),
      ...linkEndsOf(fault).map((end) => unknownCallee(end, known)),
    ]),
    ...orderOf(plan).flatMap(({ at }) => [
      at.from === client ? undefined : unknownName('node', at.from, known.nodes),
      unknownCallee(at.to, known),
    ]),
  ]
  return [...new Set(unknown)]
    .filter((text) => text !== undefined)
    .map((text) => new Error(`${failure}: ${text} ${advice}`))
}

/** The caller's name for every client. */
const client = 'client'

/** Names that must be nodes of the user's own: the caller, and the node that a field names. */
function ownNodesOf(fault: Fault): readonly string[] {
  return [fault.at.from, ...namesIn(fault, 'node')].filter((name) => name !== client)
}

/** Names that may stand at either end of a link: the callee, and the sides that a field names. */
function linkEndsOf(fault: Fault): readonly string[] {
  const port = fault.at.operation.endsWith('()') ? fault.at.to : client // known once code that runs has made it
  return [fault.at.to, ...namesIn(fault, 'nodes')].filter((name) => name !== client && name !== port)
}

/** The names in the fields of one type. */
function namesIn(fault: Fault, type: Field['type']): readonly string[] {
  return Object.entries(faultSpec(fault.kind).fields)
    .filter(([, field]) => field.type === type)
    .flatMap(([name]) => fieldOf(fault, name))
    .filter((name) => typeof name === 'string')
}

function unknownCallee(name: string, { nodes, stores, journals }: KnownNames): string | undefined {
  if (journals.includes(name) || /[.:]/.test(name)) return undefined
  return unknownName(stores.length === 0 ? 'node' : 'node or store', name, [...nodes, ...stores])
}

function unknownName(what: string, name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const near = mostSimilar(name, known)
  const have = known.length === 0 ? 'have none' : `have ${known.map((other) => `"${other}"`).join(', ')}`
  return `${what} "${name}" is unknown (${have}). Was it renamed${near === undefined ? '' : ` to "${near}"`}?`
}
