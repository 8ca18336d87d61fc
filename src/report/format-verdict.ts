// The report of a test that fails although no violation was found: an invariant was always vacuous, an invariant could
// not be decided, or a named fault never fired. Says which, why, and what to do.
import { isToldAlone } from './exploration-remarks.ts'
import type { Folded } from '../verdict/explored.ts'
import { heading, joinBlocks, labelledLines, paperOf, paragraph, type Paper, type ReportOptions } from './block.ts'
import { historiesOf, plural } from './explored-words.ts'
import { resultEntries, type Result } from './format-holds.ts'

/** The result of a test that shows nothing. */
export interface Inconclusive extends Result {
  /** What the test names in `tolerates` and never fired: `crash`, `pause of worker`. */
  readonly missed?: readonly string[]
  /** Why single faults were left, in a sentence. @default none were */
  readonly unfinished?: string
}

/**
 * Formats a test that fails because it shows nothing: which invariant is vacuous or unknown, why, and what to do.
 *
 * @example console.error(formatVerdict({ test: 'an order is charged once', explored, folded }))
 */
export function formatVerdict(result: Inconclusive, options: ReportOptions = {}): string {
  const paper = paperOf(options)
  return joinBlocks([
    [heading('x', result.test, result.file, paper)],
    ...(result.unfinished === undefined ? [] : [paragraph(result.unfinished, 'bad', paper)]),
    ...result.folded.map((one) => doubt(one, result.remarks ?? [], paper)),
    missedWords(result.missed ?? [], paper),
    labelledLines(resultEntries(result, 'no violation'), paper),
  ])
}

function doubt(one: Folded, remarks: readonly string[], paper: Paper): readonly string[] {
  if (one.kind !== 'vacuous' && one.kind !== 'unknown') return []
  const because = one.because === undefined ? [] : paragraph(`Because: ${one.because}`, 'plain', paper)
  const todo = one.kind === 'vacuous' ? vacuousTodo : unknownTodo + (remarks.some(isToldAlone) ? busyTold : busyTodo)
  return [...paragraph(doubtWords(one), 'bad', paper), ...because, ...paragraph(todo, 'plain', paper)]
}

function doubtWords(one: Folded): string {
  const all = historiesOf(one)
  if (one.kind === 'vacuous')
    return (
      `${one.invariant} had nothing to look at in any of ${plural(all, 'history', 'histories')}: the test shows ` +
      'nothing.'
    )
  return (
    `${one.invariant} could not be decided in ${one.counts.unknown} of ${plural(all, 'history', 'histories')}, ` +
    'which never counts as "holds".'
  )
}

const vacuousTodo =
  'Check that the operation reaches the handler and is answered 2xx, that the effect names what the handler ' +
  'really does (method and url, table, journal), and that both are keyed alike.'

const unknownTodo =
  'If the checker threw an error, fix its cause. If it ran out of budget, make histories smaller (maxOperations) or ' +
  'the budget larger. If a history was stopped at a bound, '

const busyTodo = 'raise recoverForMs, or find out what keeps the system busy.'
const busyTold = 'see below what keeps the system busy on a perfect network.'

function missedWords(missed: readonly string[], paper: Paper): readonly string[] {
  if (missed.length === 0) return []
  return [
    ...paragraph(
      `Never fired, though the test names ${missed.length === 1 ? 'it' : 'them'} in \`tolerates\`: ` +
        `${missed.join(', ')}. What was not tried is not tolerated.`,
      'bad',
      paper,
    ),
    ...paragraph(
      'Raise numRuns, make operations that reach such a place (see what each needs below), or drop the kind.',
      'plain',
      paper,
    ),
  ]
}
