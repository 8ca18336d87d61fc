// Twin of noticed, written from its definition: for every request that a node served it searches the whole history for
// its calls, their answers, and whoever names what failed. With random histories of a shop and its bank. Shares no code
// with src/check.
import * as fc from 'fast-check'
import type { Fault } from '../../../src/scenario/fault/registry.ts'
import type { History, HistoryEvent, Note, Send } from '../../../src/history/history.ts'
import { addressOn } from '../build-history.ts'
import { eventsInOrder, type Bare } from './taken-over.ts'
import { contradiction, is, type Finding } from './twins.ts'

const outer = { root: 'pay#0', from: 'client', to: 'shop' } as const
const inner = { root: 'pay#0', path: ['client -> shop POST /work 1'], from: 'shop', to: 'bank' } as const

export const asks = (atMs: number, cause: number, link: 'outer' | 'inner'): Bare => ({
  kind: 'send',
  atMs,
  node: link === 'outer' ? 'client#0' : 'shop',
  cause,
  address: addressOn(link === 'outer' ? outer : inner, 'request'),
  request: -1,
  copy: 0,
  status: 0,
})
export const replies = (atMs: number, request: number, status: number, link: 'outer' | 'inner'): Bare => ({
  kind: 'send',
  atMs,
  node: link === 'outer' ? 'shop' : 'bank',
  cause: request,
  address: addressOn(link === 'outer' ? outer : inner, 'reply'),
  request,
  copy: 0,
  status,
})
export const arrives = (atMs: number, message: number, node = 'shop'): Bare => ({
  kind: 'arrive',
  atMs,
  node,
  cause: message,
  late: false,
})
export const invokes = (atMs: number, operation: string, invocation: number): Bare => ({
  kind: 'invoke',
  atMs,
  node: `client#${invocation}`,
  cause: -1,
  invocation,
  operation,
  client: invocation,
  input: null,
})
export const ends = (
  atMs: number,
  kind: 'ok' | 'info',
  operation: string,
  invocation: number,
  value?: unknown,
): Bare => ({
  kind,
  atMs,
  node: `client#${invocation}`,
  cause: -1,
  invocation,
  operation,
  client: invocation,
  ...(value === undefined ? {} : { value }),
})
export const node = (atMs: number, kind: 'crash' | 'pause' | 'resume'): Bare => ({
  kind,
  atMs,
  node: 'shop',
  cause: -1,
  incarnation: 1,
})
export const counts = (atMs: number, value: unknown, by = 'shop'): Bare => ({
  kind: 'effect',
  atMs,
  node: by,
  cause: -1,
  effect: 'failures',
  value,
})
/** A fault on the way to the bank, which no checker needs to understand. */
export const struck = (atMs: number, kind: 'lose' | 'error' = 'lose', cause = -1): Bare => {
  const at = addressOn(inner, 'request')
  const fault: Fault = kind === 'lose' ? { kind, at } : { kind, at, status: 503 }
  return { kind: 'fault', atMs, node: 'shop', cause, fault }
}
export const prints = (atMs: number, after: number, text: string, by = 'shop'): Note => ({
  event: after,
  text,
  printed: { node: by, atMs, after },
})

/** One payment whose bank may fail, with chances to notice around it. */
export const failingHistory: fc.Arbitrary<History> = fc
  .record({
    isStruck: fc.constantFrom(true, true, true, true, false),
    bank: fc.array(fc.constantFrom(200, 402, 429, 503, 503, 503, 'silent' as const), { minLength: 1, maxLength: 3 }),
    answer: fc.constantFrom(200, 402, 502, 502, 502, 'none' as const),
    isReplaced: fc.constantFrom(false, false, false, true),
    degraded: fc.boolean(),
    extra: fc.array(
      fc.record({
        what: fc.constantFrom(
          ...(['print', 'count', 'health', 'health', 'health'] as const),
          ...(['print', 'crash', 'resume', 'health', 'health'] as const),
        ),
        text: fc.constantFrom('the BANK failed', 'shop', 'all is well'),
        by: fc.constantFrom('shop', 'shop', 'shop', 'bank', 'client#0'),
        gapMs: fc.constantFrom(0, 1, 2, 5, 9),
      }),
      { maxLength: 3 },
    ),
    end: fc.constantFrom('quiet' as const, 'maxSteps' as const, 'none' as const),
  })
  .map(({ isStruck, bank, answer, isReplaced, degraded, extra, end }) => {
    const events: Bare[] = [invokes(0, 'pay', 0), asks(0, 0, 'outer'), arrives(1, 1)]
    const notes: Note[] = []
    if (isStruck) events.push(struck(1))
    let nowMs = 2
    for (const status of bank) {
      const request = events.length
      events.push(asks(nowMs, 2, 'inner'))
      nowMs += 1
      if (status !== 'silent') {
        events.push(replies(nowMs, request, status, 'inner'))
        events.push(arrives(nowMs, request + 1))
      }
    }
    if (answer !== 'none') {
      events.push(replies(nowMs, 1, answer, 'outer'))
      if (isReplaced) events.push(struck(nowMs, 'error', events.length - 1))
    }
    nowMs += 1
    events.push(ends(nowMs, answer === 200 ? 'ok' : 'info', 'pay', 0, degraded ? 'stale' : 'fresh'))
    for (const [index, { what, text, by, gapMs }] of extra.entries()) {
      nowMs += gapMs
      if (what === 'print') notes.push(prints(nowMs, events.length - 1, text, by))
      if (what === 'count') events.push(counts(nowMs, { text }, by))
      if (what === 'health')
        events.push(invokes(nowMs, 'health', index + 1), ends(nowMs, 'ok', 'health', index + 1, text))
      if (what === 'crash' || what === 'resume') events.push(node(nowMs, what))
    }
    if (end !== 'none') events.push({ kind: 'end', atMs: nowMs + 1, node: 'client', cause: -1, reason: end })
    return { ...eventsInOrder(...events), notes }
  })

