// Workloads: how many operations, by which clients, when, and with which inputs. A pure function of a seed.
import type * as fc from 'fast-check'
import type { Operation } from '../system/operation.ts'
import { chance, hash32, pick } from '../plain/random.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { Invocation, Workload } from '../scenario/scenario.ts'
import { drawArrivals, type Arrival } from './arrivals.ts'
import { closingReads, mostClosing } from './closing-reads.ts'
import { drawInput } from './shared.ts'
import { drawValue, smallest, type Shrinkers } from './values.ts'

export interface WorkloadOptions {
  readonly operations: readonly Operation<unknown>[]
  readonly clients: number
  readonly maxOperations: number
  /** Operations that only read, as far as that is known: some workloads end with them. @default none */
  readonly reads?: readonly Operation<unknown>[]
  /** The length of time that it is about, in milliseconds: some operations come that much later. @default none */
  readonly aboutMs?: number | undefined
}

/** The share of workloads that end with reads of what they wrote, where it is known what reads. */
const closingShare = 0.5
/** A random workload of 1 to `maxOperations` operations. Clients overlap. Inputs share values where arbitraries can. */
export function randomWorkload(seed: number, options: WorkloadOptions, shrinkers: Shrinkers): Workload {
  const { operations, clients, maxOperations, reads = [], aboutMs } = options
  const size = 1 + pick(seed, 'size', maxOperations)
  const arriving = drawArrivals(seed, size, clients, aboutMs)
  const invocations: Invocation[] = []
  for (let id = 0; id < size; id++) {
    const again = submittedAgain(seed, invocations, options)
    if (again !== undefined) {
      invocations.push(again)
      continue
    }
    // The cast holds: pick is below the length
    const operation = operations[pick(seed, `operation ${id}`, operations.length)] as Operation<unknown>
    const value = drawInput(seed, operation, invocations)
    shrinkers.remember(operation.name, value)
    const { client, afterMs } = arriving[id] as Arrival // there is one for each id
    invocations.push({ id, operation: operation.name, client, afterMs, input: value.value_ })
  }
  if (chance(seed, 'closing') >= closingShare) return { invocations }
  const closing = { reads, most: Math.min(mostClosing, maxOperations - size), shrinkers }
  return { invocations: [...invocations, ...closingReads(seed, invocations, closing)] }
}

/** The chance that an operation with `doubleSubmit` is submitted again. */
const doubleShare = 0.4
/** How long after the first, in milliseconds: two tabs at once, a double click, an impatient second click. */
const doubleAfterMs = [0, 0, 50, 150, 300] as const

/** The last invocation once more, by another client, where users may submit its operation twice. */
function submittedAgain(
  seed: number,
  earlier: readonly Invocation[],
  { operations, clients }: WorkloadOptions,
): Invocation | undefined {
  const last = earlier.at(-1)
  const id = earlier.length
  if (last === undefined || chance(seed, `double ${id}`) >= doubleShare) return undefined
  if (operations.find(({ name }) => name === last.operation)?.doubleSubmit !== true) return undefined
  const client = (last.client + 1) % clients
  const at =
    startedMs(earlier, last.client) + (doubleAfterMs[pick(seed, `double after ${id}`, doubleAfterMs.length)] ?? 0)
  const freeMs = earlier.some((one) => one.client === client) ? startedMs(earlier, client) + usualOperationMs : 0
  return { ...last, id, client, afterMs: Math.max(0, at - freeMs) }
}

/** How long an operation usually takes, in milliseconds: one round trip. */
const usualOperationMs = 40

/** When a client begins the last of its operations, where each takes the usual time. */
function startedMs(invocations: readonly Invocation[], client: number): number {
  const own = invocations.filter((one) => one.client === client)
  return own.reduce((sum, { afterMs }) => sum + afterMs, 0) + Math.max(0, own.length - 1) * usualOperationMs
}

/** Two operations that two clients begin at once, with a shared value in their inputs if their arbitraries allow it. */
export function pairedWorkload(
  seed: number,
  [first, second]: readonly [Operation<unknown>, Operation<unknown>],
  shrinkers: Shrinkers,
): Workload {
  const one = { id: 0, operation: first.name, client: 0, afterMs: 0, input: drawInput(seed, first, []).value_ }
  const twice = first === second && first.doubleSubmit === true
  const drawn = drawInput(seed, second, [one], 1)
  if (!twice) shrinkers.remember(second.name, drawn)
  return {
    invocations: [one, { ...one, id: 1, operation: second.name, client: 1, input: twice ? one.input : drawn.value_ }],
  }
}

/**
 * Each operation once, by one client, with the smallest inputs or with drawn ones. An operation that is listed twice
 * has two smallest inputs, where its arbitrary has two: checkers that need each value written once can judge them.
 */
export function smallWorkload(
  seed: number,
  operations: readonly Operation<unknown>[],
  inputs: 'smallest' | 'drawn',
  shrinkers: Shrinkers,
): Workload {
  const invocations: Invocation[] = []
  for (const [id, operation] of operations.entries()) {
    const draw = (name: string): fc.Value<unknown> =>
      drawValue(operation.name, operation.arbitrary, hash32(seed, name) | 0)
    const drawn = draw(`small ${id}`)
    const value =
      inputs === 'drawn' ? drawn : smallestOther(operation, invocations, drawn, (n) => draw(`small ${id}, draw ${n}`))
    shrinkers.remember(operation.name, value)
    invocations.push({ id, operation: operation.name, client: 0, afterMs: 0, input: value.value_ })
  }
  return { invocations }
}

/** How many inputs are drawn to find one that differs from those of the same operation. */
const drawsToDiffer = 24

/** The smallest input that no earlier invocation of the operation has, or the smallest one where none was found. */
function smallestOther(
  { name, arbitrary }: Operation<unknown>,
  earlier: readonly Invocation[],
  drawn: fc.Value<unknown>,
  draw: (n: number) => fc.Value<unknown>,
): fc.Value<unknown> {
  const taken = new Set(earlier.filter(({ operation }) => operation === name).map(({ input }) => textOf(input)))
  const isFree = ({ value_ }: fc.Value<unknown>): boolean => !taken.has(textOf(value_))
  if (taken.size === 0) return smallest(arbitrary, drawn)
  for (let n = 0; n < drawsToDiffer; n++) {
    const start = n === 0 ? drawn : draw(n)
    if (isFree(start)) return smallest(arbitrary, start, isFree)
  }
  return smallest(arbitrary, drawn)
}

function textOf(input: unknown): string {
  return canonical(encodeValue(input))
}
