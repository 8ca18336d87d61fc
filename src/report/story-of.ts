// The story of a history: a sequence diagram over virtual time. Rows are made, weighed, condensed, placed and drawn.
import type { History } from '../history/history.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Reason } from '../verdict/reason.ts'
import { addressId } from '../scenario/address-text.ts'
import { describeLate } from '../scenario/late-change.ts'
import { faultId, orderOf } from '../scenario/plan.ts'
import { condense, leaveOut, type Telling } from './condense.ts'
import { describeFault } from '../scenario/fault/registry.ts'
import { drawRows } from './draw-rows.ts'
import { isClient, namesOf, type Names } from './names.ts'
import { columnsThatFit, layOut } from './page.ts'
import { columnsOf, withoutLooseEnds } from './places.ts'
import { nodesOf, without, type Arrow, type Row } from './row.ts'
import { rowsOf } from './rows.ts'
import { clockWords } from '../plain/time.ts'
import { trailOf } from './trail.ts'
import { weigh } from './weigh.ts'

export interface StoryOptions {
  /** Colours for a terminal. @default false */
  readonly colour?: boolean
  /** Columns of the terminal. @default 100 */
  readonly width?: number
  /**
   * What was violated. The story points at its events, and they decide what is left out. @default it points at nothing
   */
  readonly reason?: Reason
  /**
   * The scenario is shrunk: every operation in it is needed, so that the story shows each of them with its input.
   *
   * @default false
   */
  readonly minimal?: boolean
  /** How many rows a story may have before some are left out. @default 32 */
  readonly maxRows?: number
}

/**
 * A history as a sequence diagram: nodes as columns, time downwards, messages as arrows (lost ones end in x), effects
 * as `*`, faults beside the arrow they hit. Never wider than `width`; a long history is shortened to about `maxRows`
 * lines.
 *
 * @example console.log(storyOf(history, scenario, { width: process.stdout.columns }))
 */
export function storyOf(history: History, scenario: Scenario, options: StoryOptions = {}): string {
  const { colour = false, width = 100, reason, minimal = false, maxRows = 32 } = options
  const trail = trailOf(history, scenario)
  const telling = { trail, needsAll: minimal }
  const showsAll = minimal && scenario.workload.invocations.length <= mostOperations
  const names = namesOf(trail.events)
  const rows = withoutLooseEnds(
    withNeededKeys(condense(weigh(rowsOf(trail, reason), trail, reason, showsAll), telling, maxRows, showsAll)),
  )
  if (rows.length === 0)
    return ['Nothing happened: no message, no effect, no fault.', ...unfired(history, scenario)].join('\n')
  const timeWidth = Math.max(7, ...rows.map(({ atMs }) => clockWords(atMs).length))
  const fitting = fit(rows, names, columnsThatFit(width, timeWidth), telling)
  const used = new Set(fitting.flatMap(nodesOf))
  const order = names.columns.flatMap((node) => columnsOf(node, used))
  const page = layOut(fitting, order, names.title, width, timeWidth)
  return [...drawRows(fitting, page, names.title, colour), ...unfired(history, scenario)].join('\n')
}

/** A key is said beside an arrow only where other arrows of clients, or to the same column, have another. */
function withNeededKeys(rows: readonly Row[]): readonly Row[] {
  const keys = new Map<string, Set<string>>()
  const groupOf = ({ from, to }: Arrow): string => (isClient(from) ? 'client' : to)
  for (const { shape } of rows) {
    if (shape.kind !== 'arrow') continue
    const group = keys.get(groupOf(shape)) ?? new Set()
    for (const { key } of shape.labels) if (key !== undefined) group.add(key)
    keys.set(groupOf(shape), group)
  }
  return rows.map((row) => {
    const { shape } = row
    if (shape.kind !== 'arrow' || (keys.get(groupOf(shape))?.size ?? 0) > 1) return row
    return { ...row, shape: { ...shape, labels: shape.labels.map((label) => without(label, 'key')) } }
  })
}

/** More operations than these are not all shown, since nobody would read them. */
const mostOperations = 8

/** The faults and late changes of the plan that did not fire; an address written by hand is easily mistyped. */
function unfired({ events }: History, { plan }: Scenario): readonly string[] {
  if (plan.kind !== 'listed') return []
  const fired = new Set(events.flatMap((event) => (event.kind === 'fault' ? [faultId(event.fault)] : [])))
  const late = new Set(
    events.flatMap((event) => {
      const change = event.kind === 'store' && event.early !== undefined ? events[event.early] : undefined
      return change?.kind === 'store' ? [addressId(change.address)] : []
    }),
  )
  return [
    ...plan.faults.filter((fault) => !fired.has(faultId(fault))).map(describeFault),
    ...orderOf(plan)
      .filter(({ at }) => !late.has(addressId(at)))
      .map(describeLate),
  ].map((words) => `Did not fire: ${words}`)
}

/**
 * If there are too many columns, first shows stores in the column of their node, then leaves out the columns with the
 * fewest events.
 */
function fit(rows: readonly Row[], names: Names, most: number, telling: Telling): readonly Row[] {
  if (columnCount(rows) <= most) return rows
  const merged = rows.map((row) => storeAtNode(row, names))
  if (columnCount(merged) <= most) return merged
  const kept = new Set(heaviest(merged, names, most))
  return leaveOut(merged, (row) => nodesOf(row).every((node) => kept.has(node)), telling)
}

function columnCount(rows: readonly Row[]): number {
  return new Set(rows.flatMap(nodesOf)).size
}

function storeAtNode(row: Row, names: Names): Row {
  const { shape } = row
  if (shape.kind !== 'arrow' || names.sortOf(shape.to) !== 'store') return row
  const call = `${names.title(shape.to)}: ${shape.labels[0]?.text ?? ''}`
  const pieces = [{ text: call, tone: 'plain' as const }, ...shape.tail]
  return { ...row, shape: { kind: 'point', node: shape.from, sign: shape.head === 'writes' ? '*' : '.', pieces } }
}

/** The most important columns. Clients come first, since a story without them is hard to follow. */
function heaviest(rows: readonly Row[], { sortOf }: Names, most: number): readonly string[] {
  const weights = new Map<string, number>()
  for (const row of rows) for (const node of nodesOf(row)) weights.set(node, (weights.get(node) ?? 0) + 2 ** row.weight)
  const rank = (node: string): number => (sortOf(node) === 'client' ? Number.MAX_VALUE : (weights.get(node) ?? 0))
  return [...weights.keys()].sort((a, b) => rank(b) - rank(a)).slice(0, most)
}
