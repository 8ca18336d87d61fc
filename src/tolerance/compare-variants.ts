// Variants of a system side by side: the table of each, and what each gains and pays beside the first, since whoever
// absorbs one disappointment pays with another. Fills tables; knows nothing of how that is done.
import { foundWords, isRecord } from '../plain/options.ts'
import type { System } from '../system/system.ts'
import { toleranceOf, type ToleranceOptions } from './explore-tolerance.ts'
import type { ToleranceCell, ToleranceRow, ToleranceTable } from './table.ts'
import { worseFigures } from './worse.ts'

/** Several variants of one system. */
export interface VariantComparison {
  /** The table of each, by its name, in the order in which they were given. */
  readonly tables: Readonly<Record<string, ToleranceTable>>
  /** What each gains and pays beside the first. */
  readonly trades: readonly VariantTrade[]
}

/** What one variant gains and pays. */
export interface VariantTrade {
  readonly variant: string
  /** The first one. */
  readonly beside: string
  readonly gains: readonly VariantChange[]
  readonly pays: readonly VariantChange[]
}

/** One thing that is otherwise: an invariant, or a figure of how operations are served. */
export interface VariantChange {
  readonly fault: ToleranceRow['fault']
  /** `exactlyOnce(pay, charge)`, `answered ok`, `slowest`. */
  readonly what: string
  /** In the first variant: `holds`, `80 ms`. */
  readonly from: string
  /** In this one: `violated`, `5.08 s`. */
  readonly to: string
  /** How much, of one unit for equal `what`: a share, or milliseconds; 1 for an invariant. */
  readonly by: number
}

/**
 * Fills the tolerance table of each variant of a system (with and without retries, a time limit, a breaker), and says
 * what each of them gains and pays beside the first. A figure counts as otherwise from a percentage point on, a time
 * from a tenth and 100 ms on. The same seed and number of random histories for all.
 *
 * @throws where a variant does not work without faults, or there are fewer than two
 * @example
 * const compared = await compareVariants({ 'no retries': checkout(), retries: checkout({ retries: 3 }) })
 * console.log(formatComparison(compared))
 */
export async function compareVariants(
  variants: Readonly<Record<string, System>>,
  options: ToleranceOptions = {},
): Promise<VariantComparison> {
  const names = isRecord(variants) ? Object.keys(variants) : []
  if (names.length < 2)
    throw new Error(
      `compareVariants(): variants is ${isRecord(variants) ? `of ${names.length}` : foundWords(variants)}; give at ` +
        "least two systems by their names: { 'without retries': ..., 'with retries': ... }.",
    )
  const tables: Record<string, ToleranceTable> = {}
  for (const [name, system] of Object.entries(variants)) tables[name] = await toleranceOf(system, options)
  const [[beside, first], ...others] = Object.entries(tables) as [
    [string, ToleranceTable],
    ...[string, ToleranceTable][],
  ]
  return {
    tables,
    trades: others.map(([variant, table]) => ({ variant, beside, ...tradeOf(first, table) })),
  }
}

function tradeOf(first: ToleranceTable, other: ToleranceTable): Pick<VariantTrade, 'gains' | 'pays'> {
  const rows = new Map([other.perfect, ...other.rows].map((row) => [row.fault, row]))
  const pairs = [first.perfect, ...first.rows].flatMap((row): (readonly [ToleranceRow, ToleranceRow])[] => {
    const found = rows.get(row.fault)
    const isKnown = found !== undefined && (row.fault === 'none' || (row.fired > 0 && found.fired > 0))
    return isKnown ? [[row, found]] : []
  })
  const changes = pairs.flatMap(([row, found]) => [
    ...first.invariants.flatMap((what, index) =>
      cellChange(row.fault, what, row.cells[index], found.cells[other.invariants.indexOf(what)]),
    ),
    ...worseFigures(row.service, found.service).map(({ what, was, is, by }) => ({
      isGain: false,
      change: { fault: row.fault, what, from: was, to: is, by },
    })),
    ...worseFigures(found.service, row.service).map(({ what, was, is, by }) => ({
      isGain: true,
      change: { fault: row.fault, what, from: is, to: was, by },
    })),
  ])
  const of = (isWanted: boolean): readonly VariantChange[] =>
    changes.flatMap(({ isGain, change }) => (isGain === isWanted ? [change] : []))
  return { gains: of(true), pays: of(false) }
}

const badness: Readonly<Record<ToleranceCell['result'], number>> = {
  holds: 0,
  'not exercised': 0,
  undecided: 1,
  violated: 2,
}

interface FoundChange {
  readonly isGain: boolean
  readonly change: VariantChange
}

/** What has no place to strike any more is no gain; what was not exercised and is violated now is paid. */
function cellChange(
  fault: ToleranceRow['fault'],
  what: string,
  before: ToleranceCell | undefined,
  now: ToleranceCell | undefined,
): readonly FoundChange[] {
  const [from, to] = [before?.result, now?.result]
  if (from === undefined || to === undefined || from === to) return []
  if (badness[from] === badness[to] || to === 'not exercised') return []
  const isGain = badness[to] < badness[from]
  return [{ isGain, change: { fault, what, from, to, by: 1 } }]
}
