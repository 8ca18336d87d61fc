// What of a table is worse than another one of the same system: cells that held and do not any more, rows that are
// gone, operations that are served worse. Pure.
import type { Service, ToleranceCell, ToleranceRow, ToleranceTable } from './table.ts'
import { cellWords, serviceWords } from './format-tolerance.ts'
import { percent } from './words.ts'

/** One thing that is worse. */
export interface Worse {
  readonly fault: ToleranceRow['fault']
  /** What is worse, in words. */
  readonly words: string
  readonly before: ToleranceRow
  /** Undefined where the row is gone. */
  readonly now: ToleranceRow | undefined
  /** The invariant that does not hold any more. */
  readonly invariant?: string
}

/** A share may fall by so much, and a time grow by so much, before that counts: each edit moves them a little. */
const slack = { share: 0.01, times: 1.1, ms: 100 } as const

/** All that is worse now, row by row. */
export function worseThan(before: ToleranceTable, now: ToleranceTable): readonly Worse[] {
  const rows = new Map([now.perfect, ...now.rows].map((row) => [row.fault, row]))
  return [before.perfect, ...before.rows].flatMap((row) => {
    const other = rows.get(row.fault)
    if (other !== undefined) return worseRow(before, row, now, other)
    return row.fired === 0 ? [] : [{ fault: row.fault, words: 'it is tried no more', before: row, now: other }]
  })
}

function worseRow(
  { invariants }: ToleranceTable,
  before: ToleranceRow,
  { invariants: judged }: ToleranceTable,
  now: ToleranceRow,
): readonly Worse[] {
  const { fault } = before
  const cells = [...new Set([...invariants, ...judged])].flatMap((invariant): readonly Worse[] => {
    const was = before.cells[invariants.indexOf(invariant)]
    const is = now.cells[judged.indexOf(invariant)]
    const words = worseCell(invariant, was, is)
    return words === undefined ? [] : [{ fault, words, before, now, invariant }]
  })
  return [...cells, ...worseService(before.service, now.service).map((words) => ({ fault, words, before, now }))]
}

/** What was never exercised may be found wrong, and what is new must hold. */
function worseCell(
  invariant: string,
  was: ToleranceCell | undefined,
  is: ToleranceCell | undefined,
): string | undefined {
  if (is === undefined) return was?.result === 'holds' ? `${invariant} held, and is judged no more` : undefined
  const isWorse =
    was?.result === 'holds' ? is.result !== 'holds' : is.result === 'violated' && was?.result !== 'violated'
  return isWorse ? `${invariant}: ${was === undefined ? 'new' : cellWords(was)} -> ${cellWords(is)}` : undefined
}

function worseService(was: Service, is: Service): readonly string[] {
  return worseFigures(was, is).map((figure) => `${figure.what}: ${figure.was} -> ${figure.is}`)
}

/** A figure of how operations are served, which is worse: `slowest`, `80 ms`, `5.08 s`. `by`: how much, for sorting. */
export interface WorseFigure {
  readonly what: string
  readonly was: string
  readonly is: string
  readonly by: number
}

/** The figures that are worse in the second one. */
export function worseFigures(was: Service, is: Service): readonly WorseFigure[] {
  const share = (was.availability ?? 0) - (is.availability ?? 1)
  const [before, now] = [serviceWords(was), serviceWords(is)]
  const fell =
    share >= slack.share
      ? [{ what: 'answered ok', was: percent(was.availability ?? 0), is: percent(is.availability ?? 0), by: share }]
      : []
  const names = ['median', 'slowest', 'oldest data', 'settled after'] as const
  const times = (['medianMs', 'slowestMs', 'oldestMs', 'settledMs'] as const).flatMap((name, index) => {
    const [from, to] = [was[name], is[name]]
    if (from === undefined || to === undefined || to < from * slack.times || to < from + slack.ms) return []
    return [{ what: names[index] ?? '', was: before[index + 1] ?? '', is: now[index + 1] ?? '', by: to - from }]
  })
  return [...fell, ...times]
}
