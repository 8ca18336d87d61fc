// What the clocks of machines showed, computed from the drift and skew faults of a history. Code waits and measures by
// the clock of its machine, so correct code must not be blamed because that clock was wrong. Only used when a violation
// was found by virtual time, so nothing is computed in advance.
import { paceOf } from '../scenario/fault/delivery.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { FaultEvent, History, HistoryEvent } from './history.ts'

/** A timer clock runs fast or slow for some time. */
interface ClockDrift {
  readonly machine: string
  readonly ppm: number
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * How long the machine that caused an event had waited, in milliseconds: by virtual time or by its own timers,
 * whichever is longer, since a wait that is long enough by either clock is correct.
 */
export function waitedMs({ events }: History, by: HistoryEvent, fromMs: number, toMs: number): number {
  const machine = machineOf(events, by)
  return Math.max(toMs - fromMs, elapsed(driftsIn(events), machine, fromMs, toMs))
}

/**
 * How long something took, in milliseconds, by the clock that showed the shortest time; virtual time is one of them.
 */
export function leastMs({ events }: History, fromMs: number, toMs: number): number {
  const drifts = driftsIn(events)
  const machines = new Set(drifts.map(({ machine }) => machine))
  return Math.min(toMs - fromMs, ...Array.from(machines, (machine) => elapsed(drifts, machine, fromMs, toMs)))
}

/** A moment on a machine's timer clock, in milliseconds since the start. */
export function timerMs({ events }: History, by: HistoryEvent, atMs: number): number {
  return elapsed(driftsIn(events), machineOf(events, by), 0, atMs)
}

/** How wrong a machine's wall clock was from its start, in milliseconds. */
export function skewMs({ events }: History, by: HistoryEvent): number {
  const machine = machineOf(events, by)
  return events
    .filter((event) => event.kind === 'fault')
    .filter((event) => isFromStart(event) && machineOfStart(event) === machine)
    .flatMap(({ fault }) => deliveryOf([fault]).jumps)
    .reduce((total, { byMs }) => total + byMs, 0)
}

/** Where an event happened: a client, a node, or one instance of it. */
function machineOf(events: readonly HistoryEvent[], { node, cause }: HistoryEvent): string {
  const origin = events[cause]
  return machineName(node, origin?.kind === 'arrive' || origin?.kind === 'boot' ? origin.instance : undefined)
}

function machineName(node: string, instance = 1): string {
  return instance === 1 ? node : `${node}#${instance}`
}

/**
 * The drifts of all machines. A drift begins at the start of its machine, or when the request at its address arrives.
 */
function driftsIn(events: readonly HistoryEvent[]): readonly ClockDrift[] {
  const healedMs = events.find(({ kind }) => kind === 'heal')?.atMs ?? Infinity
  return events.flatMap((event) => {
    if (event.kind !== 'fault') return []
    const { drifts } = deliveryOf([event.fault])
    if (drifts.length === 0) return []
    const arrival = isFromStart(event)
      ? undefined
      : events.find((other) => other.kind === 'arrive' && other.cause === event.cause)
    if (arrival === undefined && !isFromStart(event)) return []
    const fromMs = (arrival ?? event).atMs
    const machine = arrival?.kind === 'arrive' ? machineName(arrival.node, arrival.instance) : machineOfStart(event)
    return drifts.map(({ ppm, forMs = Infinity }) => ({
      machine,
      ppm,
      fromMs,
      untilMs: Math.min(fromMs + forMs, healedMs),
    }))
  })
}

function isFromStart({ cause }: FaultEvent): boolean {
  return cause === -1
}

function machineOfStart({ node, fault }: FaultEvent): string {
  return machineName(node, fault.at.nth)
}

function elapsed(drifts: readonly ClockDrift[], machine: string, fromMs: number, toMs: number): number {
  const own = drifts.filter((drift) => drift.machine === machine)
  const changes = own.flatMap((drift) => [drift.fromMs, drift.untilMs]).filter((ms) => ms > fromMs && ms < toMs)
  let total = 0
  let sinceMs = fromMs
  for (const untilMs of [...changes.toSorted((a, b) => a - b), toMs]) {
    const now = own.filter((drift) => drift.fromMs <= sinceMs && drift.untilMs > sinceMs)
    total += (untilMs - sinceMs) * paceOf(now.reduce((sum, { ppm }) => sum + ppm, 0))
    sinceMs = untilMs
  }
  return Math.round(total * 1_000) / 1_000 // as performance.now() does: the sum has rounding errors
}
