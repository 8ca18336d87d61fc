// The trail: a history with answers to the questions that the report asks again and again: what became of a message,
// which operation an event belongs to, which faults hit it, what to call a value. Must not know how anything is drawn.
import { callChain, invocationRoot, type Address, type PathStep, type Root } from '../scenario/address.ts'
import { addressId, parentId } from '../scenario/address-text.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import { aliasesOf, withAliases, type Alias } from '../scenario/alias.ts'
import type {
  Arrive,
  CallDetail,
  Completion,
  FaultEvent,
  History,
  HistoryEvent,
  Invoke,
  Lost,
  NodeEvent,
  Send,
} from '../history/history.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { printable } from './ink.ts'

export interface Trail {
  readonly history: History
  readonly events: readonly HistoryEvent[]
  readonly aliases: readonly Alias[]
  /** The event with this `seq`; undefined if there is none, as for cause -1. */
  readonly event: (seq: number) => HistoryEvent | undefined
  readonly sendOf: (message: number) => Send | undefined
  /** What became of a message: its first arrival or, if it never arrived, its loss. */
  readonly fateOf: (message: number) => Arrive | Lost | undefined
  /** The root of the chain of calls that an event belongs to. */
  readonly rootOf: (event: HistoryEvent) => Root | undefined
  /** The innermost call that an event belongs to. */
  readonly addressOf: (event: HistoryEvent) => Address | undefined
  /** The crash that a message met: of its receiver when it arrived, or of its sender before it could leave. */
  readonly crashOf: (message: number) => NodeEvent | undefined
  /** Whether a message without arrival or loss is over all the same: a fault answered it, or it met a crash. */
  readonly isSettled: (send: Send) => boolean
  /** The number of the duplicate that caused the event; 0 for the original. */
  readonly copyOf: (event: HistoryEvent) => number
  /** Faults, by the `seq` of the event that they hit. */
  readonly faultsAt: ReadonlyMap<number, readonly FaultEvent[]>
  readonly invocations: ReadonlyMap<number, { readonly invoke: Invoke; readonly end?: Completion }>
  /** Details of messages and store calls, by the `seq` of their events. */
  readonly detailAt: ReadonlyMap<number, CallDetail>
  /** Text for people: with aliases instead of raw values, and nothing that disturbs a terminal. */
  readonly text: (raw: string) => string
}

/** Makes the trail of a history. */
export function trailOf(history: History, scenario: Scenario): Trail {
  const { events } = history
  const bySeq = new Map(events.map((event) => [event.seq, event]))
  const event = (seq: number): HistoryEvent | undefined => bySeq.get(seq)
  const sendOf = (message: number): Send | undefined => asSend(bySeq.get(message))
  const fates = fatesOf(events)
  const aliases = aliasesOf(scenario.workload)
  const addressOf = addressReader(event, sendOf)
  const crashes = crashesByMessage(events, fates)
  const answered = new Set(events.flatMap((sent) => (sent.kind === 'send' && sent.request >= 0 ? [sent.request] : [])))
  return {
    history,
    events,
    aliases,
    event,
    sendOf,
    addressOf,
    fateOf: (message) => fates.get(message),
    rootOf: rootReader(events, event, addressOf),
    crashOf: (message) => crashes.get(message),
    isSettled: (send) => crashes.has(send.seq) || (send.request < 0 && answered.has(send.seq)),
    copyOf: (of) =>
      copyIn(addressOf(of)) ||
      (ancestors(of, event)
        .map(asSend)
        .find((send) => send !== undefined && send.copy > 0)?.copy ??
        0),
    faultsAt: faultsBySite(events, crashes),
    invocations: invocationsOf(events),
    detailAt: new Map((history.details ?? []).map((detail) => [detail.event, detail])),
    text: (raw) => printable(withAliases(raw, aliases)),
  }
}

/** The number of the duplicate in the path of an address; everything that a duplicate causes has it there. */
function copyIn(address: Address | undefined): number {
  return address?.path.find(({ copy }) => copy !== undefined)?.copy ?? 0
}

/**
 * The crashes caused by a fault on a message, by that message. Not those of senders whose message had left before: it
 * arrives, or is lost on the way, later than the crash.
 */
function crashesByMessage(
  events: readonly HistoryEvent[],
  fates: ReadonlyMap<number, Arrive | Lost>,
): ReadonlyMap<number, NodeEvent> {
  return new Map(
    events.flatMap((event) => {
      if (event.kind !== 'crash' || event.cause < 0) return []
      const message = asSend(events[event.cause])
      const hadLeft = message?.node === event.node && (fates.get(event.cause)?.atMs ?? event.atMs) > event.atMs
      return hadLeft ? [] : [[event.cause, event] as const]
    }),
  )
}

