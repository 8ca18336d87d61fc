// Where the events of a history stand: in the column of their node or, where a node has several instances, in that of
// the instance that acted. Knows histories; must not know the page.
import type { HistoryEvent } from '../history/history.ts'
import { instanceName } from './names.ts'
import { nodesOf, type Row } from './row.ts'
import { ancestors, type Trail } from './trail.ts'

/** The name of the column of an event: `shop`, `client#0`, or `shop #2` for an instance. */
export function placeOf(trail: Trail, event: HistoryEvent): string {
  const instance = instanceOf(trail, event)
  return instance === undefined ? event.node : instanceName(event.node, instance)
}

/** The instance of its node that an event happened in. Undefined where the node has only one, or nobody knows. */
function instanceOf(trail: Trail, event: HistoryEvent): number | undefined {
  const at = ancestors(event, trail.event).find((one) => 'instance' in one && one.node === event.node)
  return at !== undefined && 'instance' in at ? at.instance : undefined
}

/** A row in the columns of instances. */
export function placed(trail: Trail, row: Row): Row {
  const event = trail.event(row.seq)
  const { shape } = row
  if (event === undefined || shape.kind === 'rule') return row
  if (shape.kind === 'point')
    return shape.node === event.node ? { ...row, shape: { ...shape, node: placeOf(trail, event) } } : row
  const [from, to] = endsOf(trail, event)
  return { ...row, shape: { ...shape, from: from ?? shape.from, to: to ?? shape.to } }
}

/** The columns of the sender and the receiver of a message or a store call. */
function endsOf(trail: Trail, event: HistoryEvent): readonly (string | undefined)[] {
  if (event.kind === 'store') return [placeOf(trail, event)]
  const send = event.kind === 'arrive' ? trail.sendOf(event.cause) : event
  if (send?.kind !== 'send') return []
  const request = trail.sendOf(send.request)
  if (request !== undefined) return [placeOf(trail, send), placeOf(trail, request)]
  const taken = event.kind === 'arrive' ? event : trail.fateOf(send.seq)
  return [placeOf(trail, send), taken?.kind === 'arrive' ? placeOf(trail, taken) : undefined]
}

/**
 * Rows whose instance nobody knows, such as a request that none of them took, stand in the column of the first instance
 * in the story, so that they need no column of their own.
 */
export function withoutLooseEnds(rows: readonly Row[]): readonly Row[] {
  const used = new Set(rows.flatMap(nodesOf))
  const place = (node: string): string => columnsOf(node, used)[0] ?? node
  return rows.map((row) => {
    const { shape } = row
    if (shape.kind === 'rule') return row
    return shape.kind === 'point'
      ? { ...row, shape: { ...shape, node: place(shape.node) } }
      : { ...row, shape: { ...shape, from: place(shape.from), to: place(shape.to) } }
  })
}

/** The columns of a node: itself, or its instances. */
export function columnsOf(node: string, used: ReadonlySet<string>): readonly string[] {
  const instances = [...used].filter((place) => place.startsWith(`${node} #`)).sort(byInstance)
  return instances.length === 0 ? [node] : instances
}

function byInstance(a: string, b: string): number {
  return Number(/\d+$/.exec(a)?.[0] ?? 0) - Number(/\d+$/.exec(b)?.[0] ?? 0)
}
