// runsOncePerSlot: a scheduled job runs once in each of its slots, and on time. A safety property: once a slot is over,
// a missed run cannot be made good, no matter how the history ends. Knows effects and the schedule; must not know who
// keeps it.
import type { Effect, Key, Observed } from '../history/effect.ts'
import { effectsOf } from '../history/effect.ts'
import type { History, HistoryEvent } from '../history/history.ts'
import { skewMs, timerMs } from '../history/machine-clocks.ts'
import { assertOptions } from '../plain/options.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder, isNew, keyFor } from './by-key.ts'
import { momentOf, moments, seconds, seqs, shown, times, whereToLook } from './reason-words.ts'

/** When a job has to run: slot 0 begins at `firstMs`, and each further slot `everyMs` later. */
export interface Slots<T> {
  /** Milliseconds of virtual time from one slot to the next. */
  readonly everyMs: number
  /** When slot 0 begins, in milliseconds of virtual time since the start. @default everyMs, as with setInterval */
  readonly firstMs?: number
  /** How late a run may be, in milliseconds after its slot began; exactly this late is on time. @default everyMs */
  readonly withinMs?: number
  /** The slot that a run was for, from 0. @default the last slot that had begun when it ran */
  slot?(value: T): number
  /**
   * Which of several jobs with this schedule ran; each job that ran at least once is judged. @default there is one job
   */
  key?(value: T): Key
}

/**
 * Holds when every slot that is over has exactly one run, no slot has two, and no run is too early or too late. A slot
 * is over once the history has an event later than its `withinMs`. Without `slot`, a run belongs to the slot in which
 * it happened, and a run before the first slot is too early. Runs without a time (`rows`) need `slot`; only their
 * number is judged. A row that was there when the history began is a run, but does not count as a second one. Times are
 * virtual; a job that keeps its schedule by its machine's timers, or by a wall clock that is wrong from the start, is
 * on time too.
 *
 * Vacuous when no slot was over and nothing ran, or, with `key`, when nothing ran. A simulated history ends when only
 * periodic timers are left: let operations last as long as you want to watch the schedule.
 *
 * Liu and Layland, "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment" (1973), for periods and
 * deadlines; Beyer et al., "Site Reliability Engineering" (2016), chapter 24, for runs that are skipped or doubled when
 * a scheduler fails over.
 *
 * @throws if a time is invalid; in `check`, if `slot` does not return a whole number from 0, or if a run has neither
 *   time nor slot
 * @example
 * runsOncePerSlot(report, { everyMs: 60_000, withinMs: 5_000 })
 * @example
 * runsOncePerSlot(report, { everyMs: 60_000, withinMs: 90_000, slot: (r) => r.minute, key: (r) => r.customer })
 */
export function runsOncePerSlot<T>(effect: Effect<T>, schedule: Slots<T>): Invariant {
  assertOptions(`runsOncePerSlot(${effect.name})`, schedule ?? null, ['everyMs', 'firstMs', 'withinMs', 'slot', 'key'])
  const plan = planOf(effect.name, schedule)
  const keyed = effect.by((value) => schedule.key?.(value) ?? '')
  return {
    kind: 'invariant',
    name: `runsOncePerSlot(${effect.name}, ${schedule.everyMs})`,
    effects: [effect.source],
    check(history: History) {
      const runs = inOrder(effectsOf(history, effect.name))
      const judgedBy = ({ at, nowMs, needed, least }: SlotTimeline): Verdict => {
        const judged = runs.map((run): Ran => {
          const observed = run.atMs === undefined ? run : { ...run, atMs: at(run.atMs, run) }
          return { observed, slot: slotOf(plan, schedule, observed) }
        })
        const jobs: ReadonlyMap<Key | undefined, readonly Ran[]> =
          schedule.key === undefined
            ? new Map([[undefined, judged]])
            : Map.groupBy(judged, ({ observed }) => keyFor(keyed, observed.value))
        const reasons = Array.from(jobs).flatMap(([key, own]) => {
          const ran = own.filter(({ observed }) => isNew(observed))
          if (ran.length === 0 && key !== undefined) return []
          return [...perSlot(plan, key, ran, least), ...missed(plan, key, own, needed, lastOverAt(plan, nowMs))]
        })
        return reasons.length === 0 ? holds : { kind: 'violated', reasons }
      }
      const nowMs = history.events.at(-1)?.atMs ?? 0
      const lastOver = lastOverAt(plan, nowMs)
      if (!runs.some(isNew) && (lastOver < 0 || schedule.key !== undefined)) {
        const why = lastOver < 0 ? 'the history ended before the first slot was over' : 'nothing ran'
        return vacuous(`${why}: ${whereToLook(effect.source)}`)
      }
      const verdict = judgedBy({ at: (ms) => ms, nowMs, needed: 0, least: 0 })
      if (verdict.kind === 'holds') return verdict
      return (
        ownTimelines(plan, schedule, history, runs)
          .map(judgedBy)
          .find(({ kind }) => kind === 'holds') ?? verdict
      )
    },
  }
}

