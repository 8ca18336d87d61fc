// The events that contradict each other, and what is written beside each: `<- one too many`. Effects are numbered here.
// Must not know how rows are made.
import type { Reason } from '../verdict/reason.ts'
import { printable, type Piece } from './ink.ts'
import { valueWords, type Trail } from './trail.ts'

export interface Marks {
  /** The effect's words with its ordinal, where there are several alike, and what is wrong with it. */
  readonly effectPieces: (effect: string, value: unknown, seq: number) => readonly Piece[]
  /** What is wrong with an event that is no effect. */
  readonly pointer: (seq: number) => readonly Piece[]
}

/** Numbers the effects of a history and finds what to point at. */
export function marksOf(trail: Trail, reason: Reason | undefined): Marks {
  const words = (effect: string, value: unknown): string =>
    printable(`${effect} ${valueWords(trail, value, reason?.subject)}`.trim())
  const alike = Map.groupBy(timedEffects(trail), ({ effect, value }) => words(effect, value))
  const shownAt = new Set(timedEffects(trail).map(({ seq }) => seq))
  return {
    effectPieces(effect, value, seq) {
      const text = words(effect, value)
      const group = alike.get(text) ?? []
      const ordinal = group.findIndex((other) => other.seq === seq && other.value === value) + 1
      const wrong = wrongWithEffect(trail, reason, effect, seq)
      return [{ text: group.length > 1 ? `${text}  (${ordinal})` : text, tone: 'effect' }, ...wrong]
    },
    pointer: (seq) => (shownAt.has(seq) ? [] : wrongWithEvent(trail, reason, seq)),
  }
}

interface TimedEffect {
  readonly effect: string
  readonly value: unknown
  readonly seq: number
}

/** Effects in order of time, those that were read from a store included. */
function timedEffects({ events, history }: Trail): readonly TimedEffect[] {
  const recorded = events.flatMap((event) => (event.kind === 'effect' ? [event] : []))
  const read = history.readings.flatMap(({ effect, value, event }) =>
    event === undefined ? [] : [{ effect, value, seq: event }],
  )
  return [...recorded, ...read].sort((a, b) => a.seq - b.seq)
}

function wrongWithEffect(trail: Trail, reason: Reason | undefined, effect: string, seq: number): readonly Piece[] {
  if (reason === undefined || !reason.events.includes(seq)) return []
  if (reason.kind !== 'too-many') return [{ text: '<- here', tone: 'bad' }]
  if (reason.of !== effect) return []
  const made = new Set(
    timedEffects(trail)
      .filter((other) => other.effect === effect && reason.events.includes(other.seq))
      .map((other) => other.seq),
  )
  const [first] = made
  return seq === first && made.size > 1 ? [] : [{ text: '<- one too many', tone: 'bad' }]
}

function wrongWithEvent({ event }: Trail, reason: Reason | undefined, seq: number): readonly Piece[] {
  if (reason === undefined || !reason.events.includes(seq) || reason.kind === 'too-many') return []
  const kind = event(seq)?.kind
  if (reason.kind === 'missing' && (kind === 'ok' || kind === 'invoke'))
    return [{ text: `<- but no ${reason.of ?? 'effect'}`, tone: 'bad' }]
  return [{ text: '<- here', tone: 'bad' }]
}
