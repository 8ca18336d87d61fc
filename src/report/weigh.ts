// How much the story needs each row, and what is left out when it is long. Knows rows and the trail; must not know the page.

import type { HistoryEvent } from '../history.ts'
import type { Reason } from '../verdict.ts'
import type { Row } from './row.ts'
import { callsOf, type Trail } from './trail.ts'

/** Weights, heaviest first. */
const contradiction = 6
const adversity = 5
const leading = 4
const outcome = 3
const change = 2
/** Once all is told: what the calls still do. */
const aftermath = 1.5
const related = 1
const unrelated = 0

/** What a row is weighed by. */
interface Scales {
  readonly trail: Trail
  readonly pointed: ReadonlySet<number>
  /** Roots of the contradiction and of the faults; undefined: nothing is known, everything is related. */
  readonly roots: ReadonlySet<string> | undefined
  /** The calls that lead to the contradiction. */
  readonly leads: ReadonlySet<string>
  /** The calls that changed something or were hit. */
  readonly changes: ReadonlySet<string>
}

/** Gives each row its weight. */
export function weigh(rows: readonly Row[], trail: Trail, reason: Reason | undefined): readonly Row[] {
  const scales = scalesOf(trail, reason)
  const weighed = rows.map((row) => ({ ...row, weight: weightOf(scales, row) }))
  const last = weighed.findLastIndex((row) => row.weight >= adversity)
  return weighed.map((row, index) => (index > last && row.weight < outcome ? { ...row, weight: Math.min(row.weight, aftermath) } : row))
}

function scalesOf(trail: Trail, reason: Reason | undefined): Scales {
  const pointed = (reason?.events ?? []).flatMap((seq) => trail.event(seq) ?? [])
  const faults = trail.events.filter((event) => event.kind === 'fault')
  const changing = trail.events.filter((event) => event.kind === 'effect' || event.kind === 'lost' || event.kind === 'fault' || event.kind === 'threw'
    || (event.kind === 'store' && event.write))
  const calls = (events: readonly HistoryEvent[]): ReadonlySet<string> => new Set(events.flatMap((event) => chainOf(trail, event)))
  return {
    trail,
    pointed: new Set(pointed.flatMap((event) => rowSeqs(event))),
    roots: pointed.length === 0 ? undefined : rootsOf(trail, [...pointed, ...faults], reason?.subject),
    leads: calls(pointed),
    changes: calls(changing),
  }
}

/** An arrival is shown by its message. */
function rowSeqs(event: HistoryEvent): readonly number[] {
  return event.kind === 'arrive' || event.kind === 'lost' ? [event.seq, event.message] : [event.seq]
}

function rootsOf(trail: Trail, events: readonly HistoryEvent[], subject: unknown): ReadonlySet<string> {
  const about = trail.aliases.find((alias) => alias.value === String(subject))
  const named = trail.events.flatMap((event) => (event.kind === 'send' && event.address.key !== undefined && event.address.key === about?.name ? [event] : []))
  return new Set([...events, ...named].flatMap((event) => trail.rootOf(event) ?? []))
}

function chainOf(trail: Trail, event: HistoryEvent): readonly string[] {
  const address = trail.addressOf(event)
  return address === undefined ? [] : callsOf(address)
}

function weightOf(scales: Scales, row: Row): number {
  const { trail, pointed, roots } = scales
  const event = trail.event(row.seq)
  if (event === undefined) return unrelated
  if (pointed.has(event.seq)) return contradiction
  if (trail.faultsAt.has(event.seq) || event.kind === 'crash' || event.kind === 'boot' || event.kind === 'fault') return adversity
  const mine = row.root === undefined ? roots === undefined : roots === undefined || roots.has(row.root)
  return mine ? weightOfRelated(scales, row, event) : unrelated
}

function weightOfRelated({ trail, leads, changes }: Scales, row: Row, event: HistoryEvent): number {
  if (row.shape.kind === 'rule') return outcome
  if (row.shape.kind === 'arrow' && (row.shape.head === 'dropped' || row.shape.head === 'lands')) return adversity
  const call = chainOf(trail, event).at(-1) ?? ''
  if (event.kind === 'send' && leads.has(call)) return leading
  if (row.notes.length > 0 || ends.has(event.kind)) return outcome
  return event.kind === 'effect' || event.kind === 'threw' || changes.has(call) ? change : related
}

