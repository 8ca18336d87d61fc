// The page: which columns a story has and where they stand, so that the story fits the width. Must not know histories.
import { widthOf, type Piece } from './ink.ts'
import type { Arrow, Row } from './row.ts'
import { nodesOf } from './row.ts'

export interface Page {
  readonly width: number
  /** Columns left to right. */
  readonly columns: readonly string[]
  /** The position of the lifeline of each column. */
  readonly at: ReadonlyMap<string, number>
  /** The position where the right margin begins. */
  readonly margin: number
}

/** The least distance between two lifelines. */
const narrowest = 11
const roomy = 14
/** The room for `|--` before a label and `->|` after it, with spaces. */
const arrowTrim = 7
/** The room for the dots of a slow message. */
const dotsRoom = 6
const marginGap = 3
/** The largest share of the page for the margin. */
const widestMargin = 0.38
const narrowestMargin = 20

/** How many columns can stand on a page. */
export function columnsThatFit(width: number, timeWidth: number): number {
  return Math.max(2, 1 + Math.floor((width - timeWidth - 2 - narrowestMargin) / narrowest))
}

/** Places the columns that the rows touch. */
export function layOut(
  rows: readonly Row[],
  order: readonly string[],
  titles: (node: string) => string,
  width: number,
  timeWidth: number,
): Page {
  const touched = new Set(rows.flatMap(nodesOf))
  const columns = order.filter((node) => touched.has(node))
  const first = timeWidth + 2
  const trailing = trailingWidth(rows, columns, titles, Math.floor(width * widestMargin))
  const needed = neededGaps(rows, columns)
  const gaps = squeeze(wantedGaps(rows, columns, titles), needed, width - first - 1 - trailing)
  const at = new Map<string, number>()
  let column = first
  for (const [index, node] of columns.entries()) {
    at.set(node, column)
    column += gaps[index] ?? 0
  }
  return { width, columns, at, margin: column + marginGap }
}

/** The width needed to the right of the last lifeline: for its effects, its title, and the notes. */
function trailingWidth(
  rows: readonly Row[],
  columns: readonly string[],
  titles: (node: string) => string,
  most: number,
): number {
  const last = columns.at(-1)
  const needs = rows.map((row) => {
    const own = ownText(row, last)
    const notes = piecesWidth(row.notes)
    return own > 0 ? own + (notes > 0 ? 2 + Math.min(notes, narrowestMargin) : 0) : notes + marginGap
  })
  const title = last === undefined ? 0 : widthOf(titles(last))
  return Math.min(most, Math.max(narrowestMargin, title, ...needs))
}

/** The width of the text that a row writes to the right of a lifeline. */
function ownText({ shape }: Row, node: string | undefined): number {
  if (shape.kind === 'point' && shape.node === node) return 2 + piecesWidth(shape.pieces)
  return shape.kind === 'arrow' && shape.to === node && shape.tail.length > 0 ? 2 + piecesWidth(shape.tail) : 0
}

/** The width of pieces side by side, with two spaces between them. */
export function piecesWidth(pieces: readonly Piece[]): number {
  return pieces.reduce((width, { text }) => width + widthOf(text), 0) + Math.max(0, pieces.length - 1) * 2
}

/** The wanted gap to the right of each column but the last. */
function wantedGaps(rows: readonly Row[], columns: readonly string[], titles: (node: string) => string): number[] {
  const gaps = columns.slice(0, -1).map((node) => Math.max(roomy, widthOf(titles(node)) + 2))
  for (const row of rows) {
    const [node] = nodesOf(row)
    const index = columns.indexOf(node ?? '')
    if (row.shape.kind === 'point') widen(gaps, index, index + 1, ownText(row, node) + 2)
    if (row.shape.kind === 'arrow') widenForArrow(gaps, columns, row.shape)
  }
  return gaps
}

function widenForArrow(gaps: number[], columns: readonly string[], { from, to, labels, tail, head }: Arrow): void {
  const [left = 0, right = 0] = [columns.indexOf(from), columns.indexOf(to)].sort((a, b) => a - b)
  widen(
    gaps,
    left,
    right,
    widthOf(labels[0]?.text ?? '') + arrowTrim + (head === 'leaves' || head === 'lands' ? dotsRoom : 0),
  )
  if (tail.length > 0 && to === columns[right]) widen(gaps, right, right + 1, 2 + piecesWidth(tail) + 2)
}

/** Widens the gaps between two columns until their sum is at least `needed`. */
function widen(gaps: number[], left: number, right: number, needed: number): void {
  if (left < 0 || right > gaps.length || right <= left) return
  const lacking = needed - gaps.slice(left, right).reduce((sum, gap) => sum + gap, 0)
  if (lacking > 0) gaps[left] = (gaps[left] ?? 0) + lacking
}

/** The gaps in which every arrow still has a label that tells its operation from others. */
function neededGaps(rows: readonly Row[], columns: readonly string[]): readonly number[] {
  const gaps = columns.slice(0, -1).map(() => narrowest)
  for (const { shape } of rows) {
    if (shape.kind !== 'arrow') continue
    const [left = 0, right = 0] = [columns.indexOf(shape.from), columns.indexOf(shape.to)].sort((a, b) => a - b)
    const clear = shape.labels.filter(({ isVague }) => isVague !== true)
    widen(gaps, left, right, Math.min(...clear.map(({ text }) => widthOf(text))) + arrowTrim)
  }
  return gaps
}

/** Narrows the widest gaps until all fit; those whose labels need their width come last. */
function squeeze(gaps: readonly number[], needed: readonly number[], room: number): readonly number[] {
  const squeezed = [...gaps]
  let excess = squeezed.reduce((sum, gap) => sum + gap, 0) - room
  for (const least of [needed, needed.map(() => narrowest)]) {
    while (excess > 0) {
      const spare = squeezed.map((gap, index) => (gap > (least[index] ?? narrowest) ? gap : 0))
      const widest = Math.max(...spare)
      if (widest <= narrowest) break
      squeezed[spare.lastIndexOf(widest)] = widest - 1
      excess -= 1
    }
  }
  return squeezed
}
