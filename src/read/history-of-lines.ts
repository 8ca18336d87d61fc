// Makes a history from recorded lines: joins completions with their invocations, and turns processes into clients.
// Knows lines; must not know formats.
import { bug } from '../plain/bug.ts'
import type { Completion, History, Invoke, Note } from '../history/history.ts'
import { assertEndsLater, inTimeOrder, isInTimeOrder } from './in-time-order.ts'
import {
  isAnswered,
  isWhole,
  missing,
  momentOf,
  processOf,
  stepOf,
  wrong,
  type Moment,
  type RecordedLine,
  type Remark,
  type RecordedStep,
} from './recorded.ts'
import { shownText } from './shown.ts'

/** The conventions of a format. */
export interface FormatRules {
  /** A read that was answered nil returned an unknown value. */
  readonly nilUnknown: boolean
  /** The input of an operation may be only in its completion; as in Jepsen, it is taken from there. */
  readonly fillsIn: boolean
}

/**
 * The history of recorded lines, in the order of their times or, without times, in their own order. Lines of the
 * nemesis become notes. A process becomes a client: one that is a whole number keeps it, the others are numbered after
 * these. Times are converted to milliseconds; without times, the index of a line (or its position) is its time.
 *
 * @throws if a line lacks a field or contradicts one before it, with both lines
 */
export function historyOfLines(lines: Iterable<RecordedLine | Remark>, reading: FormatRules): History {
  try {
    return inFileOrder(lines, reading) ?? sorted(lines, reading)
  } catch (error) {
    assertInvocations(lines)
    throw error
  }
}

/** The history of lines that are in order of time; undefined if they are not. */
function inFileOrder(lines: Iterable<RecordedLine | Remark>, reading: FormatRules): History | undefined {
  try {
    return built(lines, reading, (line, place, before) => assertNotEarlier(momentOf(line, place, before), before))
  } catch (error) {
    if (isInTimeOrder(lines)) throw error
    return undefined
  }
}

function sorted(lines: Iterable<RecordedLine | Remark>, reading: FormatRules): History {
  const ordered = inTimeOrder(lines)
  try {
    return built(ordered, reading, (line, place) => momentOf(line, place))
  } catch (error) {
    assertEndsLater(lines)
    throw error
  }
}

function assertNotEarlier(moment: Moment, before: Moment | undefined): Moment {
  if (moment.time === undefined || before?.time === undefined || moment.time >= before.time) return moment
  throw wrong(moment.line, `a time before that of line ${before.line}`, 'sort the lines by time')
}

interface Begun {
  readonly step: RecordedStep
  readonly invoke: Writable<Invoke>
}

/** Events can be changed until the file is read. */
type Writable<T> = { -readonly [property in keyof T]: T[property] }

function built(
  lines: Iterable<RecordedLine | Remark>,
  reading: FormatRules,
  moment: (line: RecordedLine, place: number, before: Moment | undefined) => Moment,
): History {
  const events: (Writable<Invoke> | Writable<Completion>)[] = []
  const notes: Note[] = []
  const open = new Map<string | number, Begun>()
  const nodes = new Map<string | number, string>()
  let before: Moment | undefined
  let invocations = 0
  for (const line of lines) {
    if ('remark' in line || line.process === 'nemesis') {
      notes.push({ event: events.length - 1, text: 'remark' in line ? line.remark : nemesisText(line) })
      continue
    }
    before = moment(line, events.length, before)
    const process = processOf(line.line, line.process)
    const begun = open.get(process)
    const step = stepOf(line, before.atMs, begun?.step)
    const node = nodes.get(process) ?? (typeof process === 'number' ? `client#${process}` : process)
    nodes.set(process, node)
    const at = { seq: events.length, atMs: step.atMs, node, client: typeof process === 'number' ? process : -1 }
    if (step.type === 'invoke') {
      assertFree(step, begun?.step)
      const invoke = invocation(step, at, invocations++)
      open.set(process, { step, invoke })
      events.push(invoke)
    } else {
      const ended = beginningOf(step, begun)
      open.delete(process)
      fillIn(ended, step, reading)
      events.push(completion(step, at, ended, reading))
    }
  }
  for (const begun of open.values()) assertAsked(begun.step, begun.step.value)
  numberNames(events, nodes)
  return { events, readings: [], notes }
}

interface EventPlace {
  readonly seq: number
  readonly atMs: number
  readonly node: string
  readonly client: number
}

function invocation(
  { f, value, key }: RecordedStep,
  { client, ...at }: EventPlace,
  invocations: number,
): Writable<Invoke> {
  const invoke: Writable<Invoke> = {
    kind: 'invoke',
    ...at,
    cause: -1,
    invocation: invocations,
    operation: f,
    client,
    input: value ?? null,
  }
  if (key !== undefined) invoke.key = key
  return invoke
}