/** A clock by which runs are judged. */
interface SlotTimeline {
  /** What it showed at a moment of virtual time. */
  readonly at: (ms: number, run: Observed) => number
  readonly nowMs: number
  /** The first slot that must have a run. */
  readonly needed: number
  /** The first slot that may have a run. */
  readonly least: number
}

/** The timers of the machines that ran the job, and their wall clocks: a job may keep its schedule by either. */
function ownTimelines(
  plan: SlotPlan,
  { slot }: Pick<Slots<never>, 'slot'>,
  history: History,
  runs: readonly Observed[],
): readonly SlotTimeline[] {
  const { events } = history
  const nowMs = events.at(-1)?.atMs ?? 0
  const causes = runs.flatMap(({ event = -1 }) => events[event] ?? [])
  const skews = causes.map((event) => skewMs(history, event))
  const by =
    (read: (event: HistoryEvent, ms: number) => number): SlotTimeline['at'] =>
    (ms, { event = -1 }) => {
      const cause = events[event]
      return cause === undefined ? ms : read(cause, ms)
    }
  const firstFrom = (ms: number): number => {
    const first = Math.ceil((ms - plan.firstMs) / plan.everyMs)
    return slot === undefined ? first : Math.max(0, first)
  }
  return [
    {
      at: by((event, ms) => timerMs(history, event, ms)),
      nowMs: Math.min(nowMs, ...causes.map((event) => timerMs(history, event, nowMs))),
      needed: 0,
      least: 0,
    },
    {
      at: by((event, ms) => ms + skewMs(history, event)),
      nowMs: nowMs + Math.min(...skews),
      needed: firstFrom(Math.max(...skews)),
      least: firstFrom(Math.min(...skews)),
    },
  ]
}

interface SlotPlan {
  readonly name: string
  readonly everyMs: number
  readonly firstMs: number
  readonly withinMs: number
}

interface Ran {
  readonly observed: Observed
  /** Below 0 if the run came before the first slot. */
  readonly slot: number
}

function planOf(
  name: string,
  { everyMs, firstMs = everyMs, withinMs = everyMs, slot }: Omit<Slots<never>, 'key'>,
): SlotPlan {
  const what = `runsOncePerSlot(${name})`
  if (!(everyMs > 0 && Number.isFinite(everyMs)))
    throw new Error(`${what}: everyMs is ${shown(everyMs)}; give milliseconds above 0.`)
  if (!Number.isFinite(firstMs))
    throw new Error(`${what}: firstMs is ${shown(firstMs)}; give milliseconds since the start.`)
  if (!(withinMs >= 0 && Number.isFinite(withinMs)))
    throw new Error(`${what}: withinMs is ${shown(withinMs)}; give milliseconds from 0.`)
  if (withinMs > everyMs && slot === undefined) {
    throw new Error(
      `${what}: withinMs ${withinMs} is longer than everyMs ${everyMs}, so that the time of a run does not say ` +
        'for which slot it was; give slot: (value) => ...',
    )
  }
  return { name, everyMs, firstMs, withinMs }
}

