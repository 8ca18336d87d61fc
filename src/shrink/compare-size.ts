// The order of sizes: what "smaller" means. First the number of faults, then the operations and clients, then the
// inputs, then the values in the faults. There is no endless descent, and every accepted candidate is strictly smaller,
// so shrinking ends.
import { faultSpec, fieldOf, type Fault } from '../scenario/fault/registry.ts'
import type { Field } from '../scenario/fault/spec.ts'
import { orderOf } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import { encodeValue } from '../plain/value.ts'
import type { ListedScenario } from './candidate.ts'

/** Below 0 where `a` is smaller than `b`, and 0 where they have the same size. */
export function compareSize(a: ListedScenario, b: ListedScenario): number {
  return (
    compareLists(coarseSize(a), coarseSize(b)) ||
    compareInputs(a.workload, b.workload) ||
    compareLists(fineSize(a), fineSize(b))
  )
}

/** The same for their inputs alone: shorter first, then alphabetical. */
export function compareInputs(a: Workload, b: Workload): number {
  const [first, second] = [inputsText(a), inputsText(b)]
  return first.length - second.length || (first < second ? -1 : first > second ? 1 : 0)
}

/** How many faults, late changes, operations, clients; then how early and on which client they act. */
function coarseSize({ plan, workload: { invocations } }: ListedScenario): readonly number[] {
  return [
    plan.faults.length,
    orderOf(plan).length,
    invocations.length,
    new Set(invocations.map(({ client }) => client)).size,
    sum(invocations.map(({ client }) => client)),
    invocations.filter(({ afterMs }) => afterMs !== 0).length,
    sum(invocations.map(({ afterMs }) => afterMs)),
  ]
}

/** The ids of invocations, how many fields of faults are not at their targets, and how far they are from them. */
function fineSize({ plan, workload }: ListedScenario): readonly number[] {
  const distances = [...plan.faults.flatMap(distancesOf), ...orderOf(plan).map(({ reads = 0 }) => reads)]
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

/** Compares lists of equal length by the first numbers that differ. */
function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0
    if (value !== other) return value - other
  }
  return 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
