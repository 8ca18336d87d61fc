// Ink: text on a terminal. Tones, visible width, clipping, wrapping, and one line that is written piece by piece.
// Knows nothing of what is written.
import { styleText } from 'node:util'

/** What a piece of text is for; decides its colour. */
export type Tone = 'plain' | 'dim' | 'bad' | 'good' | 'effect' | 'strong'

/** A piece of text with its tone. */
export interface Piece {
  readonly text: string
  readonly tone: Tone
  /** It points at what contradicts. @default it does not */
  readonly points?: true
}

const styles = { dim: 'dim', bad: 'red', good: 'green', effect: 'yellow', strong: 'bold' } as const

/** Text in its colour; as it is without colour. */
export function ink({ text, tone }: Piece, colour: boolean): string {
  if (!colour || tone === 'plain' || text.trim() === '') return text
  return styleText(styles[tone], text, { validateStream: false }) // whether to use colour was decided by the caller
}

/**
 * Text that cannot disturb the terminal: generated values hold line breaks and escapes. They are shown, not taken out
 * as `stripVTControlCharacters` does: they may be the cause of the failure.
 */
export function printable(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are the characters to take out
    /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFEFF\uD800-\uDFFF]/gu,
    (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * How many columns a character takes. Ours, since the package has no dependencies beside its peers: string-width would
 * bring four packages (57 kB) and take 23 µs for a line of 50 characters instead of 1 µs. It knows emoji made of
 * several characters (flags, families), which are too wide here.
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

/** Text cut to a width, with an ellipsis where something was cut. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return width < 1 ? '' : `${head(text, width - 1).trimEnd()}…`
}

/** As much of a text as a width holds. */
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

/** Text in lines of a width, broken between words; a longer word is cut into pieces. */
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

/** One line, written piece by piece at any place; later pieces cover earlier ones. */
export interface Line {
  /** Where the text ends. */
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

/** Neighbours of one tone, joined. */
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
