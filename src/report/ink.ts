// Text on a terminal: tones, visible width, clipping, wrapping, and a line that is written piece by piece. Knows
// nothing of the contents.
import { styleText } from 'node:util'

/** The purpose of a piece of text, which decides its colour. */
export type Tone = 'plain' | 'dim' | 'bad' | 'good' | 'effect' | 'strong'

/** A piece of text with its tone. */
export interface Piece {
  readonly text: string
  readonly tone: Tone
  /** The piece points at an event that contradicts others. @default it does not */
  readonly points?: true
}

const styles = { dim: 'dim', bad: 'red', good: 'green', effect: 'yellow', strong: 'bold' } as const

/** The text in its colour; unchanged without colour. */
export function ink({ text, tone }: Piece, colour: boolean): string {
  if (!colour || tone === 'plain' || text.trim() === '') return text
  return styleText(styles[tone], text, { validateStream: false }) // the caller decides whether to use colour
}

/**
 * Text that cannot disturb the terminal. Generated values contain line breaks and escape characters. These are shown as
 * escapes rather than removed (as `stripVTControlCharacters` does), since they may be the cause of the failure.
 */
export function printable(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are the characters to escape
    /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFEFF\uD800-\uDFFF]/gu,
    (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * How many columns a character takes. Not from a package, since this one has no dependencies besides its peers:
 * string-width would bring four packages (57 kB) and take 23 µs for a line of 50 characters instead of 1 µs. But it
 * knows emoji made of several characters (flags, families), which count as too wide here.
 */
function columnsOf(character: string): number {
  if (character <= '~') return 1
  if (/\p{Mark}|[\u200B-\u200D]/u.test(character)) return 0
  return wide.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1
}

/** Scripts whose characters fill two columns. */
const wide = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/

/** How many columns text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** Cuts text to a width, and puts an ellipsis where it was cut. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return width < 1 ? '' : `${head(text, width - 1).trimEnd()}…`
}

/** The beginning of a text that fits into a width. */
function head(text: string, width: number): string {
  let kept = ''
  let used = 0
  for (const character of text) {
    used += columnsOf(character)
    if (used > width) break
    kept += character
  }
  return kept
}

/** Breaks text into lines of a width, between words; a longer word is cut into pieces. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (widthOf(line) > width) {
      const piece = head(line, width)
      lines.push(piece)
      line = line.slice(piece.length)
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** A line that is written piece by piece, at any column; later pieces cover earlier ones. */
export interface Line {
  /** The column where the text ends. */
  readonly end: () => number
  readonly put: (column: number, piece: Piece) => void
  readonly render: (colour: boolean) => string
}

export function newLine(): Line {
  const cells: Piece[] = []
  return {
    end: () => cells.length,
    put(column, { text, tone }) {
      while (cells.length < column) cells.push({ text: ' ', tone: 'plain' })
      let at = column
      for (const character of text) {
        const columns = columnsOf(character)
        if (columns === 0) continue
        cells[at] = { text: character, tone }
        if (columns === 2) cells[at + 1] = { text: '', tone }
        at += columns
      }
    },
    render: (colour) =>
      runsOf(cells)
        .map((run) => ink(run, colour))
        .join('')
        .trimEnd(),
  }
}

/** Joins neighbouring pieces of the same tone. */
function runsOf(cells: readonly Piece[]): readonly Piece[] {
  const runs: Piece[] = []
  for (const cell of cells) {
    const last = runs.at(-1)
    if (last !== undefined && last.tone === cell.tone)
      runs[runs.length - 1] = { text: last.text + cell.text, tone: cell.tone }
    else runs.push(cell)
  }
  return runs
}
