// Heal and drain: when faults end, and when a history is over. Phase 1 ends at quiet or `faultsForMs`; healing disarms
// the plan for good; phase 2 runs to quiet or `recoverForMs`, then once more for probes. Liveness is judged only after
// that.
import type { End } from '../history/history.ts'
import { steadyClocks } from './timer-drift.ts'
import type { Links } from './link.ts'
import { failCall } from './link-call.ts'
import { restartAll } from './node.ts'
import { resumeAll } from './strike.ts'
import type { World } from './world.ts'

export interface PhaseBounds {
  /** Undefined: by the longest timer. */
  readonly faultsForMs: number | undefined
  /** After healing; undefined: by the longest timer. */
  readonly recoverForMs: number | undefined
  readonly maxSteps: number
}

/** Periods of every periodic timer without a change, after which nothing more is expected. */
const quietPeriods = 2

/** Takes the next step, heals, or says why the history is over. */
export class Phases {
  readonly #world: World
  readonly #links: Links
  readonly #phases: PhaseBounds
  readonly #afterwards: () => boolean
  #steps = 0
  #untilMs: number | undefined

  /**
   * @param afterwards begins what is to be done once all has healed and come to rest; false when there is nothing more
   */
  constructor(world: World, links: Links, phases: PhaseBounds, afterwards: () => boolean) {
    this.#world = world
    this.#links = links
    this.#phases = phases
    this.#afterwards = afterwards
  }

  next(): End['reason'] | undefined {
    const world = this.#world
    const limit = this.#links.nextLimit()
    const dueMs = Math.min(world.scheduler.nextMs() ?? Infinity, limit?.limitMs ?? Infinity)
    if (isAtRest(world, limit !== undefined) && (world.healed || !this.#links.anyHung())) {
      if (!world.healed) this.#heal()
      else if (this.#afterwards()) this.#drain()
      else return 'quiet'
      return undefined
    }
    if (!world.healed && dueMs > this.#faultsForMs()) {
      world.scheduler.advance(this.#faultsForMs())
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

  /** Twice the longest timer, so that what it does is struck as well; at least a minute, at most ten. */
  #faultsForMs(): number {
    return this.#phases.faultsForMs ?? Math.min(Math.max(2 * this.#world.timers.longestMs, 60_000), 600_000)
  }

  #heal(): void {
    const world = this.#world
    world.healed = true
    world.conditions = undefined
    const seq = world.record({ kind: 'heal', node: '', cause: -1 })
    this.#links.resetHung(world)
    resumeAll(world, seq)
    steadyClocks(world)
    for (const node of world.nodes.values()) restartAll(world, node, seq)
    this.#drain()
  }

  /** From now on, to quiet or to the bound. */
  #drain(): void {
    const { nowMs, timers } = this.#world
    this.#untilMs = nowMs + (this.#phases.recoverForMs ?? recoverForMs(timers.longestMs))
    timers.changed()
  }
}

/**
 * A poller that looks at the clock may wait for a lease, a back-off or an open breaker to run out: so long it is given.
 */
const waitsForMs = 300_000

/** Twice the longest timer, at least 10 minutes, at most 24 hours. */
function recoverForMs(longestTimerMs: number): number {
  return Math.min(Math.max(2 * longestTimerMs, 600_000), 86_400_000)
}

/**
 * Nothing is left to do: no work waits, no call can still end by itself, and every periodic timer has run twice without
 * progress (see World.progressed). While an operation is open, phase 1 goes on, for what hangs is ended by healing; and
 * after it any timer might still end the operation, an unref'd one too, since a server's socket keeps its process
 * alive.
 */
function isAtRest(world: World, callOpen: boolean): boolean {
  const { waiting } = world.scheduler
  if (waiting.work > 0 || callOpen) return false
  if (world.openOperations > 0) return world.healed && waiting.periodic === 0 && waiting.background === 0
  if (waiting.periodic === 0) return true
  if (world.healed && world.timers.readsClock && world.nowMs - world.timers.changedAtMs < waitsForMs) return false
  for (const periodic of world.timers.periodicTimers)
    if (periodic.armed && periodic.firedSinceChange < quietPeriods) return false
  return true
}