const ends: ReadonlySet<string> = new Set(['ok', 'fail', 'info', 'attempt-end'])

/** So few rows in a row are shown, however little they matter. */
const shortStretch = 1

/**
 * The rows of a story of at most `maxRows`: what matters least is left out first, and a line says what was.
 * Rows of unrelated operations are always left out.
 */
export function condense(rows: readonly Row[], trail: Trail, maxRows: number): readonly Row[] {
  for (let least = related; least <= contradiction; least++) {
    const kept = fold(rows, (row) => row.weight >= least, trail)
    if (kept.length <= maxRows) return kept
  }
  const important = rows.filter((row) => row.weight >= adversity)
  const half = Math.floor((maxRows - 1) / 2)
  const ends = new Set([...important.slice(0, half), ...important.slice(-half)])
  return foldAll(rows, (row) => ends.has(row), trail)
}

/** Rows without those that cannot be shown; lines say what is missing. */
export function leaveOut(rows: readonly Row[], shows: (row: Row) => boolean, trail: Trail): readonly Row[] {
  return stretchesOf(rows, shows).flatMap((stretch) => (stretch.kept ? stretch.rows : [gap(stretch.rows, trail)]))
}

/** Short stretches between kept rows stay. */
function fold(rows: readonly Row[], keeps: (row: Row) => boolean, trail: Trail): readonly Row[] {
  const stretches = stretchesOf(rows, keeps)
  return stretches.flatMap((stretch) => (stretch.kept || stretch.rows.length <= shortStretch ? stretch.rows : [gap(stretch.rows, trail)]))
}

/** As many lines as a long story may have: between the first and the last rows one line stands for the rest. */
function foldAll(rows: readonly Row[], keeps: (row: Row) => boolean, trail: Trail): readonly Row[] {
  const kept = rows.filter(keeps)
  const half = Math.ceil(kept.length / 2)
  const left = rows.filter((row) => !keeps(row))
  return left.length === 0 ? kept : [...kept.slice(0, half), gap(left, trail), ...kept.slice(half)]
}

interface Stretch {
  readonly kept: boolean
  readonly rows: Row[]
}

function stretchesOf(rows: readonly Row[], keeps: (row: Row) => boolean): readonly Stretch[] {
  const stretches: Stretch[] = []
  for (const row of rows) {
    const kept = keeps(row)
    const last = stretches.at(-1)
    if (last?.kept === kept) last.rows.push(row)
    else stretches.push({ kept, rows: [row] })
  }
  return stretches
}

function gap(rows: readonly Row[], trail: Trail): Row {
  const [first] = rows
  if (first === undefined) throw new Error('Bug: a stretch of the story without rows.')
  return { ...first, shape: { kind: 'rule', text: gapWords(rows, trail), stretch: true }, notes: [], weight: unrelated }
}

/** What was left out, in words. */
function gapWords(rows: readonly Row[], trail: Trail): string {
  const events = rows.flatMap((row) => trail.event(row.seq) ?? [])
  const messages = events.filter((event) => event.kind === 'send')
  const changes = events.filter((event) => event.kind === 'effect' || (event.kind === 'store' && event.write))
  const reads = events.filter((event) => event.kind === 'store' && !event.write)
  const other = rows.length - messages.length - changes.length - reads.length
  const counts = [
    plural(messages.length, 'message'), plural(reads.length, 'read'), plural(changes.length, 'change'), plural(other, 'other event'),
  ].filter((text) => text !== '').join(', ')
  const roots = new Set(rows.map((row) => row.root))
  const others = rows.every((row) => row.weight === unrelated) ? ` of ${othersWords(roots)}` : ''
  return `${counts}${rows.every((row) => row.weight === related) ? ' that changed nothing' : others}`
}

function othersWords(roots: ReadonlySet<string | undefined>): string {
  const ticks = [...roots].filter((root) => root?.startsWith('tick(')).length
  const operations = roots.size - ticks
  return [plural(operations, 'unrelated operation'), plural(ticks, 'tick')].filter((text) => text !== '').join(' and ')
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`
}

