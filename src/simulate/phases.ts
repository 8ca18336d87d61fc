// The phases of a history: when faults end, and when it is over. The first phase, with faults, ends when the system is
// quiet or after `faultsForMs`. Healing then disarms the plan for good. The second phase, recovery, ends when the
// system is quiet or after `recoverForMs`; probes start it once more. Only then is liveness judged.
import type { End } from '../history/history.ts'
import { steadyClocks } from './timer-drift.ts'
import type { Links } from './link.ts'
import { failCall } from './link-call.ts'
import { restartAll } from './node.ts'
import { finishRollout } from './rollout.ts'
import { resumeAll } from './strike.ts'
import type { Scheduler } from './scheduler.ts'
import type { World } from './world.ts'

export interface PhaseBounds {
  /** How long faults may happen. Undefined: it depends on the longest timer. */
  readonly faultsForMs: number | undefined
  /** How long recovery may take. Undefined: it depends on the longest timer. */
  readonly recoverForMs: number | undefined
  readonly maxSteps: number
  /** Recovery takes as long as loops need that have to be seen going round a hundred times. */
  readonly patient: boolean
}

/** With so few things that wait, each step is followed by a look for rest. */
const fewWaiting = 100

/** How long faults may happen at least, and after all else of the scenario. */
const usualFaultsMs = 60_000

/** How many times as long patience lets recovery take, where the user gave the time or no timer is longer. */
const patientFactor = 10

/** Takes the next step, heals, or reports why the history is over. */
export class Phases {
  readonly #world: World
  readonly #links: Links
  readonly #bounds: PhaseBounds
  readonly #afterwards: () => boolean
  /** A phase ended although something still went round in circles. */
  circled = false
  #steps = 0
  #untilMs: number | undefined
  #recoverMs = 0

  /**
   * @param afterwards called when the healed system is quiet: starts the probes, or returns false where none are left
   */
  constructor(world: World, links: Links, bounds: PhaseBounds, afterwards: () => boolean) {
    this.#world = world
    this.#links = links
    this.#bounds = bounds
    this.#afterwards = afterwards
  }

  /** How many steps were taken. */
  get steps(): number {
    return this.#steps
  }

  next(): End['reason'] | undefined {
    const world = this.#world
    const limit = this.#links.nextLimit()
    const dueMs = Math.min(world.scheduler.nextMs() ?? Infinity, limit?.limitMs ?? Infinity)
    const rest = this.#looks() ? restOf(world, this.#links, limit !== undefined) : undefined
    if (rest !== undefined && (world.healed || !this.#links.anyHung())) {
      if (rest === 'lasso') this.circled = true
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
      // Operations and deliveries that come later, because one before them hung until healing, are given as long
      const { lastArrivalMs, lastExpectedMs } = world.extent
      const untilMs = Math.max(this.#untilMs, Math.max(lastArrivalMs, lastExpectedMs) + this.#recoverMs)
      if (dueMs > untilMs) {
        world.scheduler.advance(untilMs)
        return 'recoverForMs'
      }
    }
    if (++this.#steps > this.#bounds.maxSteps) return 'maxSteps'
    if (limit !== undefined && limit.limitMs === dueMs && dueMs < (world.scheduler.nextMs() ?? Infinity)) {
      world.scheduler.advance(dueMs)
      failCall(world, limit, 'timeout')
    } else world.scheduler.take()?.run()
    return undefined
  }

  /**
   * Whether to look for rest before this step. A look takes time for each thing that waits: where thousands of messages
   * are under way, it is not worth a look after each of them.
   */
  #looks(): boolean {
    const { timer, message } = this.#world.scheduler.waiting
    return this.#steps % Math.ceil(Math.max(1, timer + message) / fewWaiting) === 0
  }

  /**
   * Twice the longest timer, so that faults also strike what that timer does; at least a minute, at most ten. The whole
   * scenario in any case, and a minute more.
   */
  #faultsForMs(): number {
    const { timers, extent } = this.#world
    const usualMs = Math.min(Math.max(2 * timers.longestMs, usualFaultsMs), 600_000)
    return this.#bounds.faultsForMs ?? Math.max(usualMs, extent.endsMs + usualFaultsMs)
  }

  #heal(): void {
    const world = this.#world
    world.healed = true
    const broken = world.conditions?.broken ?? []
    world.conditions = undefined
    const seq = world.record({ kind: 'heal', node: '', cause: -1 })
    this.#links.resetHung(world)
    for (const breaks of broken) world.scheduler.add(world.nowMs, breaks)
    resumeAll(world, seq)
    steadyClocks(world)
    for (const node of world.nodes.values()) {
      finishRollout(world, node, seq)
      restartAll(world, node, seq)
    }
    this.#recover()
  }

  /** Recovery starts now, and ends at quiet or at its bound. */
  #recover(): void {
    const { nowMs, timers, lasso } = this.#world
    const { longestPeriodMs } = timers
    const { recoverForMs = usualRecovery(timers.longestMs), patient } = this.#bounds
    // A hundred rounds of the slowest loop, and some more, unless the user gave less time than one round takes
    const longer = (this.#bounds.recoverForMs ?? Infinity) < longestPeriodMs ? 0 : longestPeriodMs
    this.#recoverMs = patient ? Math.max(patientFactor * recoverForMs, 110 * longer) : recoverForMs
    this.#untilMs = nowMs + this.#recoverMs
    lasso.watches = true
    lasso.changed()
  }
}

/**
 * A poller that reads the clock may wait for a lease, a back-off or an open breaker to expire: it gets this long, and
 * where a clock was moved, as long as that step.
 */
const waitsForMs = 300_000

/** Twice the longest timer, at least 10 minutes, at most 24 hours. */
function usualRecovery(longestTimerMs: number): number {
  return Math.min(Math.max(2 * longestTimerMs, 600_000), 86_400_000)
}

/**
 * Whether nothing more would change by itself: nothing waits, or everything that waits goes round in circles, see
 * lasso.ts. While an operation is open, the first phase goes on, since healing ends what hangs. After healing any timer
 * might still end the operation, also an unref'd one, since a server's socket keeps its process alive.
 */
function restOf(world: World, links: Links, callOpen: boolean): 'nothing waits' | 'lasso' | undefined {
  const { lasso, scheduler } = world
  const { work, timer, message, background } = scheduler.waiting
  if (work > 0) return undefined
  const isIdle = !callOpen && timer === 0 && message === 0
  if (world.openOperations > 0) return isIdle && background === 0 && world.healed ? 'nothing waits' : undefined
  if (isIdle) return 'nothing waits'
  const waitsMs = Math.max(waitsForMs, world.extent.largestStepMs)
  if (world.healed && lasso.readsClock && world.nowMs - lasso.sinceMs < waitsMs) return undefined
  return lasso.covers(classesOf(scheduler, links)) ? 'lasso' : undefined
}

function* classesOf(scheduler: Scheduler, links: Links): Generator<string, void> {
  yield* scheduler.recurring()
  yield* links.recurring()
}
