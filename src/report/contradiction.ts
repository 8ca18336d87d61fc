// What the contradicting events have in common: one operation that was tried twice, one request that was delivered
// twice, two operations that overlapped, a crash between them. Uses only facts of the history; guesses nothing.
import { operationOfClient } from '../history/node-words.ts'
import { involvedIn } from '../verdict/reason.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import type { History, HistoryEvent } from '../history/history.ts'
import { attemptOf, invocationOf, type Root } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import { isClient, namesOf, type NodeSort } from './names.ts'
import { clockWords } from '../plain/time.ts'
import { trailOf, type Trail } from './trail.ts'

type OperationRoot = Extract<Root, { readonly kind: 'operation' }>

/** The origin of one of the contradicting effects. */
export interface Origin {
  readonly seq: number
  readonly atMs: number
  /** The client's operation that caused it. */
  readonly root: OperationRoot
  readonly attempt: number
  readonly copy: number
  /** The node that called, and the node or store where the effect happened. */
  readonly caller: string
  readonly place: string
  readonly placeSort: NodeSort
}

/** The facts on which the report's sentence and the hints are based. */
export interface Contradiction {
  readonly trail: Trail
  /** The name of the effect, such as `charge`, if there are too many or too few of it. */
  readonly effect: string | undefined
  readonly tooMany: boolean
  readonly missing: boolean
  readonly origins: readonly Origin[]
  readonly pointed: readonly HistoryEvent[]
  /** How the effects are related. `attempts` and `copies` belong to one operation. */
  readonly kin: 'attempts' | 'copies' | 'one attempt' | 'overlapping operations' | 'operations' | undefined
  /** The node that caused the first effect and crashed before the last, if there is one. */
  readonly crashed: string | undefined
  /** The field of the workload that the violation is about, such as `order`. */
  readonly field: string | undefined
}

export function contradictionOf({ history, scenario, violation }: Counterexample): Contradiction {
  const trail = trailOf(history, scenario)
  const { reason } = violation
  const tooMany = reason.kind === 'too-many' && reason.of !== undefined && happened(history, reason.of)
  const missing = reason.kind === 'missing'
  const effect = tooMany || missing ? reason.of : undefined
  const sortOf = namesOf(trail.events).sortOf
  // Calls among these events have no origin
  const involved = involvedIn(reason)
  const origins = involved.flatMap((seq) => originOf(trail, sortOf, trail.event(seq)) ?? [])
  return {
    trail,
    effect,
    origins,
    pointed: involved.flatMap((seq) => trail.event(seq) ?? []),
    tooMany,
    missing,
    kin: kinOf(trail, origins),
    crashed: crashBetween(trail, origins),
    field: trail.aliases.find((alias) => alias.value === String(reason.subject))?.field,
  }
}

/** Whether `name` is an effect. For a recorded queue, a reason `too-many` names an operation instead. */
function happened({ events, readings }: History, name: string): boolean {
  return (
    events.some((event) => event.kind === 'effect' && event.effect === name) ||
    readings.some(({ effect }) => effect === name)
  )
}

function originOf(
  trail: Trail,
  sortOf: (node: string) => NodeSort,
  event: HistoryEvent | undefined,
): Origin | undefined {
  const address = event === undefined ? undefined : trail.addressOf(event)
  if (event === undefined || address?.root.kind !== 'operation') return undefined
  const place = event.kind === 'store' ? address.to : event.node
  return {
    seq: event.seq,
    atMs: event.atMs,
    root: address.root,
    attempt: attemptOf(address),
    copy: trail.copyOf(event),
    caller: event.node === address.to ? address.from : event.node,
    place,
    placeSort: sortOf(place),
  }
}

function kinOf(trail: Trail, origins: readonly Origin[]): Contradiction['kin'] {
  const [first, ...others] = origins
  if (first === undefined || others.length === 0) return undefined
  if (rootsOf(origins).length > 1) return overlap(trail, origins) ? 'overlapping operations' : 'operations'
  if (others.some(({ attempt }) => attempt !== first.attempt)) return 'attempts'
  return others.some(({ copy }) => copy !== first.copy) ? 'copies' : 'one attempt'
}

/** The operations that caused the effects, each once. */
function rootsOf(origins: readonly Origin[]): readonly OperationRoot[] {
  return [...new Map(origins.map(({ root }) => [root.invocation, root])).values()]
}

/** Whether each operation began before the others had ended. */
function overlap(trail: Trail, origins: readonly Origin[]): boolean {
  const spans = rootsOf(origins).map(({ invocation }) => trail.invocations.get(invocation))
  const begin = Math.max(...spans.map((span) => span?.invoke.seq ?? Number.MAX_VALUE))
  const end = Math.min(...spans.map((span) => span?.end?.seq ?? Number.MAX_VALUE))
  return begin < end
}

function crashBetween({ events }: Trail, origins: readonly Origin[]): string | undefined {
  const first = origins[0]?.seq ?? 0
  const last = origins.at(-1)?.seq ?? 0
  const callers = new Set(origins.flatMap(({ caller, place }) => [caller, place]))
  return events.find(
    (event) => event.kind === 'crash' && event.seq > first && event.seq < last && callers.has(event.node),
  )?.node
}

/** What the contradicting events have in common, in one sentence; undefined if nothing is known. */
export function kinWords({ trail, effect, tooMany, origins, kin }: Contradiction): string | undefined {
  const all =
    `${origins.length === 2 ? 'Both' : `All ${origins.length}`} ` +
    (effect === undefined ? 'events' : `"${effect}" effects`)
  const [first] = origins
  if (first === undefined || !(tooMany || kin === 'overlapping operations')) return undefined
  const operation = operationWords(trail, first.root)
  switch (kin) {
    case 'attempts':
      return `${all} stem from one operation, ${operation}: attempts ${listed(origins.map(({ attempt }) => attempt))}.`
    case 'copies':
      return `${all} stem from one request of ${operation}, delivered twice.`
    case 'one attempt':
      return `${all} stem from one attempt of ${operation}.`
    case 'overlapping operations':
      return `${all} stem from operations that overlapped: ${spansWords(trail, origins)}.`
    case 'operations':
      return `${all} stem from operations one after the other: ${spansWords(trail, origins)}.`
    case undefined:
      return undefined
    default:
      return kin satisfies never
  }
}

function listed(numbers: readonly number[]): string {
  const distinct = [...new Set(numbers)]
  return distinct.length < 3
    ? distinct.join(' and ')
    : `${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1) ?? ''}`
}

/** `pay order#0`, with the key of its first message. */
function operationWords({ events }: Trail, { operation, invocation }: OperationRoot): string {
  const sent = events.find(
    (event) => event.kind === 'send' && invocationOf(event.address.root) === invocation && isClient(event.node),
  )
  const key = sent?.kind === 'send' ? sent.address.key : undefined
  return `${operation}${key === undefined ? '' : ` ${key}`}`
}

function spansWords(trail: Trail, origins: readonly Origin[]): string {
  return rootsOf(origins)
    .map((root) => {
      const span = trail.invocations.get(root.invocation)
      if (span === undefined) return rootText(root)
      const end = span.end === undefined ? 'never ended' : `${clockWords(span.end.atMs)} s`
      return (
        `${operationOfClient(operationWords(trail, root), span.invoke.client)} ` +
        `(${clockWords(span.invoke.atMs)} to ${end})`
      )
    })
    .join(' and ')
}
