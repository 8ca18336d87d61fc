// Replaces an input, and with it the same values wherever else the workload holds them under the same field: what was
// one order in two operations stays one order. Pure functions of plain values.
import type { Invocation } from '../scenario/scenario.ts'

type Leaf = string | number | bigint

/** The invocations with the input at a place replaced, and equal values of other inputs along with it. */
export function substituted(invocations: readonly Invocation[], index: number, input: unknown): readonly Invocation[] {
  const old = invocations[index]
  if (old === undefined) return invocations
  const changes = changesBetween(leavesOf(old.input, old.operation), leavesOf(input, old.operation))
  return invocations.map((invocation, at) => {
    if (at === index) return { ...invocation, input }
    return changes.size === 0
      ? invocation
      : { ...invocation, input: replaced(invocation.input, invocation.operation, changes) }
  })
}

/** Old value to new, by field; nothing where the input changed its shape, for then no value has a successor. */
function changesBetween(before: readonly Found[], after: readonly Found[]): ReadonlyMap<string, Leaf> {
  if (before.length !== after.length) return new Map()
  const changes = new Map<string, Leaf>()
  for (const [place, { field, value }] of before.entries()) {
    const next = after[place]
    if (next === undefined || next.field !== field) return new Map()
    if (next.value !== value) changes.set(identity(field, value), next.value)
  }
  return changes
}

interface Found {
  readonly field: string
  readonly value: Leaf
}

function leavesOf(value: unknown, field: string): readonly Found[] {
  if (isLeaf(value)) return [{ field, value }]
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, field))
  return isRecord(value) ? Object.entries(value).flatMap(([key, item]) => leavesOf(item, key)) : []
}

function replaced(value: unknown, field: string, changes: ReadonlyMap<string, Leaf>): unknown {
  if (isLeaf(value)) return changes.get(identity(field, value)) ?? value
  if (Array.isArray(value)) return value.map((item) => replaced(item, field, changes))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, key, changes)]))
}

function identity(field: string, value: Leaf): string {
  return `${field} ${typeof value} ${String(value)}`
}

function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
}

/** Dates, bytes, maps and sets are left alone. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
