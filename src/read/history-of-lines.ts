// A history of recorded lines: ends are joined with what they end, processes become clients. Knows lines; must not know
// formats.
import type { Completion, History, HistoryEvent, Invoke, Note } from '../history/history.ts'
import { isWhole, momentOf, stepOf, wrong, type Moment, type RecordedLine, type Remark, type Step } from './recorded.ts'
import { shownText } from './shown.ts'

/**
 * The history that recorded lines tell, in their order. Lines of the nemesis are notes. A process is a client: a whole
 * number stands for itself, others are numbered after these. Time becomes milliseconds; without it a line's index (or
 * its place) is its time.
 *
 * @throws where a line lacks a field or contradicts one before it, with both lines
 */
export function historyOfLines(lines: readonly (RecordedLine | Remark)[]): History {
  const events: HistoryEvent[] = []
  const notes: Note[] = []
  const clients = clientsIn(lines)
  const open = new Map<string | number, Begun>()
  let before: Moment | undefined
  let invocations = 0
  for (const line of lines) {
    if ('remark' in line || line.process === 'nemesis') {
      notes.push({ event: events.length - 1, text: 'remark' in line ? line.remark : nemesisText(line) })
      continue
    }
    const moment = momentOf(line, events.length, before)
    const step = stepOf(line, moment.atMs)
    const client = clients.get(step.process) ?? 0
    const at = {
      seq: events.length,
      atMs: step.atMs,
      node: typeof step.process === 'number' ? `client#${client}` : step.process,
    }
    if (step.type === 'invoke') {
      const invoke: Invoke = {
        kind: 'invoke',
        ...at,
        cause: -1,
        invocation: invocations,
        operation: step.f,
        client,
        input: step.value,
        ...keyOf(step),
      }
      assertFree(step, open.get(step.process))
      open.set(step.process, { step, invoke })
      events.push(invoke)
      invocations += 1
    } else {
      const begun = beginningOf(step, open.get(step.process))
      assertAnswered(step, line, begun)
      open.delete(step.process)
      const { seq: cause, invocation } = begun.invoke
      events.push({
        kind: step.type,
        ...at,
        cause,
        invocation,
        operation: step.f,
        client,
        value: step.value,
        ...whyOf(step),
      } satisfies Completion)
    }
    before = moment
  }
  return { events, readings: [], notes }
}

interface Begun {
  readonly step: Step
  readonly invoke: Invoke
}

/** Whole numbers from 0 stand for themselves; whoever is called otherwise gets a number above them. */
function clientsIn(lines: readonly (RecordedLine | Remark)[]): ReadonlyMap<string | number, number> {
  const processes = new Set(
    lines.flatMap((line) => ('process' in line && line.process !== 'nemesis' ? [line.process] : [])),
  )
  const clients = new Map<string | number, number>()
  let next = 0
  for (const process of processes) {
    if (!isWhole(process)) continue
    clients.set(process, process)
    next = Math.max(next, process + 1)
  }
  for (const process of processes) if (typeof process === 'string') clients.set(process, next++)
  return clients
}

function nemesisText({ f, type, value }: RecordedLine): string {
  return `nemesis ${[type, f, value]
    .filter((part) => part !== null && part !== undefined)
    .map(shownText)
    .join(' ')}`
}

function keyOf({ key }: Step): { readonly key?: string | number } {
  return key === undefined ? {} : { key }
}

function whyOf({ type, error }: Step): { readonly why?: string } {
  return type === 'ok' || error === undefined ? {} : { why: shownText(error) }
}

function assertFree({ line, process, f }: Step, before: Begun | undefined): void {
  if (before === undefined) return
  throw wrong(
    line,
    `process ${process} begins ${f} while its ${before.step.f} of line ${before.step.line} is open`,
    'a process does one thing at a time: give each concurrent operation a process of its own',
  )
}

/**
 * What was asked without a value and is answered without one may have read nothing, or its answer was not written down.
 */
function assertAnswered({ type, f, process }: Step, { line, value }: RecordedLine, { step }: Begun): void {
  if (type !== 'ok' || value !== undefined || step.value !== null) return
  throw wrong(
    line,
    `${f} of process ${process} is answered without a "value"`,
    'write what came back, null where nothing did',
  )
}

function beginningOf(end: Step, begun: Begun | undefined): Begun {
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
  if (end.atMs < step.atMs) {
    throw wrong(
      end.line,
      `${what} ends at ${end.atMs} ms, before it is invoked at ${step.atMs} ms (line ${step.line})`,
      'is the time in nanoseconds, from one clock?',
    )
  }
  return begun
}
