// Variants side by side, for the terminal and as Markdown: first what each gains and pays, then the tables. Knows only
// data; prints nothing.
import type { VariantChange, VariantComparison, VariantTrade } from './compare-variants.ts'
import { formatTolerance, type FormatToleranceOptions } from './format-tolerance.ts'
import { conditions, listWords } from './words.ts'

/**
 * Writes a comparison: of each variant what it gains and what it pays beside the first, and then all tables.
 *
 * @example console.log(formatComparison(await compareVariants({ waiting, 'with a time limit': limited })))
 */
export function formatComparison(
  { tables, trades }: VariantComparison,
  { as = 'text' }: FormatToleranceOptions = {},
): string {
  const written = trades.flatMap((trade) => (as === 'markdown' ? markdownOf(trade) : textOf(trade)))
  return [...written, formatTolerance(tables, { as })].join('\n')
}

function textOf({ variant, beside, gains, pays }: VariantTrade): readonly string[] {
  const side = (title: string, changes: readonly VariantChange[]): readonly string[] =>
    wordsOf(changes).map((words, index) => `  ${(index === 0 ? title : '').padEnd(5)}  ${words}`)
  return [`${variant}, beside ${beside}`, ...side('gains', gains), ...side('pays', pays), '']
}

function markdownOf({ variant, beside, gains, pays }: VariantTrade): readonly string[] {
  const side = (title: string, changes: readonly VariantChange[]): readonly string[] =>
    wordsOf(changes).map((words) => `- ${title} ${words}`)
  return [`**${variant}**, beside ${beside}`, '', ...side('gains', gains), ...side('pays', pays), '']
}

/** One line for each thing that is otherwise, with all that it is so under; of a figure the largest step. */
function wordsOf(changes: readonly VariantChange[]): readonly string[] {
  if (changes.length === 0) return ['nothing']
  const byThing = Map.groupBy(changes, ({ what, from, to }) => (isFigure(what) ? what : `${what} ${from} ${to}`))
  return [...byThing.values()].map((all) => {
    const [largest] = all.toSorted((a, b) => b.by - a.by)
    const { what = '', from = '', to = '' } = largest ?? {}
    const under = all.map(({ fault }) => (fault === 'none' ? 'no fault' : conditions[fault]))
    return `${what}: ${all.length > 1 && isFigure(what) ? 'up to ' : ''}${from} -> ${to} under ${listWords(under)}`
  })
}

function isFigure(what: string): boolean {
  return figures.has(what)
}

const figures: ReadonlySet<string> = new Set(['answered ok', 'median', 'slowest', 'oldest data', 'settled after'])
