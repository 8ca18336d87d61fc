// A saved scenario against the system of today: which of its names are still known. Must not know files.
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { mostSimilar } from '../plain/suggestion.ts'
import { journalsOf, type System } from '../system/system.ts'

/** The names that a system has. */
export interface KnownNames {
  readonly nodes: readonly string[]
  readonly operations: readonly string[]
  readonly stores?: readonly string[]
  readonly journals?: readonly string[]
  /** Hosts of the outside world. Absent: any name with a dot or a port may be one. */
  readonly outside?: readonly string[]
}

/** The names that a scenario may hold. */
export function namesOf(system: System): KnownNames {
  const { nodes, operations, stores = [] } = system
  return {
    nodes: Object.keys(nodes),
    operations: operations.map(({ name }) => name),
    stores: stores.map(({ name }) => name),
    journals: [...journalsOf(system)],
  }
}

/** What is done with a scenario, and what to do where that cannot be, as sentences say it. */
export interface Doing {
  readonly what: string
  readonly instead: string
}

/** @throws where a scenario that somebody wrote, or found elsewhere, names what the system does not have */
export function assertKnown(scenario: Scenario, system: System, doing: Doing): void {
  const errors = validateAgainst(scenario, namesOf(system), doing)
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
}

/** What is known of a saved counterexample, to tell whose it is. */
export interface Owned {
  readonly path: string
  readonly test: { readonly file: string; readonly name: string }
  readonly violated: { readonly invariant: string }
  readonly scenario: Scenario
}

/** @throws where a saved counterexample is of another test: it names, or violates, what this system does not have */
export function assertOwn({ path, test, violated, scenario }: Owned, system: System): void {
  const doing: Doing = {
    what: `Cannot replay ${path}`,
    instead: `It was saved by "${test.name}" in ${test.file}: give a system the counterexamples of its own test only.`,
  }
  assertKnown(scenario, system, doing)
  const unknown = unknownName(
    'invariant',
    violated.invariant,
    system.invariants.map(({ name }) => name),
  )
  if (unknown !== undefined) throw new Error(`${doing.what}: ${unknown} ${doing.instead}`)
}

/**
 * What of a saved scenario the system does not have (any more); none when it can run.
 *
 * @param where the file, for errors; or what else is done with the scenario
 * @example validateAgainst(saved.scenario, { nodes: ['shop', 'bank'], operations: ['pay'] }, 'order.json')
 * // [Error: Cannot replay order.json: node "pay" is unknown (have "shop", "bank"). Was it renamed? ...]
 */
export function validateAgainst(
  { workload, plan }: Scenario,
  known: KnownNames,
  where: string | Doing,
): readonly Error[] {
  const { what, instead } = typeof where === 'string' ? { what: `Cannot replay ${where}`, instead: inTheFile } : where
  const faults = plan.kind === 'listed' ? plan.faults : []
  const unknowns = [
    ...workload.invocations.map(({ operation }) => unknownName('operation', operation, known.operations)),
    ...faults.flatMap((fault) => [
      ...nodesOf(fault).map((node) => unknownNode(node, known)),
      ...endsOf(fault).map((end) => unknownCallee(end, known)),
    ]),
  ]
  return [...new Set(unknowns)]
    .filter((text) => text !== undefined)
    .map((text) => new Error(`${what}: ${text} ${instead}`))
}

const inTheFile = 'Write its name of today into the file, or delete the file if it is obsolete.'

/** The caller's name for every client. */
const client = 'client'

/** Those that must be the user's own: the caller, and whatever its fields name. */
function nodesOf(fault: Fault): readonly string[] {
  const fields = new Map<string, unknown>(Object.entries(fault))
  const named = Object.entries(faultSpec(fault.kind).fields)
    .filter(([, field]) => field.type === 'node')
    .map(([name]) => fields.get(name))
  return [fault.at.from, ...named.filter((name) => typeof name === 'string')].filter((name) => name !== client)
}

/** Those that may stand at either end of a link: the callee, and the sides that its fields name. */
function endsOf(fault: Fault): readonly string[] {
  const fields = new Map<string, unknown>(Object.entries(fault))
  const sides = Object.entries(faultSpec(fault.kind).fields)
    .filter(([, field]) => field.type === 'nodes')
    .map(([name]) => fields.get(name))
  return [fault.at.to, ...sides.flatMap((names) => (Array.isArray(names) ? (names as readonly string[]) : []))].filter(
    (name) => name !== client,
  )
}

function unknownNode(name: string, known: KnownNames): string | undefined {
  return unknownName('node', name, known.nodes)
}

function unknownCallee(name: string, { nodes, stores = [], journals = [], outside }: KnownNames): string | undefined {
  if (nodes.includes(name) || stores.includes(name) || journals.includes(name)) return undefined
  if (!/[.:]/.test(name))
    return unknownName(stores.length === 0 ? 'node' : 'node or store', name, [...nodes, ...stores, ...(outside ?? [])])
  return outside === undefined ? undefined : unknownName('outside host', name, outside)
}

function unknownName(what: string, name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const near = mostSimilar(name, known)
  const have = known.length === 0 ? 'have none' : `have ${known.map((other) => `"${other}"`).join(', ')}`
  return `${what} "${name}" is unknown (${have}). Was it renamed${near === undefined ? '' : ` to "${near}"`}?`
}
