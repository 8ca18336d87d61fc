// When the operations of a workload begin: as it says, or one after the other, for a run that others are compared with.
import type { Invocation, Scenario } from '../scenario/scenario.ts'
import type { Operation } from '../system/operation.ts'
import type { Alone } from '../verdict/verdict.ts'
import { startClients, type DescribeResult } from './client.ts'
import { Recovery } from './recovery.ts'
import type { World } from './world.ts'

/** What is carried out, and how. */
export interface BeginningsSetup {
  readonly scenario: Scenario
  readonly operations: readonly Operation<unknown>[]
  readonly read: DescribeResult
  /** Operations are carried out one after the other. @default as the workload says */
  readonly alone?: Alone | undefined
  /** What an operator does after them. @default nothing */
  readonly recover?: (() => unknown) | undefined
}

/** Begins the operations of one history. */
export class Beginnings {
  readonly #world: World
  readonly #setup: BeginningsSetup
  /** Those that wait for the one before. */
  readonly #rest: Invocation[]
  readonly #recovery: Recovery | undefined

  constructor(world: World, setup: BeginningsSetup) {
    this.#world = world
    this.#setup = setup
    this.#rest = setup.alone === undefined ? [] : [...setup.scenario.workload.invocations]
    this.#recovery = setup.recover && new Recovery(world, setup.recover)
  }

  /** All nodes have started. */
  start(): void {
    const { scenario, alone } = this.#setup
    this.#begin(alone === undefined ? scenario.workload.invocations : [])
  }

  /** Nothing is left to do. Returns whether another operation begins, or an operator. */
  quiet(): boolean {
    const { scenario, alone } = this.#setup
    const isFirst = this.#rest.length === scenario.workload.invocations.length
    const [next] = this.#rest.splice(0, 1)
    if (next === undefined) return this.#recovery?.begin() === true
    const atMs = alone?.at?.get(next.id) ?? (isFirst ? (alone?.afterMs ?? 0) : 0)
    this.#begin([{ ...next, afterMs: Math.max(0, atMs - this.#world.nowMs) }])
    return true
  }

  /** A step is over: where operations begin at times of their own, the next may follow at once. */
  stepped(): void {
    if (this.#rest.length > 0 && this.#setup.alone?.at !== undefined && this.#world.openOperations === 0) this.quiet()
  }

  #begin(invocations: readonly Invocation[]): void {
    startClients(this.#world, invocations, this.#setup.operations, this.#setup.read)
  }
}
