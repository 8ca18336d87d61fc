// Shortens a long story, and writes a line for each gap. Knows rows and their weights; must not know the page.
import { bug } from '../plain/bug.ts'
import type { Root } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import { isAnswerNote } from './answers.ts'
import type { Row } from './row.ts'
import type { Trail } from './trail.ts'
import { weights } from './weigh.ts'

/** What the words for a gap are made of. */
export interface Telling {
  readonly trail: Trail
  /** Every operation of the workload is needed, also those of which there is no room to tell. */
  readonly needsAll: boolean
}

/** So few consecutive rows are shown even if they matter little, since a line for the gap would be no shorter. */
const shortStretch = 1

/**
 * Shortens a story to at most `maxRows` rows. The least important rows are left out first, and a line says what was
 * left out. Rows of unrelated operations are always left out.
 *
 * @param minimal the scenario is shrunk: what remains are nodes that work by themselves, such as pollers, and of their
 *   rows only repetitions are left out, if that is short enough
 */
export function condense(rows: readonly Row[], telling: Telling, maxRows: number, minimal: boolean): readonly Row[] {
  if (minimal) {
    const isNew = firstOfTheirKind(rows)
    for (const least of [weights.epilogue, weights.related]) {
      const short = fold(rows, (row) => row.weight >= least || isNew.has(row), telling, ', the same again')
      if (short.length <= maxRows && isNew.size <= mostKinds) return short
    }
  }
  const all = fold(rows, (row) => row.weight >= weights.related, telling)
  if (all.length <= maxRows) return all
  const once = withoutRepeats(rows)
  const short = fold(rows, (row) => once.has(row), telling, ', the same again')
  if (short.length <= maxRows) return short
  const round = firstRound(rows)
  const opened = fold(rows, (row) => round.has(row), telling)
  if (round.size > 0 && opened.length <= maxRows) return opened
  for (let least = weights.related; least <= weights.contradiction; least++) {
    const kept = fold(rows, (row) => row.weight >= least, telling)
    if (kept.length <= maxRows) return kept
  }
  const important = rows.filter((row) => row.weight >= weights.adversity)
  const half = Math.floor((maxRows - 1) / 2)
  const ends = new Set([...important.slice(0, half), ...important.slice(-half)])
  return foldAll(rows, (row) => ends.has(row), telling)
}

/** More kinds of rows of a node's own work than these are no loop that a reader can follow. */
const mostKinds = 12

/**
 * The rows of no operation that say something new since the last change of anything: the first round of a poller, and
 * its first round after each change.
 */
function firstOfTheirKind(rows: readonly Row[]): ReadonlySet<Row> {
  const found = new Set<Row>()
  let seen = new Set<string>()
  for (const row of rows) {
    if (row.weight > weights.unrelated) {
      if (row.weight >= weights.change) seen = new Set()
      continue
    }
    const kind = kindOf(row)
    if (!seen.has(kind)) found.add(row)
    seen.add(kind)
  }
  return found
}

/** Rows alike in all but their time, the number of the try, and what an answer says: that may be new each time. */
function kindOf({ shape, notes }: Row): string {
  const words = notes.map(({ text }) => text).filter((text) => !isAnswerNote(text))
  return JSON.stringify([shape, words]).replaceAll(/\bretry \d+|  \(\d+\)/g, '')
}

/** The rows that matter, without repetitions: of alike rows of one operation the first two and the last. */
function withoutRepeats(rows: readonly Row[]): ReadonlySet<Row> {
  const related = rows.filter(({ weight }) => weight >= weights.related)
  const alike = Map.groupBy(related, (row) => {
    return `${row.root?.kind === 'operation' ? rootText(row.root) : ''} ${kindOf(row)}`
  })
  return new Set([...alike.values()].flatMap((group) => [...group.slice(0, 2), ...group.slice(-1)]))
}