function completion(step: RecordedStep, place: EventPlace, begun: Begun, reading: FormatRules): Writable<Completion> {
  const { client, ...at } = place
  const { seq: cause, invocation: invoked } = begun.invoke
  const kind = step.type === 'invoke' ? bug('an invocation that ends an operation') : step.type
  const ended: Writable<Completion> = {
    kind,
    ...at,
    cause,
    invocation: invoked,
    operation: step.f,
    client,
    value: step.value ?? null,
  }
  if (kind !== 'ok' && step.error !== undefined) ended.why = shownText(step.error)
  if (kind === 'ok' && !isAnswered(step.f, step.value, reading.nilUnknown)) ended.isNilUnknown = true
  if (kind === 'ok' && ended.isNilUnknown !== true) assertAnswered(step, begun.step)
  return ended
}

/** Numbers the clients: processes that are whole numbers keep them, the others get the numbers above. */
function numberNames(
  events: readonly (Writable<Invoke> | Writable<Completion>)[],
  nodes: ReadonlyMap<string | number, string>,
): void {
  const names = new Map<string, number>()
  let next = 0
  for (const process of nodes.keys()) if (isWhole(process)) next = Math.max(next, process + 1)
  for (const process of nodes.keys()) if (typeof process === 'string') names.set(process, next++)
  if (names.size === 0) return
  for (const event of events)
    if (event.client === -1) event.client = names.get(event.node) ?? bug('an event of no process')
}

function nemesisText({ f, type, value }: RecordedLine): string {
  return `nemesis ${[type, f, value]
    .filter((part) => part !== null && part !== undefined)
    .map(shownText)
    .join(' ')}`
}

function assertFree({ line, process, f }: RecordedStep, before: RecordedStep | undefined): void {
  if (before === undefined) return
  throw wrong(
    line,
    `process ${process} begins ${f} while its ${before.f} of line ${before.line} is open`,
    'a process does one thing at a time: give each concurrent operation a process of its own',
  )
}

/** Operations that need an input. */
const asking: ReadonlySet<string> = new Set(
  'write w put append add remove contains cas enqueue transfer txn use'.split(' '),
)

/**
 * Takes the input of an operation from its completion if the invocation has none.
 *
 * @throws if neither has it
 */
function fillIn({ step, invoke }: Begun, end: RecordedStep, { fillsIn }: FormatRules): void {
  const isMissing = step.value === undefined || (fillsIn && step.value === null)
  if (!isMissing || !asking.has(step.f)) return
  const value = end.type === 'ok' ? (end.value ?? undefined) : undefined
  assertAsked(step, value ?? step.value)
  if (value !== undefined) invoke.input = value
}

function assertAsked({ f, line }: RecordedStep, value: unknown): void {
  if (value === undefined && asking.has(f)) throw missing(line, 'value', value, `what is asked of ${f}`)
}

/** Refuses an operation with neither input nor output: it may have returned nothing, or its answer was not recorded. */
function assertAnswered({ f, process, line, value }: RecordedStep, begun: RecordedStep): void {
  if (value !== undefined || (begun.value ?? null) !== null) return
  throw wrong(
    line,
    `${f} of process ${process} is answered without a "value"`,
    'write what came back, null where nothing did',
  )
}

function beginningOf(end: RecordedStep, begun: Begun | undefined): Begun {
  const what = `${end.f} of process ${end.process}`
  if (begun === undefined)
    throw wrong(
      end.line,
      `${what} ends (${end.type}) and no line before it invokes it`,
      'is the file in order, and whole?',
    )
  const { step } = begun
  if (step.f !== end.f)
    throw wrong(
      end.line,
      `${what} ends, but its open operation is the ${step.f} of line ${step.line}`,
      'is the file in order, and whole?',
    )
  if (end.key !== undefined && end.key !== step.key) {
    throw wrong(
      end.line,
      `${what} ends for key ${shownText(end.key)}, but line ${step.line} invokes it for ${shownText(step.key)}`,
      'write one key at both ends',
    )
  }
  return begun
}

/** Refuses a history without invocations with an error of its own, whichever error came first. */
function assertInvocations(lines: Iterable<RecordedLine | Remark>): void {
  let first: RecordedLine | undefined
  for (const line of lines) {
    if ('remark' in line || line.process === 'nemesis') continue
    if (line.type === 'invoke') return
    if (line.type === 'ok' || line.type === 'fail' || line.type === 'info') first ??= line
  }
  if (first === undefined) return
  throw wrong(
    first.line,
    `a completion (${String(first.type)}), and no line of the file is an invocation`,
    'whether operations overlap decides, so that each needs both ends: record a line of type "invoke" as it begins. ' +
      'Where only completions are left, models of transactions that do not look at time (serializable, ' +
      'snapshot-isolation) can still be judged: write an invocation for each at the top of the file, each operation ' +
      'with a process of its own',
  )
}