function slotOf<T>({ name, everyMs, firstMs }: SlotPlan, schedule: Slots<T>, { value, atMs }: Observed): number {
  if (schedule.slot === undefined) {
    if (atMs === undefined)
      throw new Error(
        `${name}: the run ${shown(value)} has no time; write it down in a journal, or give slot: (value) => ...`,
      )
    return Math.floor((atMs - firstMs) / everyMs)
  }
  const found = schedule.slot(value as T) // the cast holds: values under this name come from this source
  if (Number.isInteger(found) && found >= 0) return found
  throw new Error(`${name}: the slot of ${shown(value)} is ${shown(found)}; give a whole number from 0.`)
}

function beginOf({ firstMs, everyMs }: SlotPlan, slot: number): number {
  return firstMs + slot * everyMs
}

/** The last slot whose time is up; below 0 if there is none. */
function lastOverAt(plan: SlotPlan, nowMs: number): number {
  return Math.ceil((nowMs - plan.withinMs - plan.firstMs) / plan.everyMs) - 1
}

function perSlot(plan: SlotPlan, key: Key | undefined, runs: readonly Ran[], least: number): readonly Reason[] {
  return Array.from(Map.groupBy(runs, ({ slot }) => slot)).flatMap(([slot, own]) => {
    const ran = own.map(({ observed }) => observed)
    const early = ran.filter(({ atMs }) => atMs !== undefined && (slot < least || atMs < beginOf(plan, slot)))
    const late = ran.filter(
      ({ atMs }) => slot >= least && atMs !== undefined && atMs > beginOf(plan, slot) + plan.withinMs,
    )
    return [
      ...(slot >= least && ran.length > 1
        ? [
            reason(
              plan,
              key,
              'ran-twice',
              `ran ${times(ran.length)} for ${slotWords(plan, slot)}${moments(ran)}; expected once`,
              ran,
            ),
          ]
        : []),
      ...early.map((one) =>
        reason(
          plan,
          key,
          'ran-early',
          `ran${momentOf(one)}, before ${slotWords(plan, Math.max(slot, 0))}; expected it then`,
          [one],
        ),
      ),
      ...late.map((one) =>
        reason(
          plan,
          key,
          'ran-late',
          `ran${momentOf(one)} for ${slotWords(plan, slot)}; expected it by ` +
            seconds(beginOf(plan, slot) + plan.withinMs),
          [one],
        ),
      ),
    ]
  })
}

/** One reason for each series of consecutive slots without a run. */
function missed(
  plan: SlotPlan,
  key: Key | undefined,
  runs: readonly Ran[],
  firstSlot: number,
  lastOver: number,
): readonly Reason[] {
  const first = new Map<number, Observed>()
  for (const { slot, observed } of runs) if (!first.has(slot)) first.set(slot, observed)
  const ran = Array.from(first.keys())
    .filter((slot) => slot >= firstSlot)
    .sort((a, b) => a - b)
  const reasons: Reason[] = []
  let next = firstSlot
  for (const slot of [...ran.filter((one) => one <= lastOver), lastOver + 1]) {
    if (slot > next) reasons.push(gap(plan, key, next, slot - 1, [first.get(next - 1), first.get(slot)]))
    next = slot + 1
  }
  return reasons
}

function gap(
  plan: SlotPlan,
  key: Key | undefined,
  from: number,
  to: number,
  around: readonly (Observed | undefined)[],
): Reason {
  const which = from === to ? slotWords(plan, from) : `${slotWords(plan, from)} to ${slotWords(plan, to)}`
  return reason(
    plan,
    key,
    'run-missed',
    `never ran for ${which}; expected once for each slot, by ${seconds(beginOf(plan, to) + plan.withinMs)} for ` +
      'the last',
    around.filter((one) => one !== undefined),
  )
}

function reason(
  { name }: SlotPlan,
  key: Key | undefined,
  kind: ReasonKind,
  text: string,
  observed: readonly Observed[],
): Reason {
  return {
    text: `${name}${key === undefined ? '' : ` for ${shown(key)}`} ${text}.`,
    kind,
    of: name,
    ...(key === undefined ? {} : { subject: key }),
    events: seqs(observed),
  }
}

function slotWords(plan: SlotPlan, slot: number): string {
  return `slot ${slot} (${seconds(beginOf(plan, slot))})`
}
