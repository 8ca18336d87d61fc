// The tolerance table for the terminal and as Markdown, of one system or of variants of it side by side. Knows only
// tables; prints nothing.
import { durationWords } from '../plain/time.ts'
import type { Service, ToleranceCell, ToleranceRow, ToleranceTable } from './table.ts'
import { conditions, listWords, percent } from './words.ts'

/** How a table is written. */
export interface FormatToleranceOptions {
  /** `text` for a terminal, `markdown` for a page or a pull request. @default 'text' */
  readonly as?: 'text' | 'markdown'
}

/**
 * Writes a table: a row for each kind of fault that had a place to strike, and in sentences what goes wrong under
 * which of them, or what it is paid with that nothing does. Of variants, by
 * their names, each kind has a row for each, so that what one gains and another pays stands side by side.
 *
 * @example console.log(formatTolerance(await toleranceOf(system)))
 * @example formatTolerance({ 'without retries': one, 'with retries': other }, { as: 'markdown' })
 */
export function formatTolerance(
  given: ToleranceTable | Readonly<Record<string, ToleranceTable>>,
  { as = 'text' }: FormatToleranceOptions = {},
): string {
  const tables = isTable(given) ? [['', given] as const] : Object.entries(given)
  const [first] = tables
  if (first === undefined)
    throw new Error('formatTolerance(): there is no table. Give { name: await toleranceOf(...) }.')
  const lines = linesOf(tables)
  const { invariants } = first[1]
  const heads = [...(isTable(given) ? ['fault'] : ['fault', 'variant']), ...letters(invariants), ...serviceHeads]
  const cells = lines.map(({ name, row }) => [
    row.fault,
    ...(isTable(given) ? [] : [name]),
    ...row.cells.map(cellWords),
    ...serviceWords(row.service),
  ])
  const legend = invariants.map((name, index) => `${letterOf(index)}  ${name}`)
  const sentences = tables.flatMap(([name, table]) => outcomesOf(name, table))
  const idle = idleWords(tables)
  return as === 'markdown'
    ? [
        ...legend.map((line) => `- ${line}`),
        '',
        ...markdownOf(heads, cells),
        '',
        ...sentences.map((line) => `- ${line}`),
        ...(idle === '' ? [] : ['', idle]),
        '',
      ].join('\n')
    : [...legend, '', ...columnsOf(heads, cells), '', ...sentences, ...(idle === '' ? [] : ['', idle])].join('\n')
}

const serviceHeads = ['answered ok', 'median', 'slowest', 'oldest data', 'settled after'] as const

function isTable(given: ToleranceTable | Readonly<Record<string, ToleranceTable>>): given is ToleranceTable {
  return Array.isArray((given as Partial<ToleranceTable>).rows)
}

interface ToldRow {
  readonly name: string
  readonly row: ToleranceRow
}

/** The rows of all variants, kind by kind. */
function linesOf(tables: readonly (readonly [string, ToleranceTable])[]): readonly ToldRow[] {
  const perfect = tables.map(([name, table]) => ({ name, row: table.perfect }))
  const faults = new Set(tables.flatMap(([, { rows }]) => rows.map(({ fault }) => fault)))
  const others = [...faults].flatMap((fault) =>
    tables.flatMap(([name, { rows }]) =>
      rows.filter((row) => row.fault === fault && row.fired > 0).map((row) => ({ name, row })),
    ),
  )
  return [...perfect, ...others]
}

/** What goes wrong and what does not, each with all that it is so under. */
function outcomesOf(name: string, { perfect, rows }: ToleranceTable): readonly string[] {
  const known = rows.filter(({ fired }) => fired > 0)
  const byOutcome = Map.groupBy(known, ({ outcome }) => outcome)
  const of = name === '' ? '' : `${name}: `
  const told = [...byOutcome].map(([outcome, all]) => {
    const under = all.flatMap(({ fault }) => (fault === 'none' ? [] : [conditions[fault]]))
    return `${of}Under ${listWords(under)} ${outcome}.`
  })
  return [`${of}${perfect.words}`, ...told]
}

/** The kinds of which no fault had a place to strike. */
function idleWords(tables: readonly (readonly [string, ToleranceTable])[]): string {
  return tables
    .flatMap(([name, { rows }]) => {
      const idle = rows.filter(({ fired }) => fired === 0).map(({ fault }) => fault)
      const of = name === '' ? '' : ` in ${name}`
      return idle.length === 0 ? [] : [`Not exercised${of}, since they had no place to strike: ${idle.join(', ')}.`]
    })
    .join('\n')
}

/** A column each: names of invariants are long. */
function letters(invariants: readonly string[]): readonly string[] {
  return invariants.map((_, index) => letterOf(index))
}

function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`
}

/** A cell in a few words. */
export function cellWords(cell: ToleranceCell): string {
  switch (cell.result) {
    case 'holds':
      return `holds (${cell.histories})`
    case 'violated': {
      const { faults, operations } = cell.smallest
      const needed = faults.length === 0 ? 'no fault' : plural(faults.length, 'fault')
      return `violated: ${needed}, ${plural(operations, 'operation')}`
    }
    default:
      return cell.result
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The figures of a row, in the order of their heads. */
export function serviceWords({ availability, ...times }: Service): readonly string[] {
  const { medianMs, slowestMs, oldestMs, settledMs } = times
  return [
    availability === undefined ? '' : percent(availability),
    ...[medianMs, slowestMs, oldestMs, settledMs].map((ms) => (ms === undefined ? '' : durationWords(Math.round(ms)))),
  ]
}

function columnsOf(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => (row[index] ?? '').length)))
  return [heads, ...rows].map((row) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function markdownOf(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)]
}
