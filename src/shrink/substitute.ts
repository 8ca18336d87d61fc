// Replaces an input, and the same values in fields of the same name in all other inputs: what was one order in two
// operations stays one order. Pure functions of plain values.
import type { Invocation } from '../scenario/scenario.ts'

type Scalar = string | number | bigint

/** The invocations with one input replaced, and with it equal values in other inputs. */
export function substituted(invocations: readonly Invocation[], index: number, input: unknown): readonly Invocation[] {
  const old = invocations[index]
  if (old === undefined) return invocations
  const changes = changesBetween(scalarsOf(old.input, old.operation), scalarsOf(input, old.operation))
  return invocations.map((invocation, at) => {
    if (at === index) return { ...invocation, input }
    return changes.size === 0
      ? invocation
      : { ...invocation, input: replaced(invocation.input, invocation.operation, changes) }
  })
}

/** Old values to new ones, by field. Empty where the input changed its shape: then no value has a successor. */
function changesBetween(before: readonly ScalarField[], after: readonly ScalarField[]): ReadonlyMap<string, Scalar> {
  if (before.length !== after.length) return new Map()
  const changes = new Map<string, Scalar>()
  for (const [place, { field, value }] of before.entries()) {
    const next = after[place]
    if (next === undefined || next.field !== field) return new Map()
    if (next.value !== value) changes.set(identity(field, value), next.value)
  }
  return changes
}

interface ScalarField {
  readonly field: string
  readonly value: Scalar
}

function scalarsOf(value: unknown, field: string): readonly ScalarField[] {
  if (isScalar(value)) return [{ field, value }]
  if (Array.isArray(value)) return value.flatMap((item) => scalarsOf(item, field))
  return isPlainRecord(value) ? Object.entries(value).flatMap(([key, item]) => scalarsOf(item, key)) : []
}

function replaced(value: unknown, field: string, changes: ReadonlyMap<string, Scalar>): unknown {
  if (isScalar(value)) return changes.get(identity(field, value)) ?? value
  if (Array.isArray(value)) return value.map((item) => replaced(item, field, changes))
  if (!isPlainRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, key, changes)]))
}

function identity(field: string, value: Scalar): string {
  return `${field} ${typeof value} ${String(value)}`
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
}

/** Dates, bytes, maps and sets are not: their contents are not replaced. */
function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
