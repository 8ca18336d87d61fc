// Who waits at the end of a story about something that never ends: each request that was not answered, what its handler
// has asked others for, and what of that is open. A lock in the memory of a node is no event, so that the story itself
// shows two requests and silence. Must not know the page.
import { invocationOf, isFromOutside } from '../scenario/address.ts'
import type { Arrive, HistoryEvent, Invoke, Send, StoreCall } from '../history/history.ts'
import { nodeWords, operationOfClient } from '../history/node-words.ts'
import { clockWords } from '../plain/time.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import type { Labelled } from './block.ts'
import { printable } from './ink.ts'
import { trailOf, type Trail } from './trail.ts'

/** The reasons that are about something which never ends. */
const hanging: ReadonlySet<string> = new Set(['pending', 'ended-by-platform', 'unanswered'])

const mostEntries = 4

/** One entry for each handler that never answered, where that is what the failure is about. */
export function waitingEntries({ history, scenario, violation }: Counterexample): readonly Labelled[] {
  if (!hanging.has(violation.reason.kind)) return []
  const trail = trailOf(history, scenario)
  return trail.events
    .filter((event): event is Arrive => event.kind === 'arrive' && isWaiting(trail, event))
    .slice(0, mostEntries)
    .map((arrival): Labelled => ({ label: 'Waits', text: printable(trail.text(waitWords(trail, arrival))) }))
}

/** Whether an arrival is that of a request that a node, still alive, never answered. */
function isWaiting({ events, sendOf }: Trail, arrival: Arrive): boolean {
  const request = sendOf(arrival.cause)
  if (request === undefined || request.request >= 0) return false
  return !events.some(
    (event) =>
      event.seq > arrival.seq &&
      ((event.kind === 'send' && event.request === request.seq) ||
        (event.kind === 'crash' && event.node === arrival.node && event.instance === arrival.instance)),
  )
}

function waitWords(trail: Trail, arrival: Arrive): string {
  const address = trail.sendOf(arrival.cause)?.address
  const { operation = 'a request', from = '' } = address ?? {}
  const root = trail.rootOf(arrival)
  const invoke =
    root === undefined || address === undefined || !isFromOutside(address)
      ? undefined
      : invokeOf(trail, invocationOf(root))
  const asker = invoke === undefined ? `${operation} of ${nodeWords(from)}` : operationWords(invoke)
  const since = `${nodeWords(arrival.node)} has not answered ${asker}, which arrived at ${clockWords(arrival.atMs)}`
  return `${since}: ${lockWords(trail, arrival) ?? callsWords(trail, arrival)}`
}

function invokeOf({ invocations }: Trail, invocation: number | undefined): Invoke | undefined {
  return invocation === undefined ? undefined : invocations.get(invocation)?.invoke
}

function operationWords({ operation, client }: Invoke): string {
  return operationOfClient(operation, client)
}

/** The lock of `navigator.locks` that the handler waits for, which it has printed. */
function lockWords(trail: Trail, { seq }: Arrive): string | undefined {
  const last = trail.history.notes.findLast(({ event, text }) => event === seq && lockNotes.test(text))
  const [, what = '', name, number] = lockNotes.exec(last?.text ?? '') ?? []
  if (last?.printed === undefined || !what.startsWith('waits')) return undefined
  const holder = invokeOf(trail, number === undefined ? undefined : Number(number))
  const has = name === undefined ? '' : `, which ${holder?.operation === name ? operationWords(holder) : name} has`
  return `it ${what}${has}, since ${clockWords(last.printed.atMs)}`
}

/** As navigator.locks writes them: `waits for lock "a" of pay#1`, `gets lock "a"`. */
const lockNotes = /^((?:waits for|gets) lock ".*?")(?: of (.*?)(?:#(\d+))?)?$/

/** What the handler has called, and what of that has no answer. */
function callsWords(trail: Trail, arrival: Arrive): string {
  const own = trail.events.filter((event): event is Send | StoreCall => isCallOf(event, arrival))
  const open = own.filter((call): call is Send => call.kind === 'send' && !isAnswered(trail, call))
  if (open.length > 0)
    return open
      .map(
        ({ address, atMs }) => `its ${address.operation} to ${address.to}, sent at ${clockWords(atMs)}, got no answer`,
      )
      .join('; ')
  const last = own.at(-1)
  const inMemory = 'so it waits for something in its own memory'
  if (last === undefined) return `it has called nobody, ${inMemory}`
  const { operation, to } = last.address
  const what = last.kind === 'store' ? operation : `${operation} to ${to}`
  return `its last call was ${what} at ${clockWords(last.atMs)}, and none is open, ${inMemory}`
}

/** Whether the handler of a request made this call. What it causes has the request's arrival as its cause. */
function isCallOf(event: HistoryEvent, arrival: Arrive): event is Send | StoreCall {
  if (event.cause !== arrival.seq) return false
  return event.kind === 'store' || (event.kind === 'send' && event.request < 0)
}

function isAnswered({ events }: Trail, call: Send): boolean {
  const replies = new Set(
    events.flatMap((event) => (event.kind === 'send' && event.request === call.seq ? [event.seq] : [])),
  )
  return events.some((event) => event.kind === 'arrive' && replies.has(event.cause))
}
