// A saved scenario against the system of today: which of its names are still known. Must not know files.
import { faultSpec, type Fault } from './fault.ts'
import type { Scenario } from './scenario.ts'
import { nearest } from './suggestion.ts'

/** The names that a system has. */
export interface KnownNames {
  readonly nodes: readonly string[]
  readonly operations: readonly string[]
  readonly stores?: readonly string[]
  /** Hosts of the outside world. Absent: any name with a dot or a port may be one. */
  readonly outside?: readonly string[]
}

/**
 * What of a saved scenario the system does not have (any more); none when it can run.
 *
 * @param where the file, for errors
 * @example validateAgainst(saved.scenario, { nodes: ['shop', 'bank'], operations: ['pay'] }, 'order.json')
 * // [Error: Cannot replay order.json: node "pay" is unknown (have "shop", "bank"). Was it renamed? ...]
 */
export function validateAgainst({ workload, plan }: Scenario, known: KnownNames, where: string): readonly Error[] {
  const faults = plan.kind === 'listed' ? plan.faults : []
  const unknowns = [
    ...workload.invocations.map(({ operation }) => unknownName('operation', operation, known.operations)),
    ...faults.flatMap((fault) => [...nodesOf(fault).map((node) => unknownNode(node, known)), ...endsOf(fault).map((end) => unknownCallee(end, known))]),
  ]
  return [...new Set(unknowns)].filter((text) => text !== undefined).map((text) =>
    new Error(`Cannot replay ${where}: ${text} Write its name of today into the file, or delete the file if it is obsolete.`))
}

/** The caller's name for every client. */
const client = 'client'

/** Those that must be the user's own: the caller, and whatever its fields name. */
function nodesOf(fault: Fault): readonly string[] {
  const fields = new Map<string, unknown>(Object.entries(fault))
  const named = Object.entries(faultSpec(fault.kind).fields).filter(([, field]) => field.type === 'node').map(([name]) => fields.get(name))
  return [fault.at.from, ...named.filter((name) => typeof name === 'string')].filter((name) => name !== client)
}

/** Those that may stand at either end of a link: the callee, and the sides that its fields name. */
function endsOf(fault: Fault): readonly string[] {
  const fields = new Map<string, unknown>(Object.entries(fault))
  const sides = Object.entries(faultSpec(fault.kind).fields).filter(([, field]) => field.type === 'nodes').map(([name]) => fields.get(name))
  return [fault.at.to, ...sides.flatMap((names) => (Array.isArray(names) ? names as readonly string[] : []))].filter((name) => name !== client)
}

function unknownNode(name: string, known: KnownNames): string | undefined {
  return unknownName('node', name, known.nodes)
}

function unknownCallee(name: string, { nodes, stores = [], outside }: KnownNames): string | undefined {
  if (nodes.includes(name) || stores.includes(name)) return undefined
  if (!/[.:]/.test(name)) return unknownName(stores.length === 0 ? 'node' : 'node or store', name, [...nodes, ...stores, ...(outside ?? [])])
  return outside === undefined ? undefined : unknownName('outside host', name, outside)
}

function unknownName(what: string, name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const near = nearest(name, known)
  const have = known.length === 0 ? 'have none' : `have ${known.map((other) => `"${other}"`).join(', ')}`
  return `${what} "${name}" is unknown (${have}). Was it renamed${near === undefined ? '' : ` to "${near}"`}?`
}