/** Places: logs, the journal `failures`, and with `hasHealth` the operation `health`. */
export function noticedTwin(withinMs: number, hasHealth: boolean): (history: History) => Finding {
  return ({ events, notes }) => {
    const of = (request: number): Send[] =>
      events.filter((event): event is Send => event.kind === 'send' && event.request === request)
    const fault = events.find(({ kind }) => kind === 'fault')
    const served = events.filter(({ kind, node: where }) => kind === 'arrive' && where === 'shop')
    const failed: { readonly call: Send; readonly answer: HistoryEvent; readonly sinceMs: number }[] = []
    for (const arrival of served) {
      const calls = events.filter(
        (event): event is Send => event.kind === 'send' && event.request === -1 && event.cause === arrival.seq,
      )
      const call = calls.at(-1)
      if (call === undefined || fault === undefined) continue
      const isGood = of(call.seq).some(
        ({ seq, status }) =>
          status !== 503 && status !== 429 && events.some((one) => one.kind === 'arrive' && one.cause === seq),
      )
      const reply = of(arrival.cause)[0]
      const isMadeUp = events.some(
        (one) => one.kind === 'fault' && one.fault.kind === 'error' && one.cause === reply?.seq,
      )
      const end = events.find((one) => (one.kind === 'ok' || one.kind === 'info') && one.operation === 'pay')
      const isStale = end?.kind === 'ok' && end.value === 'stale'
      if (isGood || isMadeUp || (reply?.status === 200 && !isStale)) continue
      const answer = reply ?? end
      if (answer === undefined || answer.seq < fault.seq) continue
      const sinceMs = Math.max(
        answer.atMs,
        ...events.filter((one) => one.kind === 'resume' && one.seq > call.seq).map(({ atMs }) => atMs),
      )
      const died = events.some((one) => one.kind === 'crash' && one.seq > call.seq && one.atMs <= sinceMs + withinMs)
      if (!died) failed.push({ call, answer, sinceMs })
    }
    if (failed.length === 0) return is('vacuous')
    const names = (value: unknown): boolean => JSON.stringify(value).toLowerCase().includes('bank')
    let heard = 0
    let open = 0
    const contradictions: string[] = []
    for (const { call, answer, sinceMs } of failed) {
      const dueMs = sinceMs + withinMs
      const isSeen =
        notes.some(
          ({ text, printed }) =>
            printed?.node === 'shop' && printed.atMs <= dueMs && printed.after >= call.seq && names(text),
        ) ||
        events.some((one) => one.kind === 'effect' && one.node === 'shop' && one.atMs <= dueMs && names(one.value)) ||
        events.some(
          (one) =>
            hasHealth && one.kind === 'ok' && one.operation === 'health' && one.atMs <= dueMs && names(one.value),
        )
      const isAsked = events.some(
        (one) => one.kind === 'ok' && one.operation === 'health' && one.atMs >= sinceMs && one.atMs <= dueMs,
      )
      const last = events.at(-1)
      const isOver = (last?.kind === 'end' && last.reason === 'quiet') || (last?.atMs ?? 0) > dueMs
      if (isSeen) heard += 1
      else if (hasHealth && !isAsked) continue
      else if (isOver)
        contradictions.push(
          contradiction(
            'unnoticed shop -> bank',
            undefined,
            [call.seq, answer.seq].toSorted((a, b) => a - b),
          ),
        )
      else open += 1
    }
    if (contradictions.length > 0) return { kind: 'violated', contradictions }
    return is(open > 0 ? 'unknown' : heard > 0 ? 'holds' : 'vacuous')
  }
}
