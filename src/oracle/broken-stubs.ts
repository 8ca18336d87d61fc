// Broken twins of the hosts outside: one that does what it is asked twice, and one that does nothing and says that it
// has. All that a host does for a request happens with it, so that effects may agree with each other and be wrong: no
// corrupted copy of one effect shows that. Pure, but for the runs that are handed in.
import type { Address } from '../scenario/address.ts'
import type { EffectEvent, History, HistoryEvent } from '../history/history.ts'
import type { Invariant } from '../verdict/verdict.ts'
import { isNoticed, kindOf, type JudgedHistory } from './blind.ts'
import { corruptions, type Corruption } from './corruptions.ts'
import { changesState } from './unwatched.ts'

/** An invariant that notices one effect too many, or too few, and not where it comes with others. */
export interface Deceived {
  readonly invariant: string
  /** `POST /charges of pay.example`. */
  readonly call: string
  /** What would not be noticed. */
  readonly done: readonly ('twice' | 'not at all')[]
  /** The effects that come together. */
  readonly effects: readonly string[]
}

/** Runs the same history, with one request delivered twice; undefined where its stub answers only once. */
export type RunTwice = (one: JudgedHistory, request: Address) => Promise<History | undefined>

/** Of how many requests of a history a twin is made. */
const mostRequests = 2

/** A broken twin, beside what happened without it. */
interface Twin extends Omit<Deceived, 'invariant' | 'done'> {
  readonly done: Deceived['done'][number]
  readonly history: History
  readonly single: readonly Corruption[]
}

/**
 * The invariants that a broken twin deceives, where no other one notices. None where an invariant judges by further
 * runs: nobody knows what that would notice.
 *
 * @param inside the names of all nodes and stores
 */
export async function deceivedInvariants(
  invariants: readonly Invariant[],
  histories: readonly JudgedHistory[],
  inside: ReadonlySet<string>,
  twice: RunTwice,
): Promise<readonly Deceived[]> {
  if (invariants.some((invariant) => invariant.judge !== undefined)) return []
  const found: Deception[] = []
  const noticed = new Set<string>()
  for (const one of histories)
    for await (const twin of twinsOf(one, inside, twice)) {
      const { call, done, effects } = twin
      const id = `${done} ${call}`
      if (invariants.some((invariant) => isNoticed(kindOf(invariant, twin.history)))) noticed.add(id)
      for (const invariant of invariants)
        if (isDeceived(invariant, one, twin)) found.push({ id, invariant: invariant.name, call, done, effects })
    }
  const unnoticed = found.filter(({ id }) => !noticed.has(id))
  const byCall = Map.groupBy(unnoticed, ({ call }) => call)
  return [...byCall.values()].flatMap((all) =>
    all.slice(0, 1).map(({ invariant, call, effects }) => {
      const own = all.filter((other) => other.invariant === invariant)
      return { invariant, call, effects, done: [...new Set(own.map(({ done }) => done))] }
    }),
  )
}

/** One invariant, deceived by one twin. */
interface Deception extends Omit<Deceived, 'done'>, Pick<Twin, 'done'> {
  readonly id: string
}

async function* twinsOf(one: JudgedHistory, inside: ReadonlySet<string>, twice: RunTwice): AsyncGenerator<Twin, void> {
  const { history } = one
  const asked = history.events.filter((event) => event.kind === 'send' && changesState(event, inside))
  for (const event of asked.slice(0, mostRequests)) {
    if (event.kind !== 'send') continue
    const { to, operation } = event.address
    const call = `${operation} of ${to}`
    const own = effectsUnder(history, event.seq)
    const effects = [...new Set(own.map(({ effect }) => effect))]
    if (effects.length === 0) continue
    yield { call, effects, done: 'not at all', history: withoutAll(history, own), single: ['missing'] }
    yield { call, effects, done: 'twice', history: withAgain(history, own), single: ['again', 'copied'] }
    const ran = await twice(one, event.address)
    if (ran !== undefined) yield { call, effects, done: 'twice', history: ran, single: ['again', 'copied'] }
  }
}

/** It notices one of these effects for itself, and not all of them. */
function isDeceived(invariant: Invariant, { history, workload }: JudgedHistory, twin: Twin): boolean {
  const own = twin.effects.filter((effect) => invariant.effects.some(({ name }) => name === effect))
  if (own.length < 2 || kindOf(invariant, history) !== 'holds' || kindOf(invariant, twin.history) !== 'holds')
    return false
  return own.some((effect) =>
    [...corruptions(history, effect, workload)].some(
      ({ how, history: corrupted }) => twin.single.includes(how) && isNoticed(kindOf(invariant, corrupted)),
    ),
  )
}

/** What happened because this request arrived. */
function effectsUnder({ events }: History, request: number): readonly EffectEvent[] {
  const under = new Set([request])
  return events.flatMap((event) => {
    if (!under.has(event.cause)) return []
    under.add(event.seq)
    return event.kind === 'effect' ? [event] : []
  })
}

function withoutAll(history: History, own: readonly EffectEvent[]): History {
  const gone = new Set<HistoryEvent>(own)
  const events = history.events.map((one) =>
    one.kind === 'effect' && gone.has(one) ? { ...one, effect: '(missing)' } : one,
  )
  return { ...history, events }
}

/** Events are numbered by their places: what comes on top stands before the end. */
function withAgain(history: History, own: readonly EffectEvent[]): History {
  const before = history.events.slice(0, -1)
  const more = own.map((one, n): HistoryEvent => ({ ...one, seq: before.length + n }))
  const end = history.events.slice(-1).map((one): HistoryEvent => ({ ...one, seq: before.length + more.length }))
  return { ...history, events: [...before, ...more, ...end] }
}
