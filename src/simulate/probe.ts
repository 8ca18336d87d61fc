// Probes: operations that a client of their own carries out one after the other, once the healed system is quiet.
// They ask "does it still work?" after the faults, never between them. Their inputs are decided before the run.
import { completionsOf } from '../history/history.ts'
import { recoveredAt } from '../history/told.ts'
import type { Operation } from '../system/operation.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { startClients, type DescribeResult } from './client.ts'
import type { World } from './world.ts'

/** An operation with its input, and the input of its second run. */
export interface Probe {
  readonly operation: Operation<unknown>
  readonly input: unknown
  readonly again: unknown
}

/**
 * The probes of one history: they start when the system is first quiet after healing. Probes that were not answered ok
 * start once more at the time by which the system must have recovered.
 */
export class Probes {
  readonly #world: World
  readonly #probes: readonly Probe[]
  readonly #invocations: readonly Invocation[]
  readonly #recoveryMs: number | undefined
  #rounds = 0

  constructor(world: World, probes: readonly Probe[], workload: readonly Invocation[], recoveryMs: number | undefined) {
    this.#world = world
    this.#probes = probes
    this.#recoveryMs = recoveryMs
    const id = Math.max(-1, ...workload.map((invocation) => invocation.id)) + 1
    const client = Math.max(-1, ...workload.map((invocation) => invocation.client)) + 1
    this.#invocations = probes.map(({ operation, input }, index) => ({
      id: id + index,
      operation: operation.name,
      client,
      afterMs: 0,
      input,
    }))
  }

  /** Starts them. Returns whether there were any to start. */
  begin(read: DescribeResult): boolean {
    const due = this.#rounds === 0 ? this.#invocations : this.#rounds === 1 ? this.#again() : []
    this.#rounds += 1
    if (due.length === 0) return false
    startClients(
      this.#world,
      due,
      this.#probes.map(({ operation }) => operation),
      read,
    )
    return true
  }

  /** Probes that ended, but not ok, before the system had to be recovered. */
  #again(): readonly Invocation[] {
    const { events, nowMs } = this.#world
    const dueMs = this.#recoveryMs === undefined ? undefined : recoveredAt(events, this.#recoveryMs)
    if (dueMs === undefined || dueMs < nowMs) return []
    const failed = completionsOf(this.#world).filter(({ kind }) => kind !== 'ok')
    return this.#invocations
      .map((one, index) => ({ ...one, id: one.id + this.#probes.length, input: this.#probes[index]?.again }))
      .filter(({ id }) => failed.some(({ invocation }) => invocation + this.#probes.length === id))
      .map((one, index) => (index === 0 ? { ...one, afterMs: dueMs - nowMs } : one))
  }
}
