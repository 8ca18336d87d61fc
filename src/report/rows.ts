// From a history to rows: which events become a row of the story, and what stands beside it. A message is one row, at
// the moment when it leaves, or two rows if it took unusually long. Must not know the page: no widths, no columns, no
// shortening.
import { invocationOf } from '../scenario/address.ts'
import { faultWords } from '../scenario/fault/registry.ts'
import type {
  Arrive,
  Completion,
  EffectEvent,
  HistoryEvent,
  Invoke,
  Lost,
  Reading,
  Send,
  StoreCall,
} from '../history/history.ts'
import { unfinishedWords } from '../history/unfinished.ts'
import type { Reason } from '../verdict/reason.ts'
import { inOrder } from './in-order.ts'
import { withPrinted } from './printed-rows.ts'
import { printable, type Piece } from './ink.ts'
import { lifePoint } from './life-point.ts'
import { marginsOf, type Margins } from './margins.ts'
import { callLabelsOf, type CallLabels } from './call-labels.ts'
import { placed } from './places.ts'
import { marksOf, type Marks } from './point-at.ts'
import { queuePoint } from './queue-point.ts'
import { without, type Arrow, type Point, type Row, type Rule } from './row.ts'
import { hasLanding, isCopied, slowMessages } from './slow-messages.ts'
import type { Trail } from './trail.ts'
import { codeOf } from './user-line.ts'
import { fieldWords, withInput } from './value-words.ts'

/** The data from which rows are made. */
interface RowContext {
  readonly trail: Trail
  readonly callLabels: CallLabels
  readonly marks: Marks
  readonly margins: Margins
  readonly slow: ReadonlySet<number>
  readonly readings: ReadonlyMap<number, readonly Reading[]>
}

/** All rows of a history, in order, without weights. */
export function rowsOf(trail: Trail, reason: Reason | undefined): readonly Row[] {
  const slow = slowMessages(trail)
  const landings = new Set(trail.events.flatMap((event) => (hasLanding(trail, slow, event) ? [event.seq] : [])))
  const marks = marksOf(trail, reason, landings)
  const timed = trail.history.readings.filter((reading) => reading.event !== undefined)
  const context: RowContext = {
    trail,
    callLabels: callLabelsOf(trail),
    marks,
    margins: marginsOf(trail, marks, slow),
    slow,
    readings: Map.groupBy(timed, (reading) => reading.event ?? -1),
  }
  const rows = trail.events.flatMap((event) => rowsOfEvent(context, event))
  return inOrder(trail, withPrinted(trail, rows))
}

function rowsOfEvent(context: RowContext, event: HistoryEvent): readonly Row[] {
  const shape = shapeOf(context, event)
  const rows = shape === undefined ? [] : [row(context, event, shape)]
  return event.kind === 'store' ? rows : [...rows, ...readingRows(context, event, rows.length > 0)]
}

function row({ trail, margins }: RowContext, event: HistoryEvent, shape: Row['shape']): Row {
  return placed(trail, {
    ...codeOf(trail, event),
    seq: event.seq,
    atMs: event.atMs,
    shape,
    notes: margins.notes(event),
    weight: 0,
    tellsEnd: margins.tellsEnd(event),
    root: trail.rootOf(event),
  })
}

function shapeOf(context: RowContext, event: HistoryEvent): Row['shape'] | undefined {
  switch (event.kind) {
    case 'send':
      return isSwallowed(context, event) ? undefined : messageArrow(context, event)
    case 'arrive':
      return landingArrow(context, event)
    case 'queue':
      return queuePoint(context.trail, event)
    case 'lost':
      return undefined
    case 'store':
      return storeArrow(context, event)
    case 'effect':
      return effectPoint(context, event)
    case 'boot':
    case 'crash':
    case 'pause':
    case 'resume':
    case 'signal':
      return lifePoint(context.trail, event, isPointed(context, event))
    case 'threw':
      return point(event.node, '!', [{ text: `throws ${printable(event.error)}`, tone: 'bad' }])
    case 'ok':
    case 'fail':
    case 'info':
      return context.margins.isBeside(event.seq) ? undefined : completionPoint(context, event)
    case 'attempt-end':
      return context.margins.isBeside(event.seq) ? undefined : point(event.node, '?', context.margins.attemptEnd(event))
    case 'fault':
      return isAttached(context, event.seq)
        ? undefined
        : point(event.node, '!', [{ text: faultWords(event.fault), tone: 'bad' }])
    case 'heal':
      return isPointed(context, event) || context.trail.events.some(({ kind }) => kind === 'fault')
        ? rule('all faults are over; hung connections reset, nodes restarted')
        : undefined
    case 'end':
      return event.reason === 'quiet'
        ? (pendingRule(context) ?? (isPointed(context, event) ? rule('nothing is left to happen') : undefined))
        : rule(
            `the history was stopped: ${event.reason} was reached` +
              (event.left === undefined ? '' : `, with this left: ${unfinishedWords(event.left)}`),
          )
    case 'invoke':
      return isSilent(context, event)
        ? point(event.node, '.', [{ text: silentWords(context, event), tone: 'plain' }])
        : undefined
    case 'attempt':
      return undefined
    default:
      return event satisfies never
  }
}

function isPointed({ marks }: RowContext, { seq }: HistoryEvent): boolean {
  return marks.pointer(seq).length > 0
}

/** Whether an operation sent no message, so that it needs a row of its own. */
function isSilent({ trail }: RowContext, { invocation }: Invoke): boolean {
  return !trail.events.some((event) => event.kind === 'send' && invocationOf(event.address.root) === invocation)
}

