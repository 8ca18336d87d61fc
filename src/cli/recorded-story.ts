// The story of a recorded history, which has operations but no messages: a column for each process, an interval for
// each operation, and a mark at the one that cannot be right. Must not know checkers.
import { clientOf, clientWords, nodeWords } from '../history/node-words.ts'
import type { Completion, History, Invoke } from '../history/history.ts'
import { clockWords } from '../plain/time.ts'
import { writtenValue } from '../plain/written.ts'
import { involvedIn, type Reason } from '../verdict/reason.ts'
import { clip, newLine, printable, widthOf, type Line, type Tone } from '../report/ink.ts'
import { chosen, spansOf, type OperationSpan } from './chosen-spans.ts'

/** How a recorded story is written. */
export interface RecordedStoryOptions {
  /** Colours for a terminal. @default false */
  readonly colour?: boolean
  /** Columns of the terminal. @default 100 */
  readonly width?: number
  /** How many operations are shown, at most. @default 16 */
  readonly maxOperations?: number
}

/** A narrower page has no room for an operation. */
const narrowest = 10
const mark = '  <- here'

/**
 * The operations that a reason names, and those that ran at the same time, as intervals over time: `[` when one is
 * invoked, `]` when it is answered, `x` when it failed, `?` when its outcome is unknown. Points at the last answer that
 * the reason names.
 *
 * @example console.log(recordedStory(history, verdict.reasons[0]))
 */
export function recordedStory(
  history: History,
  reason: Reason,
  { colour = false, width = 100, maxOperations = 16 }: RecordedStoryOptions = {},
): string {
  const spans = spansOf(history)
  const timeWidth = Math.max(7, clockWords(history.events.at(-1)?.atMs ?? 0).length) + 2
  const most = Math.max(1, Math.floor((width - timeWidth - mark.length) / narrowest))
  const told = chosen(spans, involvedIn(reason), { operations: maxOperations, processes: most })
  if (told.length === 0) return ''
  const page = pageOf(told, timeWidth, width - mark.length)
  const last = reason.events.findLast((seq) => history.events[seq]?.kind === 'ok') ?? reason.events.at(-1)
  const lines = [headline(page), ...cellsOf(told).map((cell) => cellLine(cell, told, page, cell.seq === last))]
  return [...lines.map((line) => line.render(colour)), ...leftOut(spans.length - told.length, timeWidth)].join('\n')
}

function leftOut(count: number, indent: number): readonly string[] {
  return count === 0
    ? []
    : [`${'...'.padStart(indent - 2)}  ${count} other ${count === 1 ? 'operation is' : 'operations are'} left out`]
}

/** The text at an event. */
interface Cell {
  readonly seq: number
  readonly atMs: number
  readonly node: string
  readonly text: string
  readonly tone: Tone
}

function cellsOf(told: readonly OperationSpan[]): readonly Cell[] {
  return told
    .flatMap(({ invoke, end }) => [begins(invoke, end), ...(end === undefined ? [] : [endsAs(end, invoke)])])
    .sort((a, b) => a.seq - b.seq)
}

function begins(invoke: Invoke, end: Completion | undefined): Cell {
  const asked = [
    invoke.operation,
    ...(invoke.key === undefined ? [] : [String(invoke.key)]),
    ...(isNothing(invoke.input) ? [] : [valueText(invoke.input)]),
  ]
  return cell(invoke, `[ ${asked.join(' ')}${end === undefined ? ' (no end)' : ''}`, 'plain')
}

function endsAs(end: Completion, { input }: Invoke): Cell {
  const why = end.why === undefined ? '' : ` ${end.why}`
  if (end.kind === 'fail') return cell(end, `x fail${why}`, 'dim')
  if (end.kind === 'info') return cell(end, `? unknown${why}`, 'bad')
  const answer = valueText(end.value ?? null)
  return cell(
    end,
    !isNothing(input) && (isNothing(end.value) || answer === valueText(input)) ? '] ok' : `] ${answer}`,
    'good',
  )
}

function cell({ seq, atMs, node }: Invoke | Completion, text: string, tone: Tone): Cell {
  return { seq, atMs, node, text: printable(text), tone }
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined
}

function valueText(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : writtenValue(value)
}

interface StoryPage {
  readonly timeWidth: number
  /** The position and the width of the column of each process. */
  readonly columns: ReadonlyMap<string, { readonly at: number; readonly width: number; readonly title: string }>
  readonly margin: number
}

/** Makes every column as wide as its widest cell, but no wider than its share of the page. */
function pageOf(told: readonly OperationSpan[], timeWidth: number, end: number): StoryPage {
  const nodes = [...new Map(told.map(({ invoke }) => [invoke.node, invoke.client])).entries()].sort(
    (a, b) => a[1] - b[1],
  )
  const cells = cellsOf(told)
  const columns = new Map<string, { readonly at: number; readonly width: number; readonly title: string }>()
  let at = timeWidth
  for (const [index, [node, client]] of nodes.entries()) {
    const title = titleOf(node, client)
    const wanted = Math.max(
      widthOf(title),
      ...cells.filter((one) => one.node === node).map(({ text }) => widthOf(text)),
    )
    const width = Math.min(wanted, Math.floor((end - at) / (nodes.length - index)) - 2)
    columns.set(node, { at, width, title })
    at += width + 2
  }
  return { timeWidth, columns, margin: at - 2 }
}

/** The title of a column. Reasons call a process with a name by its client number, so both are shown. */
function titleOf(node: string, client: number): string {
  return clientOf(node) === undefined ? `${clientWords(client)} (${printable(node)})` : nodeWords(node)
}

function headline({ timeWidth, columns }: StoryPage): Line {
  const line = newLine()
  line.put(timeWidth - 2 - 'seconds'.length, { text: 'seconds', tone: 'dim' })
  for (const { at, width, title } of columns.values()) line.put(at, { text: clip(title, width), tone: 'strong' })
  return line
}

function cellLine(
  { seq, atMs, node, text, tone }: Cell,
  told: readonly OperationSpan[],
  { timeWidth, columns, margin }: StoryPage,
  marked: boolean,
): Line {
  const line = newLine()
  line.put(0, { text: clockWords(atMs).padStart(timeWidth - 2), tone: 'dim' })
  for (const { invoke, end } of told) {
    const runs = invoke.seq < seq && (end === undefined || end.seq > seq)
    if (runs) line.put(columns.get(invoke.node)?.at ?? 0, { text: '|', tone: 'dim' })
  }
  const { at = 0, width = 0 } = columns.get(node) ?? {}
  line.put(at, { text: clip(text, width), tone: marked ? 'bad' : tone })
  if (marked) line.put(margin, { text: mark, tone: 'bad' })
  return line
}
