// The names of nodes in the story, and the order of the columns. Knows histories, not the page.
import { clientOf, nodeWords } from '../history/node-words.ts'
import type { HistoryEvent } from '../history/history.ts'
import { printable } from './ink.ts'

export type NodeSort = 'client' | 'node' | 'store' | 'outside'

export interface Names {
  /** All columns: clients and providers first, outside hosts last, otherwise by first appearance. */
  readonly columns: readonly string[]
  readonly sortOf: (node: string) => NodeSort
  /** The title of a column: `client#0` becomes `client`, or `client 0` if there are several. */
  readonly title: (node: string) => string
}

export function namesOf(events: readonly HistoryEvent[]): Names {
  const stores = new Set(events.flatMap((event) => (event.kind === 'store' ? [event.address.to] : [])))
  const own = new Set(events.filter(ownsNode).map((event) => event.node))
  const providers = new Set(events.flatMap((event) => (event.kind === 'invoke' ? [event.node] : [])))
  const sortOf = (node: string): NodeSort =>
    isClient(node) || providers.has(node) ? 'client' : stores.has(node) ? 'store' : own.has(node) ? 'node' : 'outside'
  const columns = columnsOf(events, sortOf)
  const alone = columns.filter(isClient).length === 1
  return { columns, sortOf, title: (node) => titleOf(node, alone) }
}

/** Whether an event can only come from a node of the user: only these start, crash, call others and use stores. */
function ownsNode(event: HistoryEvent): boolean {
  return (
    event.kind === 'boot' ||
    event.kind === 'crash' ||
    event.kind === 'pause' ||
    event.kind === 'signal' ||
    event.kind === 'store' ||
    (event.kind === 'send' && event.request < 0)
  )
}

export function isClient(node: string): boolean {
  return node === 'client' || clientOf(node) !== undefined
}

function titleOf(node: string, alone: boolean): string {
  return alone && isClient(node) ? 'client' : printable(nodeWords(node))
}

/** One of several instances of a node: `shop #2`. */
export function instanceName(node: string, instance: number): string {
  return `${printable(node)} #${instance}`
}

/** Stores stand beside the nodes that use them. */
const ranks: Readonly<Record<NodeSort, number>> = { client: 0, node: 1, store: 1, outside: 2 }

function columnsOf(events: readonly HistoryEvent[], sortOf: (node: string) => NodeSort): readonly string[] {
  const met = new Set<string>()
  for (const event of events) {
    if (event.kind === 'boot') continue // every node boots first, in the order of the system's keys
    met.add(event.node)
    if (event.kind === 'store') met.add(event.address.to)
    if (event.kind === 'send' && event.request < 0) met.add(event.address.to)
  }
  for (const event of events) if (event.kind === 'boot') met.add(event.node)
  return [...met].sort((a, b) => ranks[sortOf(a)] - ranks[sortOf(b)] || clientNumber(a) - clientNumber(b))
}

function clientNumber(node: string): number {
  return clientOf(node) ?? 0
}