function silentWords({ trail }: RowContext, invoke: Invoke): string {
  const input = fieldWords(trail, invoke.input)
  const words = withInput(printable(invoke.operation), input)
  return trail.invocations.get(invoke.invocation)?.end === undefined ? `${words} begins, and sends nothing` : words
}

/** A line at the end of a quiet history, if operations never ended. */
function pendingRule({ trail }: RowContext): Rule | undefined {
  const open = [...trail.invocations.values()].filter(({ end }) => end === undefined).length
  return open === 0
    ? undefined
    : rule(`nothing is left to happen, and ${open === 1 ? 'one operation has' : `${open} operations have`} not ended`)
}

function rule(text: string): Rule {
  return { kind: 'rule', text, stretch: false }
}

function point(node: string, sign: Point['sign'], pieces: readonly Piece[]): Point {
  return { kind: 'point', node, sign, pieces }
}

/** The arrow of a message. A reply goes to the sender of the request. */
function messageArrow(context: RowContext, send: Send): Arrow {
  const request = context.trail.sendOf(send.request)
  const to = request?.node ?? send.address.to
  return {
    kind: 'arrow',
    from: send.node,
    to,
    reply: request !== undefined,
    tail: [],
    labels: request === undefined ? context.callLabels(send, send.copy) : [{ text: answerLabel(send) }],
    head: headOf(context, send),
  }
}

/** Only HTTP has statuses; the codes of ports and databases are ours. */
function answerLabel({ status, address }: Send): string {
  if (/^[A-Z]+ /.test(address.operation)) return status === 0 ? 'reply' : String(status)
  return status === 200 ? 'reply' : status === 500 ? 'throws' : String(status)
}

/** Whether the sender of a reply crashed before it could leave. The row of the crash shows that. */
function isSwallowed({ trail }: RowContext, send: Send): boolean {
  return send.request >= 0 && trail.crashOf(send.seq)?.node === send.node
}

function headOf({ trail, slow }: RowContext, send: Send): Arrow['head'] {
  const fate = trail.fateOf(send.seq)
  if (fate?.kind !== 'arrive' && trail.crashOf(send.seq)?.node === send.address.to) return 'refused'
  if (fate === undefined && trail.isSettled(send)) return 'arrives'
  if (fate === undefined || slow.has(send.seq)) return 'leaves'
  return fate.kind === 'arrive' ? 'arrives' : headOfLost(fate)
}

function headOfLost({ why }: Lost): Arrow['head'] {
  switch (why) {
    case 'lost':
    case 'reset':
    case 'closed':
    case 'cut':
    case 'unreachable':
      return 'dropped'
    case 'refused':
    case 'unresolved':
    case 'down':
      return 'refused'
    case 'hang':
      return 'arrives'
    case 'timeout':
      return 'leaves'
    default:
      return why satisfies never
  }
}

/** The arrow for the arrival of a slow message, or of a further copy of a request. */
function landingArrow(context: RowContext, event: Arrive): Arrow | undefined {
  const send = context.trail.sendOf(event.cause)
  if (send === undefined || !hasLanding(context.trail, context.slow, event)) return undefined
  const arrow = messageArrow(context, send)
  const suffix = isCopied(context.trail, event) && !arrow.reply && send.copy === 0 ? ' (copy)' : ''
  const others = arrow.labels.slice(1) // without the input, which stands where it left
  const short = others.some(({ aside }) => aside !== undefined) ? others : arrow.labels
  const labels = short.map((label) => ({ ...without(label, 'aside'), text: `${label.text}${suffix}` }))
  return { ...arrow, labels, head: 'lands' }
}

function storeArrow(context: RowContext, call: StoreCall): Arrow {
  const readings = context.readings.get(call.seq) ?? []
  return {
    kind: 'arrow',
    from: call.node,
    to: call.address.to,
    reply: false,
    labels: context.callLabels(call, 0),
    head: call.write && (!call.open || readings.length > 0) ? 'writes' : 'arrives',
    tail: readingPieces(context, call.seq),
  }
}

const fewReadings = 3

function readingPieces({ marks, readings }: RowContext, seq: number): readonly Piece[] {
  const found = readings.get(seq) ?? []
  const words = found.map(({ effect, value }) => marks.effectPieces(effect, value, seq))
  const pointed = words.filter((each) => each.some(({ points }) => points === true))
  const first = pointed.length === 0 ? words : [...pointed, ...words.filter((each) => !pointed.includes(each))]
  const pieces = first.slice(0, fewReadings).flat()
  return found.length > fewReadings
    ? [...pieces, { text: `and ${found.length - fewReadings} more`, tone: 'effect' }]
    : pieces
}

/**
 * A row for values that appeared after an event other than a store call, such as a commit in another way. It has the
 * notes of the event, unless another row shows them.
 */
function readingRows(context: RowContext, event: HistoryEvent, hasRow: boolean): readonly Row[] {
  if (!context.readings.has(event.seq)) return []
  const all = row(context, event, point(event.node, '*', readingPieces(context, event.seq)))
  return [hasRow ? { ...all, notes: [] } : all]
}

function effectPoint({ marks }: RowContext, event: EffectEvent): Point {
  return point(event.node, '*', marks.effectPieces(event.effect, event.value, event.seq))
}

function completionPoint({ margins }: RowContext, event: Completion): Point {
  return point(event.node, event.kind === 'ok' ? 'o' : event.kind === 'fail' ? '!' : '?', margins.completion(event))
}

function isAttached({ trail }: RowContext, seq: number): boolean {
  for (const [site, faults] of trail.faultsAt)
    if (site !== seq && faults.some((fault) => fault.seq === seq)) return true
  return false
}
