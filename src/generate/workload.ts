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
  /** @default 1 */
  readonly minOperations?: number
  /** Operations that only read, as far as that is known: some workloads end with them. @default none */
  readonly reads?: readonly Operation<unknown>[]
  /** The length of time that it is about, in milliseconds: some operations come that much later. @default none */
  readonly aboutMs?: number | undefined
}

/** The share of workloads that end with reads of what they wrote, where it is known what reads. */
const closingShare = 0.5
/**
 * A random workload of `minOperations` to `maxOperations` operations. Clients overlap. Inputs share values where
 * arbitraries can.
 */
export function randomWorkload(seed: number, options: WorkloadOptions, shrinkers: Shrinkers): Workload {
  const { operations, clients, minOperations = 1, maxOperations, reads = [], aboutMs } = options
  const size = minOperations + pick(seed, 'size', maxOperations - minOperations + 1)
  const arriving = drawArrivals(seed, size, clients, aboutMs)
  const invocations: Invocation[] = []
  for (let id = 0; id < size; id++) {
    const again = submittedAgain(seed, invocations, options)
    if (again !== undefined) {
      invocations.push(again)
      continue
    }
    const operation = drawOperation(seed, id, operations)
    const value = drawInput(seed, operation, invocations)
    shrinkers.remember(operation.name, value)
    const { client, afterMs } = arriving[id] as Arrival // there is one for each id
    invocations.push({ id, operation: operation.name, client, afterMs, input: value.value_ })
  }
  if (chance(seed, 'closing') >= closingShare) return { invocations }
  const closing = { reads, most: Math.min(mostClosing, maxOperations - size), shrinkers }
  return { invocations: [...invocations, ...closingReads(seed, invocations, closing)] }
}

/** The share of workloads that do one thing over and over, and the share of that in them: a cart that fills. */
const [bulkShare, shareOfMain] = [0.3, 0.95] as const

function drawOperation(seed: number, id: number, operations: readonly Operation<unknown>[]): Operation<unknown> {
  const isMain = chance(seed, 'bulk') < bulkShare && chance(seed, `main ${id}`) < shareOfMain
  // The cast holds: pick is below the length
  return operations[pick(seed, isMain ? 'main' : `operation ${id}`, operations.length)] as Operation<unknown>
}

/** The chance that an operation with `doubleSubmit` is submitted again. */
const doubleShare = 0.4
/** How long after the first, in milliseconds: two tabs at once, a double click, an impatient second click. */
const doubleAfterMs = [0, 0, 50, 150, 300] as const
/** The same of a provider, which delivers at least once: both at once, soon after, and beyond a day-old key. */
const againAfterMs = [0, 50, 1_000, 25 * 3_600_000] as const

function submittedAfterMs({ doubleSubmit, provider, atLeastOnce }: Operation<unknown>): readonly number[] {
  if (doubleSubmit === true) return doubleAfterMs
  return provider !== undefined && atLeastOnce === true ? againAfterMs : []
}

/** The last invocation once more, by another client, where users or a provider may submit its operation twice. */
function submittedAgain(
  seed: number,
  earlier: readonly Invocation[],
  { operations, clients }: WorkloadOptions,
): Invocation | undefined {
  const last = earlier.at(-1)
  const id = earlier.length
  if (last === undefined || chance(seed, `double ${id}`) >= doubleShare) return undefined
  const operation = operations.find(({ name }) => name === last.operation)
  const afterMs = operation === undefined ? [] : submittedAfterMs(operation)
  if (afterMs.length === 0) return undefined
  const client = (last.client + 1) % clients
  const at = startedMs(earlier, last.client) + (afterMs[pick(seed, `double after ${id}`, afterMs.length)] ?? 0)
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

/** How often an operation of many is about a key that an earlier one of them is about. */
const bulkSharing = 0.9

/**
 * Many of one operation, one after the other, most of them about one key, and then one of each other: what has filled a
 * page, reached a limit or used up a quota is met by what comes next.
 */
export function bulkWorkload(
  seed: number,
  operation: Operation<unknown>,
  size: number,
  { operations, shrinkers }: { readonly operations: readonly Operation<unknown>[]; readonly shrinkers: Shrinkers },
): Workload {
  const all = [...Array.from({ length: size }, () => operation), ...operations.filter((other) => other !== operation)]
  const invocations: Invocation[] = []
  for (const [id, one] of all.entries()) {
    const value = drawInput(seed, one, invocations, bulkSharing)
    shrinkers.remember(one.name, value)
    invocations.push({ id, operation: one.name, client: 0, afterMs: 0, input: value.value_ })
  }
  return { invocations }
}

/** Two operations that two clients begin at once, with a shared value in their inputs if their arbitraries allow it. */
export function pairedWorkload(
  seed: number,
  [first, second]: readonly [Operation<unknown>, Operation<unknown>],
  shrinkers: Shrinkers,
): Workload {
  const one = { id: 0, operation: first.name, client: 0, afterMs: 0, input: drawInput(seed, first, []).value_ }
  const twice = first === second && submittedAfterMs(first).length > 0
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
