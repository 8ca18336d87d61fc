// Heal and drain: when faults end, and when a history is over. Phase 1 ends at quiet or `faultsForMs`; healing disarms the plan for
// good; phase 2 runs to quiet or `recoverForMs`. Liveness is judged only after that.
import type { End } from '../history.ts'
import { steadyClocks } from './drift.ts'
import { failCall, type Links } from './link.ts'
import { restart } from './node.ts'
import { resumeAll } from './strike.ts'
import type { World } from './world.ts'

export interface Phases {
  readonly faultsForMs: number
  /** After healing; undefined: by the longest timer. */
  readonly recoverForMs: number | undefined
  readonly maxSteps: number
}

/** Periods of every periodic timer without a change, after which nothing more is expected. */
const quietPeriods = 2

/** Takes the next step, heals, or says why the history is over. */
export class Progress {
  readonly #world: World
  readonly #links: Links
  readonly #phases: Phases
  #steps = 0
  #untilMs: number | undefined

  constructor(world: World, links: Links, phases: Phases) {
    this.#world = world
    this.#links = links
    this.#phases = phases
  }

  next(): End['reason'] | undefined {
    const world = this.#world
    const limit = this.#links.nextLimit()
    const dueMs = Math.min(world.scheduler.nextMs() ?? Infinity, limit?.limitMs ?? Infinity)
    if (isQuiet(world, limit !== undefined) && (world.healed || !this.#links.anyHung())) {
      if (world.healed) return 'quiet'
      this.#heal()
      return undefined
    }
    if (!world.healed && dueMs > this.#phases.faultsForMs) {
      world.scheduler.advance(this.#phases.faultsForMs)
      this.#heal()
      return undefined
    }
    if (this.#untilMs !== undefined && dueMs > this.#untilMs) {
      world.scheduler.advance(this.#untilMs)
      return 'recoverForMs'
    }
    if (++this.#steps > this.#phases.maxSteps) return 'maxSteps'
    if (limit !== undefined && limit.limitMs === dueMs && dueMs < (world.scheduler.nextMs() ?? Infinity)) {
      world.scheduler.advance(dueMs)
      failCall(world, limit, 'timeout')
    } else world.scheduler.take()?.run()
    return undefined
  }

  #heal(): void {
    const world = this.#world
    world.healed = true
    const seq = world.record({ kind: 'heal', node: '', cause: -1 })
    this.#links.resetHung(world)
    resumeAll(world, seq)
    steadyClocks(world)
    for (const node of world.nodes.values()) restart(world, node, seq)
    this.#untilMs = world.nowMs + (this.#phases.recoverForMs ?? recoverForMs(world.timers.longestMs))
    world.timers.changed()
  }
}

/** Twice the longest timer, at least 10 minutes, at most 24 hours. */
function recoverForMs(longestTimerMs: number): number {
  return Math.min(Math.max(2 * longestTimerMs, 600_000), 86_400_000)
}

/**
 * Nothing is left to do: no work waits, no call can still end by itself, and every periodic timer has run twice without progress
 * (see World.progressed). While an operation is open, phase 1 goes on, for what hangs is ended by healing; and after it any timer might
 * still end the operation, an unref'd one too, since a server's socket keeps its process alive.
 */
function isQuiet(world: World, callOpen: boolean): boolean {
  const { waiting } = world.scheduler
  if (waiting.work > 0 || callOpen) return false
  if (world.openOperations > 0) return world.healed && waiting.periodic === 0 && waiting.background === 0
  if (waiting.periodic === 0) return true
  for (const pulse of world.timers.pulses) if (pulse.armed && pulse.firedSinceChange < quietPeriods) return false
  return true
}
