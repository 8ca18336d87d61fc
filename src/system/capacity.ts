// How much of a node's work goes on at once: plain data and its checks. Must not know how a node runs.
import { assertNumber, assertOptions } from '../plain/options.ts'

/** The limits of one instance of a node: of its threads, of its pool of connections, of its CPU. */
export interface Capacity {
  /**
   * How many requests it works on at once. A request keeps its place from the moment its work begins until its handler
   * has answered, also while the handler waits for another node, and also when the caller has gone meanwhile. A whole
   * number from 1.
   */
  readonly concurrent: number
  /**
   * How long the work of a request takes besides what its handler waits for, in milliseconds of virtual time. It passes
   * before the handler starts, and the request has its place meanwhile.
   *
   * @default 0
   */
  readonly serviceMs?: number
  /**
   * How many requests wait for a place, the first one first. Each further one is answered 503 at once, without costing
   * a place or `serviceMs` (load shedding). A whole number from 0.
   *
   * @default no limit, as in Node
   */
  readonly queue?: number
}

const known = { concurrent: true, serviceMs: true, queue: true } satisfies Record<keyof Capacity, true>

/** @throws where a value is no capacity; undefined stands for none */
export function assertCapacity(of: string, given: unknown): asserts given is Capacity | undefined {
  if (given === undefined) return
  assertOptions(of, given, known)
  const capacity: Partial<Record<keyof Capacity, unknown>> = { ...(given as object) } // an object, as was asserted
  if (capacity.concurrent === undefined)
    throw new Error(`${of} has no "concurrent"; give how many requests it works on at once: { concurrent: 10 }.`)
  assertNumber(`${of}: concurrent`, capacity.concurrent, 'a whole number from 1')
  assertNumber(`${of}: serviceMs`, capacity.serviceMs, 'milliseconds from 0')
  assertNumber(`${of}: queue`, capacity.queue, 'a whole number from 0')
}