/** What happens again and again: all that leads to the second time, and then the other times alone. */
function firstRound(rows: readonly Row[]): ReadonlySet<Row> {
  const wrong = rows.filter(({ weight }) => weight === weights.contradiction)
  const [, second] = wrong
  if (wrong.length <= 3 || second === undefined) return new Set()
  const opening = rows.slice(0, rows.indexOf(second)).filter(({ weight }) => weight >= weights.related)
  return new Set([...opening, ...wrong])
}

/** The rows that can be shown, with a line for each gap. */
export function leaveOut(rows: readonly Row[], shows: (row: Row) => boolean, telling: Telling): readonly Row[] {
  return stretchesOf(rows, shows).flatMap((stretch) =>
    stretch.kept ? stretch.rows : [gap(stretch.rows, telling, ', for which there is no room here')],
  )
}

/** Leaves out rows, but keeps short stretches between kept rows. */
function fold(rows: readonly Row[], keeps: (row: Row) => boolean, telling: Telling, why?: string): readonly Row[] {
  const stretches = stretchesOf(rows, keeps)
  return stretches.flatMap((stretch) =>
    stretch.kept || stretch.rows.length <= shortStretch ? stretch.rows : [gap(stretch.rows, telling, why)],
  )
}

/** Leaves out everything but the kept rows; one line in the middle stands for all the rest. */
function foldAll(rows: readonly Row[], keeps: (row: Row) => boolean, telling: Telling): readonly Row[] {
  const kept = rows.filter(keeps)
  const half = Math.ceil(kept.length / 2)
  const left = rows.filter((row) => !keeps(row))
  return left.length === 0 ? kept : [...kept.slice(0, half), gap(left, telling), ...kept.slice(half)]
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

function gap(rows: readonly Row[], telling: Telling, why?: string): Row {
  const [first] = rows
  if (first === undefined) bug('a stretch of the story without rows.')
  return {
    ...first,
    shape: { kind: 'rule', text: gapWords(rows, telling, why), stretch: true },
    notes: [],
    weight: weights.unrelated,
  }
}

/** The words for the rows that were left out. */
function gapWords(rows: readonly Row[], { trail, needsAll }: Telling, why: string | undefined): string {
  const events = rows.flatMap((row) => trail.event(row.seq) ?? [])
  const messages = events.filter((event) => event.kind === 'send')
  const changes = events.filter((event) => event.kind === 'effect' || (event.kind === 'store' && event.write))
  const reads = events.filter((event) => event.kind === 'store' && !event.write)
  const other = rows.length - messages.length - changes.length - reads.length
  const counts = [
    plural(messages.length, 'message'),
    plural(reads.length, 'read'),
    plural(changes.length, 'change'),
    plural(other, 'other event'),
  ]
    .filter((text) => text !== '')
    .join(', ')
  if (rows.every((row) => row.weight <= weights.epilogue) && rows.some((row) => row.weight === weights.epilogue))
    return `afterwards ${counts}`
  if (why !== undefined) return `${counts}${why}`
  const roots = new Map(rows.map(({ root }) => [root === undefined ? '' : rootText(root), root]))
  const others = rows.every((row) => row.weight === weights.unrelated)
    ? ` of ${othersWords([...roots.values()], needsAll)}`
    : ''
  return `${counts}${rows.every((row) => row.weight === weights.related) ? ' that changed nothing' : others}`
}

function othersWords(roots: readonly (Root | undefined)[], needsAll: boolean): string {
  const ticks = roots.filter((root) => root?.kind === 'tick').length
  const names = new Set(roots.flatMap((root) => (root?.kind === 'operation' ? root.operation : [])))
  const operations = plural(roots.length - ticks, needsAll ? 'operation' : 'unrelated operation')
  const all = needsAll && names.size > 0 ? `${operations} (${[...names].join(', ')})` : operations
  return [all, plural(ticks, 'tick')].filter((text) => text !== '').join(' and ')
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`
}
