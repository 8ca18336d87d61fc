// Draws rows on a page: lifelines, arrows, effects, notes in the margin. Must not know histories.
import { clip, newLine, widthOf, type Line, type Piece, type Tone } from './ink.ts'
import type { Page } from './page.ts'
import type { Arrow, Label, Point, Row, Rule } from './row.ts'
import { clockWords } from '../plain/time.ts'

/** The page, the titles of columns, and the nodes that are down. */
interface Drawing {
  readonly page: Page
  readonly title: (node: string) => string
  readonly down: ReadonlySet<string>
}

/** The lines of a story. */
export function drawRows(
  rows: readonly Row[],
  page: Page,
  title: (node: string) => string,
  colour: boolean,
): readonly string[] {
  const down = new Set<string>()
  const lines = [headline(page, title)]
  for (const row of rows) {
    const { shape } = row
    if (shape.kind === 'point' && shape.sign === 'o') down.delete(shape.node)
    lines.push(...drawRow(row, { page, title, down }))
    if (shape.kind === 'point' && shape.sign === 'X') down.add(shape.node)
  }
  return lines.map((line) => line.render(colour))
}

function headline(page: Page, title: (node: string) => string): Line {
  const line = newLine()
  line.put(firstColumn(page) - 2 - 'seconds'.length, { text: 'seconds', tone: 'dim' })
  for (const [index, node] of page.columns.entries()) {
    const here = columnOf(page, node)
    const next = page.at.get(page.columns[index + 1] ?? '') ?? page.width + 1
    line.put(here, { text: clip(title(node), next - here - 1), tone: 'strong' })
  }
  return line
}

function firstColumn(page: Page): number {
  return columnOf(page, page.columns[0] ?? '')
}

function columnOf({ at, margin }: Page, node: string): number {
  return at.get(node) ?? margin
}

function drawRow(row: Row, drawing: Drawing): readonly Line[] {
  const { page } = drawing
  if (row.shape.kind === 'rule') return [ruleLine(row.shape, row, page)]
  const line = lifelines(drawing)
  line.put(0, { text: clockWords(row.atMs).padStart(firstColumn(page) - 2), tone: 'dim' })
  const left =
    row.shape.kind === 'arrow' ? drawArrow(line, row.shape, row.notes, page) : drawPoint(line, row.shape, page)
  const lines = drawNotes(line, pointersFirst([...left, ...row.notes]), drawing)
  drawCode(line, row, page)
  return lines
}

/** Writes the line of code at the right edge, if there is room and no note names it. */
function drawCode(line: Line, { line: text, notes }: Row, { width }: Page): void {
  if (text === undefined || notes.some((note) => note.text.includes(text))) return
  const at = width - widthOf(text)
  if (at >= line.end() + 2) line.put(at, { text, tone: 'dim' })
}

/** A pointer has to be on the same line as its event. */
function pointersFirst(notes: readonly Piece[]): readonly Piece[] {
  return [...notes.filter(({ points }) => points === true), ...notes.filter(({ points }) => points !== true)]
}

/** A line with a text across all columns, and its time, or dots if it stands for a stretch of time. */
function ruleLine({ text, stretch }: Rule, { atMs, notes }: Row, page: Page): Line {
  const line = newLine()
  const column = firstColumn(page)
  line.put(0, { text: (stretch ? '...' : clockWords(atMs)).padStart(column - 2), tone: 'dim' })
  const pointers = notes.filter(({ points }) => points === true)
  const room = page.width - column - pointers.reduce((width, pointer) => width + 2 + widthOf(pointer.text), 0)
  line.put(column, { text: clip(text, room), tone: 'dim' })
  for (const pointer of pointers) line.put(line.end() + 2, pointer)
  return line
}

function lifelines({ page, down }: Drawing): Line {
  const line = newLine()
  for (const node of page.columns) line.put(columnOf(page, node), { text: down.has(node) ? ' ' : '|', tone: 'dim' })
  return line
}

/** Returns the pieces for which there was no room. */
function drawPoint(line: Line, { node, sign, pieces }: Point, page: Page): readonly Piece[] {
  const column = columnOf(page, node)
  line.put(column, { text: sign, tone: signTones[sign] })
  return putPieces(line, column + 2, pieces, page.width)
}

const signTones: Readonly<Record<Point['sign'], Tone>> = {
  '*': 'effect',
  X: 'bad',
  '!': 'bad',
  o: 'good',
  '?': 'plain',
  '.': 'dim',
}

/** Writes the pieces for which there is room, at least part of the first, and returns the others. */
function putPieces(line: Line, column: number, pieces: readonly Piece[], width: number): readonly Piece[] {
  let at = column
  for (const [index, { text, tone }] of pieces.entries()) {
    if (index > 0 && at + widthOf(text) > width) return pieces.slice(index)
    const shown = clip(text, width - at)
    line.put(at, { text: `${shown}  `.slice(0, Math.max(0, width - at)), tone })
    at += widthOf(shown) + 2
  }
  return []
}

