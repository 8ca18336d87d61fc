// takenOver: work that a life held when it died is finished by somebody else. Knows effects and lives of nodes; must
// not know leases, queues or how work is handed on.
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { EffectEvent, History, HistoryEvent, NodeEvent } from '../history/history.ts'
import { leastMs } from '../history/machine-clocks.ts'
import { assertNumber, assertOptions } from '../plain/options.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { keyFor, type Agreeing } from './by-key.ts'
import { appearancesOf, assertAppears, assertHasTimes, effectEventsOf, type Appeared } from './effect-events.ts'
import { cutShort, endOf, isQuiet } from './calls.ts'
import { seconds, shown } from './reason-words.ts'

/** How soon dead hands are replaced. */
export interface TakeOver {
  /** In milliseconds of virtual time, from the death; if other faults struck as well, from healing if that is later. */
  readonly withinMs: number
}

/**
 * Holds when all work that a node, or an instance of it, held when it died was finished in time. Held is a key whose
 * last `begun` came from the life that died, and that was never `finished` before. Whoever finishes it took it over:
 * another instance, another node, or the next life of the same one. A key is finished once: what comes after a
 * `finished` is no work.
 *
 * Violated when such a key is finished too late or, in a quiet history, never. Unknown when the history ended at a
 * bound before that. Vacuous when no life died while it held work.
 *
 * Gray and Cheriton, "Leases" (1989): work under a lease outlives its holder.
 *
 * @param begun a journal entry, or an accepted request, when a life begins the work of a key
 * @param finished the same when it is done; or rows that are read after every commit, so that a life that dies just
 *   after it has stored the result is known to have finished
 * @throws if an effect has no time, as rows have that are read at the end, or `withinMs` is not above 0
 * @example
 * const begun = journal<{ id: string }>('begun')
 * const done = rows('done', () => allDone.all() as Job[], { everyCommit: true })
 * takenOver(begun.by((j) => j.id), done.by((j) => j.id), { withinMs: 60_000 })
 */
export function takenOver<K extends Key>(
  begun: KeyedEffect<K>,
  finished: KeyedEffect<NoInfer<Agreeing<K>>>,
  options: TakeOver,
): Invariant {
  const name = `takenOver(${begun.name}, ${finished.name})`
  assertHasTimes(name, begun.source)
  assertAppears(name, finished.source)
  assertOptions(name, options ?? null, ['withinMs'])
  const { withinMs } = options
  assertNumber(`${name}: withinMs`, withinMs ?? null, 'milliseconds above 0')
  return {
    kind: 'invariant',
    name,
    effects: [begun.source, finished.source],
    isRare: true,
    check(history: History) {
      const orphans = orphansOf(history, begun, finished)
      if (orphans.length === 0) return vacuous(nothingHeld(history, begun.name))
      const late = orphans.filter((orphan) => !isInTime(history, orphan, withinMs))
      const certain = late.filter(({ finish, sinceMs }) => {
        return finish !== undefined || isQuiet(history) || overdue(history, sinceMs, withinMs)
      })
      if (certain.length > 0)
        return { kind: 'violated', reasons: certain.map((orphan) => abandoned(history, orphan, begun.name, withinMs)) }
      return late.length === 0 ? holds : undecided(`${cutShort(history)}, with ${late.length} to take over.`)
    },
  }
}

/** Work that somebody held when they died. */
interface Orphan {
  readonly key: Key
  readonly begin: EffectEvent
  readonly crash: NodeEvent
  readonly finish: Appeared | undefined
  /** From when on others had the chance to take it over. */
  readonly sinceMs: number
}

function orphansOf(history: History, begun: KeyedEffect<Key>, finished: KeyedEffect<Key>): readonly Orphan[] {
  const crashes = history.events.filter((event): event is NodeEvent => event.kind === 'crash')
  if (crashes.length === 0) return []
  const begins = Map.groupBy(effectEventsOf(history, begun.name), ({ value }) => keyFor(begun, value))
  const finishes = Map.groupBy(appearancesOf(history, finished.source), ({ value }) => keyFor(finished, value))
  return crashes.flatMap((crash) =>
    [...begins].flatMap(([key, all]) => {
      const begin = all.findLast(({ seq }) => seq < crash.seq)
      const [finish] = finishes.get(key) ?? []
      const isHeld = begin !== undefined && (finish === undefined || finish.seq > crash.seq)
      return isHeld && isByLife(history, begin, crash)
        ? [{ key, begin, crash, finish, sinceMs: sinceOf(history, crash) }]
        : []
    }),
  )
}

/** Whether the life that crashed caused an event: by a request that it took, or by what it did from its boot on. */
function isByLife({ events }: History, begin: EffectEvent, crash: NodeEvent): boolean {
  let origin: HistoryEvent | undefined = begin
  while (origin !== undefined && !isAtNode(origin, crash.node)) origin = events[origin.cause]
  if (
    origin === undefined ||
    !('instance' in origin ? origin.instance === crash.instance : crash.instance === undefined)
  )
    return false
  if (origin.kind === 'boot') return origin.incarnation === crash.incarnation
  const { seq } = origin
  const boot = events.findLast(
    (event): event is NodeEvent =>
      event.kind === 'boot' && event.seq < seq && event.node === crash.node && event.instance === crash.instance,
  )
  return boot?.incarnation === crash.incarnation
}

/** Where a life took something up: the arrival of a request, or its boot. */
function isAtNode({ kind, node }: HistoryEvent, of: string): boolean {
  return node === of && (kind === 'arrive' || kind === 'boot')
}

/** The death, where nothing else went wrong; else healing. */
function sinceOf({ events }: History, crash: NodeEvent): number {
  const faults = events.filter(({ kind }) => kind === 'fault').length
  const isAlone = faults === (crash.why === 'fault' ? 1 : 0)
  const healedMs = events.find(({ kind }) => kind === 'heal')?.atMs ?? 0
  return isAlone ? crash.atMs : Math.max(crash.atMs, healedMs)
}

function isInTime(history: History, { finish, sinceMs }: Orphan, withinMs: number): boolean {
  if (finish === undefined) return false
  return finish.atMs - sinceMs <= withinMs || leastMs(history, sinceMs, finish.atMs) <= withinMs
}

function overdue(history: History, sinceMs: number, withinMs: number): boolean {
  return leastMs(history, sinceMs, history.events.at(-1)?.atMs ?? 0) > withinMs
}

function abandoned(history: History, orphan: Orphan, of: string, withinMs: number): Reason {
  const { key, begin, crash, finish, sinceMs } = orphan
  const who = crash.instance === undefined ? crash.node : `${crash.node} #${crash.instance}`
  const since = sinceMs === crash.atMs ? 'that' : `all had healed at ${seconds(sinceMs)}`
  const last = finish ?? endOf(history)
  return {
    text:
      `${who} began ${shown(key)} at ${seconds(begin.atMs)} and died at ${seconds(crash.atMs)}; it was ` +
      `${finish === undefined ? 'never finished' : `finished only at ${seconds(finish.atMs)}`}; expected that ` +
      `somebody takes it over within ${seconds(withinMs)} after ${since}.`,
    kind: 'not-taken-over',
    of,
    subject: key,
    events: [begin.seq, crash.seq, ...(last === undefined ? [] : [last.seq])],
  }
}

function nothingHeld(history: History, name: string): string {
  if (effectEventsOf(history, name).length === 0) return `no "${name}" happened: does the code that begins work add it?`
  return `nobody died between "${name}" and the end of that work.`
}
