// Blocks of a report: the heading, with the file on the right, and labelled lines. Knows only text.
import { clip, ink, printable, widthOf, wrap, type Tone } from './ink.ts'

/** How a report is written. */
export interface ReportOptions {
  /** Colours for a terminal. @default false */
  readonly colour?: boolean
  /** Columns of the terminal. @default 100 */
  readonly width?: number
}

/** The options with their defaults. */
export interface Paper {
  readonly colour: boolean
  readonly width: number
}

/** Below this width nothing useful can be printed. */
const narrowest = 60

export function paperOf({ colour = false, width = 100 }: ReportOptions = {}): Paper {
  return { colour, width: Math.max(narrowest, width) }
}

/** `x an order is charged once                checkout.test.ts:16`. */
export function heading(
  sign: 'x' | 'ok' | '?',
  test: string,
  file: string | undefined,
  { colour, width }: Paper,
): string {
  const right = printable(file ?? '')
  const left = clip(printable(test), width - sign.length - 1 - (right === '' ? 0 : widthOf(right) + 2))
  const space = right === '' ? '' : ' '.repeat(Math.max(2, width - sign.length - 1 - widthOf(left) - widthOf(right)))
  const mark = ink({ text: sign, tone: sign === 'ok' ? 'good' : 'bad' }, colour)
  return `${mark} ${ink({ text: left, tone: 'strong' }, colour)}${space}${ink({ text: right, tone: 'dim' }, colour)}`
}

/** A labelled entry of the block below the story. */
export interface Labelled {
  readonly label: string
  readonly text: string
  readonly tone?: Tone
  /** The text is meant to be copied, so it is never broken into lines. */
  readonly verbatim?: boolean
}

const labelWidth = 12

/** Labelled lines, wrapped with a hanging indent. A repeated label is shown only once. */
export function labelledLines(entries: readonly Labelled[], { colour, width }: Paper): readonly string[] {
  return entries.flatMap(({ label, text, tone = 'plain', verbatim = false }, index) => {
    const shown = entries[index - 1]?.label === label ? '' : label
    const lines = verbatim ? [printable(text)] : wrap(printable(text), width - labelWidth)
    return lines.map((line, number) =>
      (
        ink({ text: (number === 0 ? shown : '').padEnd(labelWidth), tone: 'dim' }, colour) +
        ink({ text: line, tone }, colour)
      ).trimEnd(),
    )
  })
}

/** A paragraph that uses the whole width. */
export function paragraph(text: string, tone: Tone, { colour, width }: Paper): readonly string[] {
  return wrap(printable(text), width).map((line) => ink({ text: line, tone }, colour))
}

/** Joins blocks with an empty line between them, and skips empty blocks. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}
