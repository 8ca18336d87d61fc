// tolerance: a table that is committed beside the code, and that may not get worse. Reads and writes its file; what is
// worse, worse.ts says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { foundWords, isRecord } from '../plain/options.ts'
import { formatFailure } from '../report/format-failure.ts'
import type { System } from '../system/system.ts'
import { withTolerance, type FilledTolerance, type ToleranceOptions } from './explore-tolerance.ts'
import type { ToleranceRow, ToleranceTable } from './table.ts'
import { worseThan, type Worse } from './worse.ts'

/** How a committed table is kept. */
export interface CommittedTolerance extends ToleranceOptions {
  /** The file of the table, as a path or a `file:` URL: `new URL('./checkout.tolerance.json', import.meta.url)`. */
  readonly file: string | URL
}

/** What a worse table throws: its message has each row as it was and as it is, and a story. */
export interface ToleranceError extends Error {
  readonly table: ToleranceTable
  readonly worse: readonly Worse[]
}

/** Set to `update`, the table is written anew, also where it is worse. */
const variable = 'TWO_GENERALS_TOLERANCE'

/** Of how many things that are worse the story is told. */
const mostStories = 1

/**
 * Fills the tolerance table of a system and compares it with the one that is committed in `file`. Where no row is worse
 * it returns the table; a table that is better stays as it is until `TWO_GENERALS_TOLERANCE=update` is set. Where there
 * is no file yet it is written, but not in CI (where `CI` is set).
 *
 * Worse is: an invariant that held and does not, one that is violated and was not known to be, a kind of fault that is
 * tried no more, an availability that fell by a percentage point, a time that is longer by a tenth and by 100 ms.
 *
 * @throws ToleranceError where a row is worse; an Error where the file is no such table, or is missing in CI
 * @example
 * test('the checkout absorbs what it did', async () => {
 *   await tolerance(system, { file: new URL('./checkout.tolerance.json', import.meta.url) })
 * })
 */
export async function tolerance(system: System, options: CommittedTolerance): Promise<ToleranceTable> {
  const { file, ...others } = isRecord(options) ? options : ({} as Partial<CommittedTolerance>)
  if (!(typeof file === 'string' && file !== '') && !(file instanceof URL))
    throw new Error(
      `tolerance(): file is ${foundWords(file)}; give where the table is kept: ` +
        "new URL('./checkout.tolerance.json', import.meta.url).",
    )
  const path = file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file
  const isNew = !existsSync(path)
  const isUpdated = process.env[variable] === 'update'
  const before = isNew ? undefined : tableIn(path)
  if (isNew && !isUpdated && (process.env['CI'] ?? '') !== '')
    throw new Error(`tolerance(): there is no ${shown(path)}. Run the test once outside CI, and commit what it writes.`)
  return withTolerance(system, others, async (filled) => {
    const { table } = filled
    if (before === undefined || isUpdated) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, writtenTable(table))
      return table
    }
    const worse = worseThan(before, table)
    if (worse.length > 0) throw await worseError(path, filled, worse)
    return table
  })
}

/** @throws where the file holds something else; it is left alone */
function tableIn(path: string): ToleranceTable {
  const broken = (found: string): Error =>
    new Error(
      `tolerance(): ${shown(path)} is no tolerance table: ${found}. Restore it, or delete it and run the test once ` +
        'to write it anew.',
    )
  let found: unknown
  try {
    found = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw Object.assign(broken(error instanceof Error ? error.message : String(error)), { cause: error })
  }
  if (!isRecord(found)) throw broken(`it holds ${foundWords(found)}`)
  const { version, invariants, perfect, rows } = found
  if (version !== 1) throw broken(`its version is ${foundWords(version)}, and this package reads version 1`)
  if (!Array.isArray(invariants) || !isRow(perfect) || !Array.isArray(rows) || !rows.every(isRow))
    throw broken('invariants, perfect or rows are missing')
  return { invariants, perfect, rows } // as it was written; checked as far as it is read
}

function isRow(value: unknown): value is ToleranceRow {
  return (
    isRecord(value) && typeof value['fault'] === 'string' && Array.isArray(value['cells']) && isRecord(value['service'])
  )
}

/** A line each row: a change of one is a change of one line. */
function writtenTable({ invariants, perfect, rows }: ToleranceTable): string {
  return [
    '{',
    '  "version": 1,',
    `  "invariants": ${JSON.stringify(invariants)},`,
    `  "perfect": ${JSON.stringify(perfect)},`,
    '  "rows": [',
    rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n'),
    '  ]',
    '}',
    '',
  ].join('\n')
}

async function worseError(path: string, filled: FilledTolerance, worse: readonly Worse[]): Promise<ToleranceError> {
  const { table } = filled
  const byFault = Map.groupBy(worse, ({ fault }) => fault)
  const rows = [...byFault].map(([fault, all]) => rowsText(fault, all))
  const stories: string[] = []
  for (const { fault, invariant, now } of worse) {
    if (invariant === undefined || stories.length === mostStories) continue
    const counterexample = await filled.explain(fault, invariant)
    if (counterexample === undefined) continue
    const { singles = 0, random = 0, fired = 0 } = now ?? {}
    const test = `${invariant} under ${fault}`
    const explored = {
      saved: 0,
      perfect: { run: table.perfect.singles + table.perfect.random, violated: 0 },
      singles: { run: singles, total: singles, violated: 0 },
      swarm: { run: random, violated: 0 },
      shrink: 0,
      fired: fault === 'none' ? {} : { [fault]: fired },
      allowed: table.rows.flatMap((row) => (row.fault === 'none' ? [] : [row.fault])),
      seed: counterexample.scenario.seed,
    }
    stories.push(formatFailure({ test, counterexample, explored, folded: [] }))
  }
  const head = `The system tolerates less than ${shown(path)} says. Mend it, or accept the table: ${variable}=update.`
  const error = new Error([head, ...rows, ...stories].join('\n\n'))
  error.name = 'ToleranceError'
  return Object.assign(error, { table, worse })
}

/** Both rows of one kind of fault, and what is worse in them. */
function rowsText(fault: ToleranceRow['fault'], worse: readonly Worse[]): string {
  const [first] = worse
  const lines = worse.map(({ words }) => `  ${words}`)
  const was = first === undefined ? '' : `  before: ${first.before.words}`
  const is = first?.now === undefined ? '  now: nothing' : `  now:    ${first.now.words}`
  return [fault, ...lines, was, is].join('\n')
}

function shown(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') ? path : inside
}
