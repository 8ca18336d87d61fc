// The size order: what "smaller" means. Faults, then operations, then the workload, then the faults' fields.
// A well-order, so that shrinking ends: every candidate that is accepted is strictly smaller.
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { Field } from '../scenario/fault/spec.ts'
import type { Workload } from '../scenario/scenario.ts'
import { encodeValue } from '../plain/value.ts'
import type { ListedScenario } from './candidate.ts'

/** Below 0 where `a` is smaller than `b`; 0 where they are of one size. */
export function compareSize(a: ListedScenario, b: ListedScenario): number {
  return (
    firstDifference(coarseSize(a), coarseSize(b)) ||
    compareInputs(a.workload, b.workload) ||
    firstDifference(fineSize(a), fineSize(b))
  )
}

/** The same of their inputs alone: shorter first, then alphabetical. */
export function compareInputs(a: Workload, b: Workload): number {
  const [first, second] = [inputsText(a), inputsText(b)]
  return first.length - second.length || (first < second ? -1 : first > second ? 1 : 0)
}

/** How many faults, operations, clients; then how early and on which client they act. */
function coarseSize({ plan, workload: { invocations } }: ListedScenario): readonly number[] {
  return [
    plan.faults.length,
    invocations.length,
    new Set(invocations.map(({ client }) => client)).size,
    sum(invocations.map(({ client }) => client)),
    invocations.filter(({ afterMs }) => afterMs !== 0).length,
    sum(invocations.map(({ afterMs }) => afterMs)),
  ]
}

/** The invocations' numbers, how many fields are not at their targets, and how far off they are. */
function fineSize({ plan, workload }: ListedScenario): readonly number[] {
  const distances = plan.faults.flatMap(distancesOf)
  return [
    sum(workload.invocations.map(({ id }) => id)),
    distances.filter((distance) => distance !== 0).length,
    sum(distances),
  ]
}

function distancesOf(fault: Fault): readonly number[] {
  return Object.entries(faultSpec(fault.kind).fields).map(([name, field]) => distance(field, fieldOf(fault, name)))
}

function distance(field: Field, value: unknown): number {
  switch (field.type) {
    case 'ms':
    case 'number':
      return value === undefined ? 0 : Math.abs(Number(value) - field.target) + (field.optional === true ? 1 : 0)
    case 'choice':
      return Math.max(0, field.choices.indexOf(value as string | number)) // -1 for what is no choice
    case 'node':
    case 'nodes':
      return 0
    default:
      return field satisfies never
  }
}

function inputsText({ invocations }: Workload): string {
  return invocations.map(({ input }) => plainText(encodeValue(input))).join('\n')
}

/** JSON in which absent is shorter than present and `false` comes before `true`. */
function plainText(json: unknown): string {
  if (json === null || typeof json === 'boolean') return json === null ? '' : String(Number(json))
  if (typeof json !== 'object') return JSON.stringify(json)
  if (Array.isArray(json)) return `[${json.map(plainText).join()}]`
  if (Object.hasOwn(json, '$undefined')) return ''
  const entries = Object.entries(json).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${plainText(item)}`).join()}}`
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0
    if (value !== other) return value - other
  }
  return 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
