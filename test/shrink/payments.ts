// Workloads of payments, for tests of code that follows values through a workload.
import type { Invocation, Workload } from '../../src/scenario/scenario.ts'

export function pay(id: number, input: unknown, client = 0): Invocation {
  return { id, operation: 'pay', client, afterMs: 0, input }
}

export function workload(...invocations: readonly Invocation[]): Workload {
  return { invocations }
}

export const a = { order: 'aaaaaaaa' }
export const b = { order: 'bbbbbbbb' }
export const c = { order: 'cccccccc' }
