// Weighs how important each row is for the story. Knows rows and the trail; must not know the page, nor what is left
// out.

import { invocationOf } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { HistoryEvent } from '../history/history.ts'
import { involvedIn, type Reason } from '../verdict/reason.ts'
import { pointsAt, type Row } from './row.ts'
import { callsOf, type Trail } from './trail.ts'

/**
 * The weights, heaviest first. `aftermath`: after the important rows, until the operations have ended. `epilogue`: what
 * happens after that.
 */
export const weights = {
  contradiction: 6,
  adversity: 5,
  leading: 4,
  outcome: 3,
  change: 2,
  aftermath: 1.5,
  related: 1,
  epilogue: 0.5,
  unrelated: 0,
} as const

/** The data by which rows are weighed. */
interface Scales {
  readonly trail: Trail
  readonly pointed: ReadonlySet<number>
  /** What is pointed at too, and says the same again. */
  readonly again: ReadonlySet<number>
  /** Reads that came before another process's change, and these changes. */
  readonly ordered: ReadonlySet<number>
  /**
   * The roots of the contradiction and of the faults; undefined if nothing is known, and then every row counts as
   * related.
   */
  readonly roots: ReadonlySet<string> | undefined
  /** Whether every operation of the workload is needed. */
  readonly minimal: boolean
  /** The rows that show how operations begin. */
  readonly begins: ReadonlySet<number>
  /** The calls that lead to the contradiction. */
  readonly leads: ReadonlySet<string>
  /** The calls that changed something, or that a fault hit. */
  readonly changes: ReadonlySet<string>
}

/** Gives each row its weight. `minimal`: the scenario is shrunk, so that every operation in it is needed. */
export function weigh(
  rows: readonly Row[],
  trail: Trail,
  reason: Reason | undefined,
  minimal: boolean,
): readonly Row[] {
  const scales = scalesOf(trail, reason, minimal)
  const weighed = rows.map((row) => ({ ...row, weight: weightOf(scales, row) }))
  return reason === undefined ? weighed : settle(weighed, trail, rootsEnded(scales, weighed))
}

/** The index of the last row that shows how a related operation ended. */
function rootsEnded(scales: Scales, rows: readonly Row[]): number {
  return rows.findLastIndex((row) => row.tellsEnd && (scales.roots === undefined || isRelated(scales, row)))
}

/** Whether a row belongs to an operation, tick or boot that the story is about. */
function isRelated({ roots, minimal }: Scales, { root }: Row): boolean {
  if (root === undefined || roots === undefined) return roots === undefined
  return (minimal && root.kind === 'operation') || roots.has(rootText(root))
}

/**
 * Reduces the weight of rows after the contradiction and the faults. Healing is shown only if something depends on it.
 */
function settle(rows: readonly Row[], trail: Trail, lastEnd: number): readonly Row[] {
  const lastImportant = rows.findLastIndex((row) => row.weight >= weights.adversity)
  const over = Math.max(lastImportant, lastEnd)
  return rows.flatMap((row, index) => {
    if (trail.event(row.seq)?.kind === 'heal' && !pointsAt(row)) return index < over ? [row] : []
    if (index > over && (row.isPrinted === true || isTooLate(trail, row))) return []
    if (index > over && row.weight > weights.unrelated)
      return row.weight >= weights.change ? [{ ...row, weight: weights.epilogue }] : []
    return [
      index > lastImportant && row.weight < weights.outcome
        ? { ...row, weight: Math.min(row.weight, weights.aftermath) }
        : row,
    ]
  })
}

/** An answer that nobody waits for any more: after the end it only tells that a limit of the platform ran out. */
function isTooLate(trail: Trail, { seq }: Row): boolean {
  const fate = trail.fateOf(seq)
  return fate?.kind === 'arrive' && fate.late
}

