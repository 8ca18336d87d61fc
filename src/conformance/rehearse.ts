// A history of one client, for the transport suite and the tests beside it.
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { historyBytes } from '../history/history-bytes.ts'
import type { History } from '../history/history.ts'
import { noFaults } from '../scenario/plan.ts'
import { simulate } from '../simulation.ts'
import { op, outcomeOf } from '../system/operation.ts'
import type { System } from '../system/system.ts'
import { noHang } from '../check/no-hang.ts'

/** The parts of a system that a test of transports cares for. */
export type BareSystem = Partial<System> & Pick<System, 'nodes'>

/**
 * Runs `client` as the only operation, twice, asserts that the histories are equal bytes, and gives what the client
 * returned last.
 *
 * @example
 * const { seen } = await rehearse(
 *   { nodes: { shop: serve(() => app) } },
 *   async () => (await fetch('http://shop/')).status,
 * )
 */
export async function rehearse(
  system: BareSystem,
  client: () => unknown,
): Promise<{ readonly seen: unknown; readonly history: History }> {
  const first = await play(system, client)
  const second = await play(system, client)
  expect(historyBytes(second.history)).toBe(historyBytes(first.history))
  expect(second.seen).toEqual(first.seen)
  return second
}

/** Runs `client` as the only operation of one history; an error it throws is thrown here. */
export async function play(
  system: BareSystem,
  client: () => unknown,
): Promise<{ readonly seen: unknown; readonly history: History }> {
  let ended: { readonly seen: unknown } | { readonly error: unknown } | undefined
  const act = op(
    'act',
    fc.constant(null),
    async () => {
      try {
        const seen = await client()
        ended = { seen }
        return seen
      } catch (error) {
        ended = { error }
        throw error
      }
    },
    { outcome: outcomeOf },
  )
  const invocations = [{ id: 0, operation: 'act', client: 0, afterMs: 0, input: null }]
  const history = await simulate(
    { operations: [act], invariants: [noHang()], ...system },
    { workload: { invocations }, plan: noFaults, seed: 1 },
  )
  if (ended === undefined) throw new Error('The client did not come to an end')
  if ('error' in ended) throw ended.error
  return { seen: ended.seen, history }
}
