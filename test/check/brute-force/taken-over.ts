// Twin of takenOver, written from its definition: it walks the history forwards, remembers which life runs where, and
// for every death and every key asks who held it. With random histories of two instances. Shares no code with
// src/check.
import * as fc from 'fast-check'
import type { Fault } from '../../../src/scenario/fault/registry.ts'
import type { History, HistoryEvent } from '../../../src/history/history.ts'
import { addressOn } from '../build-history.ts'
import { contradiction, is, type Finding } from './twins.ts'

/** An event without its place in the history. */
export type Bare = HistoryEvent extends infer E ? (E extends HistoryEvent ? Omit<E, 'seq'> : never) : never

/** A history of these events, in this order. */
export function eventsInOrder(...events: readonly Bare[]): History {
  const numbered = events.map((event, seq): HistoryEvent => ({ ...event, seq }))
  return { events: numbered, readings: [], notes: [] }
}

const at = addressOn({ root: 'work#0', from: 'client', to: 'worker' }, 'request')
const crashes: Fault = { kind: 'crash', at, node: 'worker', restartAfterMs: 5 }

export const boot = (atMs: number, instance: number, incarnation = 1): Bare => ({
  kind: 'boot',
  atMs,
  node: 'worker',
  cause: -1,
  incarnation,
  instance,
})
/** `why`: 'fault' comes with the event of the fault before it. */
export const crash = (atMs: number, instance: number, incarnation = 1, isFault = true): Bare => ({
  kind: 'crash',
  atMs,
  node: 'worker',
  cause: -1,
  incarnation,
  instance,
  why: isFault ? 'fault' : 'uncaught exception',
})
export const fault = (atMs: number): Bare => ({ kind: 'fault', atMs, node: 'worker', cause: -1, fault: crashes })
export const heal = (atMs: number): Bare => ({ kind: 'heal', atMs, node: '', cause: -1 })
export const takes = (atMs: number, instance: number): Bare => ({
  kind: 'arrive',
  atMs,
  node: 'worker',
  cause: -1,
  late: false,
  instance,
})
export const does = (atMs: number, effect: 'begun' | 'finished', key: string, cause: number): Bare => ({
  kind: 'effect',
  atMs,
  node: 'worker',
  cause,
  effect,
  value: key,
})
export const over = (atMs: number, reason: 'quiet' | 'maxSteps' = 'quiet'): Bare => ({
  kind: 'end',
  atMs,
  node: 'client',
  cause: -1,
  reason,
})

const step = fc.record({
  what: fc.constantFrom('begin', 'begin', 'finish', 'finish', 'crash', 'crash', 'boot', 'take', 'heal', 'fault'),
  instance: fc.constantFrom(1, 2),
  key: fc.constantFrom('a', 'a', 'a', 'b'),
  gapMs: fc.constantFrom(0, 1, 3, 8),
  isFault: fc.boolean(),
})

/** Two instances that begin and finish work, crash and start again. */
export const workingHistory: fc.Arbitrary<History> = fc
  .record({
    before: fc.array(step, { maxLength: 4 }),
    dies: fc.boolean(),
    after: fc.array(step, { maxLength: 8 }),
    end: fc.constantFrom('quiet' as const, 'quiet' as const, 'maxSteps' as const, 'none' as const),
  })
  .map(({ before, dies, after, end }) => {
    const first = { instance: 1, key: 'a', gapMs: 1, isFault: true } as const
    const death = dies ? [{ ...first, what: 'crash' } as const] : []
    const steps = [...before, { ...first, what: 'begin' } as const, ...death, ...after]
    const events: Bare[] = [boot(0, 1), boot(0, 2)]
    const boots = new Map([
      [1, 1],
      [2, 1],
    ])
    const cause = new Map<number, number | undefined>([
      [1, 0],
      [2, 1],
    ])
    let nowMs = 0
    for (const { what, instance, key, gapMs, isFault } of steps) {
      nowMs += gapMs
      const origin = cause.get(instance)
      if (what === 'heal') events.push(heal(nowMs))
      else if (what === 'fault') events.push(fault(nowMs))
      else if (what === 'boot' && origin === undefined) {
        boots.set(instance, (boots.get(instance) ?? 0) + 1)
        cause.set(instance, events.length)
        events.push(boot(nowMs, instance, boots.get(instance)))
      } else if (origin === undefined) continue
      else if (what === 'take') {
        cause.set(instance, events.length)
        events.push(takes(nowMs, instance))
      } else if (what === 'crash') {
        if (isFault) events.push(fault(nowMs))
        events.push(crash(nowMs, instance, boots.get(instance), isFault))
        cause.set(instance, undefined)
      } else if (what !== 'boot') events.push(does(nowMs, what === 'begin' ? 'begun' : 'finished', key, origin))
    }
    if (end !== 'none') events.push(over(nowMs + 1, end))
    return eventsInOrder(...events)
  })

export function takenOverTwin(withinMs: number): (history: History) => Finding {
  return ({ events }) => {
    const faults = events.filter(({ kind }) => kind === 'fault').length
    const healedMs = events.find(({ kind }) => kind === 'heal')?.atMs
    const lives = new Map<string, number>()
    const lifeAt: (string | undefined)[] = []
    const held = new Map<string, { readonly life: string | undefined; readonly seq: number }>()
    const done = new Set<string>()
    let looked = false
    let open = false
    const contradictions: string[] = []
    for (const event of events) {
      const place = 'instance' in event ? String(event.instance) : ''
      if (event.kind === 'boot') lives.set(place, event.incarnation)
      if (event.kind === 'boot' || event.kind === 'arrive') lifeAt[event.seq] = `${place}/${lives.get(place) ?? 0}`
      if (event.kind === 'effect' && event.effect === 'begun')
        held.set(String(event.value), { life: lifeAt[event.cause], seq: event.seq })
      if (event.kind === 'effect' && event.effect === 'finished') done.add(String(event.value))
      if (event.kind !== 'crash') continue
      for (const [key, { life, seq }] of held) {
        if (life !== `${place}/${event.incarnation}` || done.has(key)) continue
        looked = true
        const others = faults - (event.why === 'fault' ? 1 : 0)
        const sinceMs = others > 0 && healedMs !== undefined && healedMs > event.atMs ? healedMs : event.atMs
        const finish = events.find(
          (other) =>
            other.seq > event.seq && other.kind === 'effect' && other.effect === 'finished' && other.value === key,
        )
        const last = events.at(-1)
        if (finish !== undefined && finish.atMs <= sinceMs + withinMs) continue
        const isOver = last?.kind === 'end' && last.reason === 'quiet'
        if (finish !== undefined || isOver || (last?.atMs ?? 0) > sinceMs + withinMs) {
          const end = finish ?? (last?.kind === 'end' ? last : undefined)
          contradictions.push(
            contradiction('not-taken-over begun', key, [seq, event.seq, ...(end === undefined ? [] : [end.seq])]),
          )
        } else open = true
      }
    }
    if (contradictions.length > 0) return { kind: 'violated', contradictions }
    return is(open ? 'unknown' : looked ? 'holds' : 'vacuous')
  }
}
