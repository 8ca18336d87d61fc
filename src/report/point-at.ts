// Points at the events that contradict each other: finds the row that shows each of them, and the text beside it, such
// as `<- one too many`. Every such event is pointed at, and nothing else. Also numbers equal effects where there are
// too many. Must not know how rows are made.
import { invocationOf } from '../scenario/address.ts'
import type { Completion, HistoryEvent } from '../history/history.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { printable, type Piece } from './ink.ts'
import type { Trail } from './trail.ts'
import { effectWords } from './value-words.ts'

export interface Marks {
  /** The words for an effect, with its number if there are several alike, and a pointer if the reason is about it. */
  readonly effectPieces: (effect: string, value: unknown, seq: number) => readonly Piece[]
  /** The pointers for the events that the row of this event shows, other than effects. */
  readonly pointer: (seq: number) => readonly Piece[]
}

/**
 * Numbers the effects of a history and finds what to point at.
 *
 * @param landings `seq` of the arrivals that have a row of their own
 */
export function marksOf(trail: Trail, reason: Reason | undefined, landings: ReadonlySet<number>): Marks {
  const words = (effect: string, value: unknown): string =>
    printable(`${effect} ${effectWords(trail, value, reason)}`.trim())
  const effects = timedEffects(trail)
  const isCounted = reason !== undefined && surplus.has(reason.kind)
  const alike = Map.groupBy(effects, ({ effect, value }) => words(effect, value))
  const namesAt = Map.groupBy(effects, ({ seq }) => seq)
  const pointers = pointersOf(trail, reason, landings, new Set(namesAt.keys()))
  return {
    effectPieces(effect, value, seq) {
      const text = words(effect, value)
      const group = alike.get(text) ?? []
      const ordinal = group.findIndex((other) => other.seq === seq && other.value === value) + 1
      const names = (namesAt.get(seq) ?? []).map((one) => one.effect)
      const wrong = reason !== undefined && isAbout(reason, effect, names, seq) ? [pointerFor(reason, undefined)] : []
      return [{ text: isCounted && group.length > 1 ? `${text}  (${ordinal})` : text, tone: 'effect' }, ...wrong]
    },
    pointer: (seq) => pointers.get(seq) ?? [],
  }
}

interface TimedEffect {
  readonly effect: string
  readonly value: unknown
  readonly seq: number
}

/** Effects in order of time, including those that were read from a store. */
function timedEffects({ events, history }: Trail): readonly TimedEffect[] {
  const recorded = events.flatMap((event) => (event.kind === 'effect' ? [event] : []))
  const read = history.readings.flatMap(({ effect, value, event }) =>
    event === undefined ? [] : [{ effect, value, seq: event }],
  )
  return [...recorded, ...read].sort((a, b) => a.seq - b.seq)
}

/** Whether the reason is about this effect. If it names none of the effects at this event, it is about all of them. */
function isAbout({ events, of }: Reason, effect: string, namesThere: readonly string[], seq: number): boolean {
  return events.includes(seq) && (effect === of || !namesThere.some((name) => name === of))
}

/** Pointers by the event at which they are shown. */
function pointersOf(
  trail: Trail,
  reason: Reason | undefined,
  landings: ReadonlySet<number>,
  withEffects: ReadonlySet<number>,
): ReadonlyMap<number, readonly Piece[]> {
  const found = new Map<number, readonly Piece[]>()
  for (const seq of reason?.events ?? []) {
    const event = trail.event(seq)
    if (reason === undefined || event === undefined || withEffects.has(seq)) continue
    const place = shownAt(trail, event, reason.events, landings)
    const before = found.get(place) ?? []
    const pointer = pointerFor(reason, event)
    if (!before.some(({ text }) => text === pointer.text)) found.set(place, [...before, pointer])
  }
  return found
}

/** `seq` of the event in whose row this one is shown. */
function shownAt(trail: Trail, event: HistoryEvent, pointed: readonly number[], landings: ReadonlySet<number>): number {
  const there = (seq: number): number => {
    const other = trail.event(seq)
    return other === undefined || other.seq === event.seq ? seq : shownAt(trail, other, pointed, landings)
  }
  switch (event.kind) {
    case 'invoke':
      return invokeShownAt(trail, event.invocation, pointed) ?? event.seq
    case 'send':
      return event.request >= 0 ? (swallowing(trail, event.seq, event.node) ?? event.seq) : event.seq
    case 'arrive':
      return landings.has(event.seq) || trail.sendOf(event.cause) === undefined ? event.seq : there(event.cause)
    case 'lost':
      return trail.sendOf(event.cause) === undefined ? event.seq : there(event.cause)
    case 'fault':
      for (const [site, faults] of trail.faultsAt) if (faults.some(({ seq }) => seq === event.seq)) return there(site)
      return event.seq
    default:
      return event.seq
  }
}

/**
 * The start of an operation is shown in the row of its end if the reason points at that too, otherwise in the row of
 * its first message.
 */
function invokeShownAt(
  { events, invocations }: Trail,
  invocation: number,
  pointed: readonly number[],
): number | undefined {
  const end: Completion | undefined = invocations.get(invocation)?.end
  if (end !== undefined && pointed.includes(end.seq)) return end.seq
  const sent = events.find(
    (event) => event.kind === 'send' && event.request < 0 && invocationOf(event.address.root) === invocation,
  )
  return sent?.seq ?? end?.seq
}

/** The crash that prevented a reply: its sender crashed before the reply could leave, and its row shows the reply. */
function swallowing({ crashOf }: Trail, send: number, node: string): number | undefined {
  const crash = crashOf(send)
  return crash?.node === node ? crash.seq : undefined
}

/** The kinds of reason where every pointed-at event exceeds the limit. */
const surplus: ReadonlySet<ReasonKind> = new Set<ReasonKind>([
  'too-many',
  'too-many-attempts',
  'retry-amplification',
  'too-many-requests',
  'too-many-store-calls',
  'too-many-bytes',
])

function pointerFor({ kind, of }: Reason, event: HistoryEvent | undefined): Piece {
  const isCall = event?.kind === 'ok' || event?.kind === 'invoke'
  const text = surplus.has(kind)
    ? '<- one too many'
    : kind === 'missing' && isCall
      ? `<- but no ${of ?? 'effect'}`
      : '<- here'
  return { text, tone: 'bad', points: true }
}
