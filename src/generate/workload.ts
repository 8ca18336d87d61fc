// Workloads: how many operations, by which clients, when, with what input. A pure function of a seed.
import type * as fc from 'fast-check'
import type { Operation } from '../operation.ts'
import { chance, hash32 } from '../random.ts'
import type { Invocation, Workload } from '../scenario.ts'
import { drawValue, smallest, type Shrinkers } from './values.ts'

export interface WorkloadOptions {
  readonly operations: readonly Operation<unknown>[]
  readonly clients: number
  readonly maxOperations: number
}

/** Think times between a client's operations, in milliseconds: at once, within a round trip, after it. */
const thinkTimesMs = [0, 0, 10, 30, 100, 1_000] as const

/** A random workload of 1 to `maxOperations` operations. Clients overlap. */
export function randomWorkload(seed: number, options: WorkloadOptions, shrinkers: Shrinkers): Workload {
  const { operations, clients, maxOperations } = options
  const size = 1 + pick(seed, 'size', maxOperations)
  const invocations: Invocation[] = []
  for (let id = 0; id < size; id++) {
    const operation = operations[pick(seed, `operation ${id}`, operations.length)] as Operation<unknown> // pick is below length
    const value = drawValue(operation.name, operation.arbitrary, hash32(seed, `input ${id}`) | 0)
    shrinkers.remember(operation.name, value)
    invocations.push({
      id, operation: operation.name, client: pick(seed, `client ${id}`, clients),
      afterMs: thinkTimesMs[pick(seed, `think ${id}`, thinkTimesMs.length)] ?? 0, input: value.value_,
    })
  }
  return { invocations }
}

function pick(seed: number, key: string, below: number): number {
  return Math.floor(chance(seed, key) * below)
}

/** One of each operation, by one client, with the smallest inputs; with `drawn`, with random ones. */
export function smallWorkload(seed: number, operations: readonly Operation<unknown>[], inputs: 'smallest' | 'drawn', shrinkers: Shrinkers): Workload {
  return {
    invocations: operations.map((operation, id) => {
      const drawn = drawValue(operation.name, operation.arbitrary, hash32(seed, `small ${id}`) | 0)
      const value: fc.Value<unknown> = inputs === 'smallest' ? smallest(operation.arbitrary, drawn) : drawn
      shrinkers.remember(operation.name, value)
      return { id, operation: operation.name, client: 0, afterMs: 0, input: value.value_ }
    }),
  }
}