function asSend(event: HistoryEvent | undefined): Send | undefined {
  return event?.kind === 'send' ? event : undefined
}

/** An event and its causes, nearest first. A cause always comes earlier, so this ends. */
export function ancestors(event: HistoryEvent, at: (seq: number) => HistoryEvent | undefined): readonly HistoryEvent[] {
  const chain: HistoryEvent[] = []
  let next: HistoryEvent | undefined = event
  while (next !== undefined) {
    chain.push(next)
    next = next.cause < next.seq ? at(next.cause) : undefined
  }
  return chain
}

function fatesOf(events: readonly HistoryEvent[]): ReadonlyMap<number, Arrive | Lost> {
  const fates = new Map<number, Arrive | Lost>()
  for (const event of events) {
    if (event.kind !== 'arrive' && event.kind !== 'lost') continue
    const known = fates.get(event.cause)
    if (known === undefined || (known.kind === 'lost' && event.kind === 'arrive')) fates.set(event.cause, event)
  }
  return fates
}

type At = (seq: number) => HistoryEvent | undefined

function addressReader(at: At, sendOf: (message: number) => Send | undefined): Trail['addressOf'] {
  return (event) => {
    for (const near of ancestors(event, at)) {
      if (near.kind === 'send' || near.kind === 'store') return near.address
      if (near.kind === 'arrive' || near.kind === 'lost') return sendOf(near.cause)?.address
      if (near.kind === 'fault') return near.fault.at
    }
    return undefined
  }
}

function rootReader(events: readonly HistoryEvent[], at: At, addressOf: Trail['addressOf']): Trail['rootOf'] {
  const names = new Map<number, string>()
  for (const event of events) if (event.kind === 'invoke') names.set(event.invocation, event.operation)
  return (event) => {
    for (const near of ancestors(event, at)) {
      if ('invocation' in near) return invocationRoot(names.get(near.invocation) ?? '', near.invocation)
      const root = addressOf(near)?.root
      if (root !== undefined) return root
    }
    return undefined
  }
}

/**
 * Assigns each fault to the event that it hit. A fault event follows that event, or comes just before the first boot of
 * its node. A fault that prevented a reply belongs to the crash.
 */
function faultsBySite(
  events: readonly HistoryEvent[],
  crashes: ReadonlyMap<number, NodeEvent>,
): ReadonlyMap<number, readonly FaultEvent[]> {
  const sites = new Map<string, number>()
  const found = new Map<number, FaultEvent[]>()
  for (const event of events)
    if (event.kind === 'boot' && event.incarnation === 1)
      sites.set(`boot ${event.node} ${event.instance ?? 1}`, event.seq)
  for (const event of events) {
    if (event.kind === 'send' || event.kind === 'store')
      sites.set(addressId(event.address), swallowedBy(event, crashes)?.seq ?? event.seq)
    if (event.kind !== 'fault') continue
    const site = siteOf(event, sites, events)
    found.set(site, [...(found.get(site) ?? []), event])
  }
  return found
}

/** The crash of the sender of a reply, because of which the reply never leaves. */
function swallowedBy(event: HistoryEvent, crashes: ReadonlyMap<number, NodeEvent>): NodeEvent | undefined {
  const crash = event.kind === 'send' && event.request >= 0 ? crashes.get(event.seq) : undefined
  return crash?.node === event.node ? crash : undefined
}

function siteOf(event: FaultEvent, sites: ReadonlyMap<string, number>, events: readonly HistoryEvent[]): number {
  const { fault } = event
  const hit = sites.get(fault.at.operation === 'boot' ? `boot ${fault.at.to} ${fault.at.nth}` : addressId(fault.at))
  if (hit !== undefined) return hit
  const crashed = events.find((other) => other.kind === 'crash' && other.atMs === event.atMs && other.why === 'fault')
  return deliveryOf([fault]).crashes.length > 0 && crashed !== undefined ? crashed.seq : event.seq
}

function invocationsOf(events: readonly HistoryEvent[]): Trail['invocations'] {
  const found = new Map<number, { invoke: Invoke; end?: Completion }>()
  for (const event of events) {
    if (event.kind === 'invoke') found.set(event.invocation, { invoke: event })
    if (event.kind !== 'ok' && event.kind !== 'fail' && event.kind !== 'info') continue
    const open = found.get(event.invocation)
    if (open !== undefined) open.end = event
  }
  return found
}

/** A step of a path without the number of the duplicate. */
function original(step: PathStep): PathStep {
  const { copy: _, ...rest } = step
  return rest
}

/** The ids of the calls around an address, the outermost first, its own last. */
export function callsOf(address: Address): readonly string[] {
  const path = callChain(address).map(original)
  return path.map((_, depth) => parentId(address.root, path.slice(0, depth + 1)))
}