function scalesOf(trail: Trail, reason: Reason | undefined, minimal: boolean): Scales {
  const involved = (reason === undefined ? [] : involvedIn(reason)).flatMap((seq) => trail.event(seq) ?? [])
  const ends = involved.filter(({ kind }) => kind === 'effect' || kind === 'store')
  const again = ends.length > 2 * firstFew ? ends.slice(firstFew, -1) : []
  const pointed = involved.filter((event) => !again.includes(event))
  const faults = trail.events.filter((event) => event.kind === 'fault')
  const ordered = trail.events.flatMap((event) =>
    event.kind === 'store' && event.early !== undefined ? [event, trail.event(event.early) ?? event] : [],
  )
  const changing = trail.events.filter(
    (event) =>
      event.kind === 'effect' ||
      event.kind === 'lost' ||
      event.kind === 'fault' ||
      event.kind === 'threw' ||
      (event.kind === 'store' && event.write),
  )
  const calls = (events: readonly HistoryEvent[]): ReadonlySet<string> =>
    new Set(events.flatMap((event) => chainOf(trail, event)))
  return {
    trail,
    pointed: new Set(pointed.flatMap(rowSeqs)),
    again: new Set(again.flatMap(rowSeqs)),
    roots: pointed.length === 0 ? undefined : rootsOf(trail, [...pointed, ...faults, ...ordered], reason?.subject),
    ordered: new Set(ordered.map(({ seq }) => seq)),
    minimal,
    begins: new Set(minimal ? beginsOf(trail) : []),
    leads: calls(pointed),
    changes: calls(changing),
  }
}

/** Where an effect happened so often, its first times and the last one tell it. */
const firstFew = 3

/** Of each operation its first message, or the operation itself where it sends none. */
function beginsOf({ events }: Trail): readonly number[] {
  const first = new Map<number, number>()
  for (const event of events) {
    if (event.kind === 'invoke') first.set(event.invocation, event.seq)
    const invocation = event.kind === 'send' && event.request < 0 ? invocationOf(event.address.root) : undefined
    const known = events[first.get(invocation ?? -1) ?? -1]
    if (invocation !== undefined && known?.kind === 'invoke') first.set(invocation, event.seq)
  }
  return [...first.values()]
}

/** The events whose rows show this event. The row of a message also shows its arrival. */
function rowSeqs(event: HistoryEvent): readonly number[] {
  return event.kind === 'arrive' || event.kind === 'lost' ? [event.seq, event.cause] : [event.seq]
}

function rootsOf(trail: Trail, events: readonly HistoryEvent[], subject: unknown): ReadonlySet<string> {
  const about = trail.aliases.find((alias) => alias.value === String(subject))
  const named = trail.events.flatMap((event) =>
    event.kind === 'send' && event.address.key !== undefined && event.address.key === about?.name ? [event] : [],
  )
  return new Set([...events, ...named].flatMap((event) => trail.rootOf(event) ?? []).map(rootText))
}

function chainOf(trail: Trail, event: HistoryEvent): readonly string[] {
  const address = trail.addressOf(event)
  return address === undefined ? [] : callsOf(address)
}

function weightOf(scales: Scales, row: Row): number {
  const { trail, pointed, again, ordered, begins } = scales
  const event = trail.event(row.seq)
  if (event === undefined) return weights.unrelated
  if (row.isPrinted === true) return isRelated(scales, row) ? weights.change : weights.unrelated
  if (again.has(event.seq)) return weights.related
  if (pointed.has(event.seq) || pointsAt(row)) return weights.contradiction
  if (trail.faultsAt.has(event.seq) || ordered.has(event.seq) || adversity.has(event.kind)) return weights.adversity
  if (begins.has(event.seq)) return weights.leading
  if (row.isHinted === true && (row.root?.kind !== 'operation' || isRelated(scales, row))) return weights.adversity
  return isRelated(scales, row) ? weightOfRelated(scales, row, event) : weights.unrelated
}

function weightOfRelated({ trail, leads, changes }: Scales, row: Row, event: HistoryEvent): number {
  if (row.shape.kind === 'rule') return weights.outcome
  if (row.shape.kind === 'arrow' && (row.shape.head === 'dropped' || row.shape.head === 'lands'))
    return weights.adversity
  if (event.kind === 'queue' && (event.step === 'refused' || event.left === true)) return weights.adversity
  const call = chainOf(trail, event).at(-1) ?? ''
  if (event.kind === 'send' && leads.has(call)) return weights.leading
  if (row.notes.length > 0 || ends.has(event.kind)) return weights.outcome
  return event.kind === 'effect' || event.kind === 'threw' || changes.has(call) ? weights.change : weights.related
}

const adversity: ReadonlySet<string> = new Set(['boot', 'crash', 'pause', 'resume', 'signal', 'fault'])
/** How something ended, or why it took so long. */
const ends: ReadonlySet<string> = new Set(['ok', 'fail', 'info', 'attempt-end', 'queue'])
