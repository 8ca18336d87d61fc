// Builds histories by hand, with a few words for each event. `seq` follows the order of the list. For tests only.
import type { Address, Leg } from '../../src/scenario/address.ts'
import type { Completion, End, History, HistoryEvent, Reading } from '../../src/history/history.ts'
import type { Throttle } from '../../src/scenario/fault/throttle.ts'
import { rootOf, stepOf } from '../address-of.ts'

/** One line of a hand-written history. */
export type Line =
  | { readonly kind: 'event'; readonly make: (seq: number, before: readonly HistoryEvent[]) => HistoryEvent }
  | { readonly kind: 'reading'; readonly reading: Reading }

/** The history of these lines; `seq` counts its events from 0. */
export function historyOf(...lines: readonly Line[]): History {
  const events: HistoryEvent[] = []
  const readings: Reading[] = []
  for (const line of lines) {
    if (line.kind === 'event') events.push(line.make(events.length, events))
    else readings.push(line.reading)
  }
  return { events, readings, notes: [] }
}

/** `invoke(0, 'pay', 0, { order: 'o-1' })`: invocation 0 of client#0. */
export function invoke(atMs: number, operation: string, invocation: number, input?: unknown, client = 0): Line {
  return event((seq) => ({
    kind: 'invoke',
    seq,
    atMs,
    node: `client#${client}`,
    cause: -1,
    invocation,
    operation,
    client,
    input,
  }))
}

/** The end of an invocation that is among the lines before. */
export function ends(atMs: number, kind: Completion['kind'], invocation: number, why?: string, value?: unknown): Line {
  return event((seq, before) => {
    const begun = before.find((candidate) => candidate.kind === 'invoke' && candidate.invocation === invocation)
    if (begun?.kind !== 'invoke') throw new Error(`invocation ${invocation} ends before it begins`)
    const { operation, client, node } = begun
    return {
      kind,
      seq,
      atMs,
      node,
      cause: begun.seq,
      invocation,
      operation,
      client,
      ...(why === undefined ? {} : { why }),
      ...(value === undefined ? {} : { value }),
    }
  })
}

/** An invocation is answered ok, with this value. */
export function answers(atMs: number, invocation: number, value: unknown): Line {
  return ends(atMs, 'ok', invocation, undefined, value)
}

export function effect(atMs: number, name: string, value: unknown): Line {
  return event((seq) => ({ kind: 'effect', seq, atMs, node: 'shop', cause: -1, effect: name, value }))
}

export function struck(atMs: number): Line {
  const at = {
    root: rootOf('pay#0'),
    path: [],
    from: 'shop',
    to: 'client',
    operation: 'POST /orders',
    leg: 'reply',
    nth: 1,
  } as const
  return event((seq) => ({ kind: 'fault', seq, atMs, node: 'shop', cause: -1, fault: { kind: 'lose', at } }))
}

/**
 * A fault damages the answer to an invocation, so that the result is not known even if the operation is answered ok.
 */
export function garbled(atMs: number, operation: string, invocation: number): Line {
  const at = {
    root: rootOf(`${operation}#${invocation}`),
    path: [],
    from: 'shop',
    to: 'client',
    operation: 'POST /work',
    leg: 'reply',
    nth: 1,
  } as const
  return event((seq) => ({
    kind: 'fault',
    seq,
    atMs,
    node: 'shop',
    cause: -1,
    fault: { kind: 'garble', at, body: 'empty' },
  }))
}

/** A store call that a reading can refer to. */
export function commit(atMs: number): Line {
  const address = {
    root: rootOf('pay#0'),
    path: [],
    from: 'shop',
    to: 'db',
    operation: 'insert',
    leg: 'reply',
    nth: 1,
  } as const
  return event((seq) => ({ kind: 'store', seq, atMs, node: 'db', cause: -1, address, write: true, open: false }))
}

export function over(atMs: number, reason: End['reason'] = 'quiet'): Line {
  return event((seq) => ({ kind: 'end', seq, atMs, node: 'client', cause: -1, reason }))
}

/** A row, read at the end or first seen after an event. */
export function row(name: string, value: unknown, seen?: { readonly atMs: number; readonly event: number }): Line {
  return { kind: 'reading', reading: { effect: name, value, ...seen } }
}

/** A link between two nodes, and what caused the messages on it, as text. */
export interface Link {
  readonly root: string
  readonly path?: readonly string[]
  readonly from: string
  readonly to: string
  readonly bytes?: number
}

/** The address of a leg of `POST /work` on a link. */
export function addressOn({ root, path = [], from, to }: Link, leg: Leg): Address {
  return { root: rootOf(root), path: path.map(stepOf), from, to, operation: 'POST /work', leg, nth: 1 }
}

/** The client's n-th try at an invocation. */
export function tries(atMs: number, invocation: number, attempt: number): Line {
  return event((seq) => ({ kind: 'attempt', seq, atMs, node: 'client#0', cause: -1, invocation, attempt }))
}

/** A request is sent; `nth` is 1 for all of them, as no checker may depend on it. */
export function sends(atMs: number, link: Link): Line {
  const address = addressOn(link, 'request')
  return event((seq) => ({
    kind: 'send',
    seq,
    atMs,
    node: link.from,
    cause: -1,
    address,
    request: -1,
    copy: 0,
    status: 0,
    ...(link.bytes === undefined || link.bytes === 0 ? {} : { bytes: link.bytes }),
  }))
}

/** A reply to the request with the `seq` `request` is sent. */
export function replies(atMs: number, request: number, status: number, link: Link): Line {
  const address = addressOn(link, 'reply')
  return event((seq) => ({ kind: 'send', seq, atMs, node: link.to, cause: request, address, request, copy: 0, status }))
}

/** The message with this `seq` arrives. */
export function arrives(atMs: number, message: number, late = false): Line {
  return event((seq) => ({ kind: 'arrive', seq, atMs, node: 'shop', cause: message, late }))
}

/** A throttle fault hits the request with this `seq`. */
export function throttled(
  atMs: number,
  request: number,
  retryAfterMs: number,
  more: Pick<Throttle, 'status' | 'form'> = {},
): Line {
  const at = {
    root: rootOf('pay#0'),
    path: [],
    from: 'shop',
    to: 'bank',
    operation: 'POST /work',
    leg: 'request',
    nth: 1,
  } as const
  return event((seq) => ({
    kind: 'fault',
    seq,
    atMs,
    node: 'shop',
    cause: request,
    fault: { kind: 'throttle', at, retryAfterMs, ...more },
  }))
}

function event(make: (seq: number, before: readonly HistoryEvent[]) => HistoryEvent): Line {
  return { kind: 'event', make }
}
