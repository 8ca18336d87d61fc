// The phases of a history: when faults end, and when it is over. The first phase, with faults, ends when the system is
// quiet or after `faultsForMs`. Healing then disarms the plan for good. The second phase, recovery, ends when the
// system is quiet or after `recoverForMs`; probes start it once more. Only then is liveness judged.
import type { End } from '../history/history.ts'
import { steadyClocks } from './timer-drift.ts'
import { failCall, type Links } from './link.ts'
import { restartAll } from './node.ts'
import { resumeAll } from './strike.ts'
import type { World } from './world.ts'

export interface PhaseBounds {
  /** How long faults may happen. Undefined: it depends on the longest timer. */
  readonly faultsForMs: number | undefined
  /** How long recovery may take. Undefined: it depends on the longest timer. */
  readonly recoverForMs: number | undefined
  readonly maxSteps: number
}

/** How often every periodic timer has to fire without any change before the system counts as quiet. */
const quietPeriods = 2

/** Takes the next step, heals, or reports why the history is over. */
export class Phases {
  readonly #world: World
  readonly #links: Links
  readonly #bounds: PhaseBounds
  readonly #afterwards: () => boolean
  #steps = 0
  #untilMs: number | undefined

  /**
   * @param afterwards called when the healed system is quiet: starts the probes, or returns false where none are left
   */
  constructor(world: World, links: Links, bounds: PhaseBounds, afterwards: () => boolean) {
    this.#world = world
    this.#links = links
    this.#bounds = bounds
    this.#afterwards = afterwards
  }

  next(): End['reason'] | undefined {
    const world = this.#world
    const limit = this.#links.nextLimit()
    const dueMs = Math.min(world.scheduler.nextMs() ?? Infinity, limit?.limitMs ?? Infinity)
    if (isSystemQuiet(world, limit !== undefined) && (world.healed || !this.#links.anyHung())) {
      if (!world.healed) this.#heal()
      else if (this.#afterwards()) this.#recover()
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
    if (++this.#steps > this.#bounds.maxSteps) return 'maxSteps'
    if (limit !== undefined && limit.limitMs === dueMs && dueMs < (world.scheduler.nextMs() ?? Infinity)) {
      world.scheduler.advance(dueMs)
      failCall(world, limit, 'timeout')
    } else world.scheduler.take()?.run()
    return undefined
  }

  /** Twice the longest timer, so that faults also strike what that timer does. At least a minute, at most ten. */
  #faultsForMs(): number {
    return this.#bounds.faultsForMs ?? Math.min(Math.max(2 * this.#world.timers.longestMs, 60_000), 600_000)
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
    this.#recover()
  }

  /** Recovery starts now, and ends at quiet or at its bound. */
  #recover(): void {
    const { nowMs, timers } = this.#world
    this.#untilMs = nowMs + (this.#bounds.recoverForMs ?? recoverForMs(timers.longestMs))
    timers.changed()
  }
}

/** A poller that reads the clock may wait for a lease, a back-off or an open breaker to expire: it gets this long. */
const waitsForMs = 300_000

/** Twice the longest timer, at least 10 minutes, at most 24 hours. */
function recoverForMs(longestTimerMs: number): number {
  return Math.min(Math.max(2 * longestTimerMs, 600_000), 86_400_000)
}

/**
 * Whether nothing more would change by itself: no work waits, no call can end by itself, and every periodic timer has
 * fired twice without progress (see Timers.progressed). While an operation is open, the first phase goes on, since
 * healing ends what hangs. After healing any timer might still end the operation, also an unref'd one, since a server's
 * socket keeps its process alive.
 */
function isSystemQuiet(world: World, callOpen: boolean): boolean {
  const { waiting } = world.scheduler
  if (waiting.work > 0 || callOpen) return false
  if (world.openOperations > 0) return world.healed && waiting.periodic === 0 && waiting.background === 0
  if (waiting.periodic === 0) return true
  if (world.healed && world.timers.readsClock && world.nowMs - world.timers.changedAtMs < waitsForMs) return false
  for (const periodic of world.timers.periodicTimers)
    if (periodic.armed && periodic.firedSinceChange < quietPeriods) return false
  return true
}
