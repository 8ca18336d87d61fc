// degraded: an answer that is given without its dependency says so, and is no older than its budget. Knows calls and
// the replies of one node; nothing of what an answer holds.
import { invocationOf } from '../scenario/address.ts'
import { completionsOf, type Completion, type History, type HistoryEvent } from '../history/history.ts'
import { assertNumber, assertOptions, assertType, foundWords } from '../plain/options.ts'
import { durationWords } from '../plain/time.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, noVerdict, vacuous, type Invariant } from '../verdict/verdict.ts'

/** How an operation is answered without its dependency. */
export interface Degradation {
  /** The node or outside host that it needs. */
  readonly without: string
  /** Whether an answer says that it is a degraded one. It gets `{ status, body }` of a Response. */
  readonly marked: (answer: unknown) => boolean
  /** How old the data of a degraded answer may be, in milliseconds of virtual time. @default any age */
  readonly maxAgeMs?: number
  /** Answers from data that are not older need not say so, in milliseconds: a cache. @default 0 */
  readonly freshForMs?: number
}

const known: Record<keyof Degradation, true> = { without: true, marked: true, maxAgeMs: true, freshForMs: true }

/**
 * Holds when each answer that was given without its dependency says so, and rests on data that are no older than
 * `maxAgeMs`. Without its dependency means that no good reply of it (not 5xx, not 429) came in the chain of calls of
 * this operation. Data are at least as old as the last good reply that anybody had of the dependency: so what is
 * violated is certain, and a cache that is older than that is not seen. An answer given before there was any good reply
 * has no age. Vacuous where every answer had its dependency.
 *
 * Nygard, "Release It!" (2nd edition, 2018): a failure that is hidden from its reader is worse than one that is not.
 *
 * @throws if an option is unknown or has a wrong value
 * @example
 * degraded(browse, { without: 'prices', marked: (answer) => answer.body.includes('"stale":true'), maxAgeMs: 60_000 })
 */
export function degraded(operation: Pick<Operation<never>, 'name'>, options: Degradation): Invariant {
  const of = `degraded(${operation.name})`
  assertOptions(of, options ?? null, known)
  const { without, marked, maxAgeMs = Infinity, freshForMs = 0 } = options
  if (typeof without !== 'string' || without === '')
    throw new Error(`${of}: without is ${foundWords(without)}; give the name of a node or an outside host.`)
  assertType(
    `${of}: marked`,
    marked ?? null,
    'function',
    "a function of the answer: (answer) => answer.body.includes('…')",
  )
  if (maxAgeMs !== Infinity) assertNumber(`${of}: maxAgeMs`, maxAgeMs, 'milliseconds from 0')
  assertNumber(`${of}: freshForMs`, freshForMs, 'milliseconds from 0')
  return {
    kind: 'invariant',
    name: `${of} without ${without}`,
    effects: [],
    isRare: true,
    check(history) {
      const good = goodReplies(history, without)
      const reasons: Reason[] = []
      let judged = 0
      for (const end of completionsOf(history)) {
        if (end.kind !== 'ok' || end.operation !== operation.name || good.had.has(end.invocation)) continue
        const givenMs = madeAt(history.events, end)
        const last = good.all.findLast(({ atMs }) => atMs <= givenMs)
        const ageMs = last === undefined ? undefined : givenMs - last.atMs
        if (ageMs !== undefined && ageMs <= freshForMs) continue
        judged += 1
        let says: unknown
        try {
          says = marked(end.value)
        } catch (error) {
          return noVerdict(`${of}: marked threw ${String(error)} for an answer of ${end.operation}.`)
        }
        if (typeof says !== 'boolean')
          return noVerdict(`${of}: marked returned ${foundWords(says)}; return true or false.`)
        const events = last === undefined ? [end.seq] : [last.seq, end.seq]
        if (!says) reasons.push({ kind: 'custom', of, text: unmarkedText(end, without, ageMs), events })
        else if (ageMs !== undefined && ageMs > maxAgeMs)
          reasons.push({ kind: 'custom', of, text: oldText(end, without, ageMs, maxAgeMs), events })
      }
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return judged > 0 ? holds : vacuous(`Every answer of ${operation.name} had a good reply of "${without}".`)
    },
  }
}

interface GoodReplies {
  readonly all: readonly { readonly atMs: number; readonly seq: number }[]
  /** The operations in whose chain one came. */
  readonly had: ReadonlySet<number>
}

function goodReplies({ events }: History, dependency: string): GoodReplies {
  const had = new Set<number>()
  const all = events.flatMap((event) => {
    const sent = event.kind === 'arrive' && !event.late ? events[event.cause] : undefined
    if (sent?.kind !== 'send' || sent.request < 0 || sent.node !== dependency) return []
    if (sent.status >= 500 || sent.status === 429) return []
    const invocation = invocationOf(sent.address.root)
    if (invocation !== undefined) had.add(invocation)
    return [{ atMs: event.atMs, seq: event.seq }]
  })
  return { all, had }
}

/** When an answer left: it is no younger than that. */
function madeAt(events: readonly HistoryEvent[], { cause, atMs }: Completion): number {
  const arrived = events[cause]
  const sent = arrived?.kind === 'arrive' ? events[arrived.cause] : undefined
  return sent?.kind === 'send' && sent.request >= 0 ? sent.atMs : atMs
}

function unmarkedText({ operation, atMs }: Completion, without: string, ageMs: number | undefined): string {
  const age = ageMs === undefined ? '' : `, on data of ${durationWords(ageMs)} ago`
  return (
    `${operation} was answered ok at ${(atMs / 1_000).toFixed(3)} s without ${without}${age}, and the answer does ` +
    'not say so; expected that a degraded answer is marked.'
  )
}

function oldText({ operation, atMs }: Completion, without: string, ageMs: number, maxAgeMs: number): string {
  return (
    `${operation} was answered at ${(atMs / 1_000).toFixed(3)} s without ${without}, on data that are at least ` +
    `${durationWords(ageMs)} old; expected at most ${durationWords(maxAgeMs)}.`
  )
}