/** `notes`: they may say the key already. */
function drawArrow(line: Line, arrow: Arrow, notes: readonly Piece[], page: Page): readonly Piece[] {
  const from = columnOf(page, arrow.from)
  const to = columnOf(page, arrow.to)
  const start = Math.min(from, to)
  const length = Math.abs(to - from) - 1
  if (length < 1)
    return putPieces(line, start + 2, [plain(`to itself: ${arrow.labels[0]?.text ?? ''}`), ...arrow.tail], page.width)
  if (from < to) putShaft(line, start + 1, rightwards(arrow, length))
  else putShaft(line, start + 1, [...rightwards(arrow, length)].reverse().map(mirrored))
  if (arrow.head === 'writes') line.put(to, { text: '*', tone: 'effect' })
  const left = putPieces(line, to + 2, arrow.tail, page.width)
  const { key, aside } = labelFor(arrow, length)
  const isSaid = notes.some(({ text }) => key !== undefined && text.includes(key))
  const rest = [isSaid ? undefined : key, aside].filter((words) => words !== undefined).join(' ')
  return rest === '' ? left : [...left, plain(rest)]
}

/** Writes the pieces of an arrow's shaft side by side. Lifelines show through spaces. */
function putShaft(line: Line, column: number, pieces: readonly Piece[]): void {
  let at = column
  for (const piece of pieces) {
    if (piece.text.trim() !== '') line.put(at, piece)
    at += widthOf(piece.text)
  }
}

function mirrored({ text, tone }: Piece): Piece {
  return { text: text === '>' ? '<' : text, tone }
}

/** The shaft of an arrow from left to right: one or two dashes, the label, more dashes, the head. */
function rightwards(arrow: Arrow, length: number): readonly Piece[] {
  const { head } = arrow
  const { lead, label } = labelFor(arrow, length)
  const rest = Math.max(0, length - 1 - lead.length - widthOf(label))
  const start = [plain(lead), plain(label)]
  switch (head) {
    case 'arrives':
    case 'writes':
      return [...start, plain('-'.repeat(rest)), plain('>')]
    case 'refused':
      return [...start, plain('-'.repeat(rest)), { text: 'x', tone: 'bad' }]
    case 'dropped':
      return [...start, ...brokenOff(rest, Math.round(length * 0.25))]
    case 'leaves':
      return [...start, dots(rest), plain(' ')]
    case 'lands':
      return [dots(rest), plain(label), plain(lead), plain('>')]
    default:
      return head satisfies never
  }
}

function plain(text: string): Piece {
  return { text, tone: 'plain' }
}

/** A label as it is drawn. */
interface FittedLabel extends Pick<Label, 'aside' | 'key'> {
  readonly lead: string
  readonly label: string
}

/**
 * The best label that fits: with spaces around it, otherwise without spaces, otherwise the shortest one, cut. A vague
 * one only where no other fits even without spaces.
 */
function labelFor({ labels }: Arrow, length: number): FittedLabel {
  const clear = labels.filter(({ isVague }) => isVague !== true)
  for (const candidates of [clear, labels]) {
    const roomy = candidates.find(({ text }) => widthOf(text) <= length - 6)
    if (roomy !== undefined) return { ...roomy, lead: '--', label: roomy.text === '' ? '' : ` ${roomy.text} ` }
    const tight = candidates.find(({ text }) => widthOf(text) <= length - 3)
    if (tight !== undefined) return { ...tight, lead: '-', label: tight.text }
  }
  const last = labels.at(-1) ?? { text: '' }
  return { ...last, lead: '-', label: clip(last.text, length - 3) }
}

/** The way that a lost message went, and the rest, which stays empty. */
function brokenOff(rest: number, missing: number): readonly Piece[] {
  const way = Math.max(Math.min(1, rest), rest - Math.max(3, missing))
  return [plain('-'.repeat(way)), { text: 'x', tone: 'bad' }, plain(' '.repeat(rest - way))]
}

function dots(columns: number): Piece {
  return { text: '. '.repeat(Math.ceil(columns / 2)).slice(0, columns), tone: 'dim' }
}

/** Writes notes into the right margin, and goes on in further lines. A note that fits into one line is not broken. */
function drawNotes(first: Line, notes: readonly Piece[], drawing: Drawing): readonly Line[] {
  const { page } = drawing
  const lines = [first]
  let line = first
  let at = Math.max(page.margin, first.end() + 2)
  const makeRoom = (columns: number): void => {
    if (at + columns <= page.width) return
    line = lifelines(drawing)
    lines.push(line)
    at = page.margin
  }
  for (const { text, tone } of notes) {
    if (widthOf(text) <= page.width - page.margin) makeRoom(widthOf(text))
    for (const word of clip(text, longestNote).split(' ')) {
      makeRoom(widthOf(word))
      line.put(at, { text: clip(word, page.width - at), tone })
      at += widthOf(word) + 1
    }
    at += 1
  }
  return lines
}

const longestNote = 260
