// The names of nodes and calls in the story, and the order of the columns. Knows histories, not the page.
import { clientOf, nodeWords } from '../history/node-words.ts'
import { operationOf, type Address } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { HistoryEvent } from '../history/history.ts'
import { printable } from './ink.ts'

export type NodeSort = 'client' | 'node' | 'store' | 'outside'

export interface Names {
  /** All columns: clients first, outside hosts last, otherwise by first appearance. */
  readonly columns: readonly string[]
  readonly sortOf: (node: string) => NodeSort
  /** The title of a column: `client#0` becomes `client`, or `client 0` if there are several. */
  readonly title: (node: string) => string
  /** Possible labels for the request of a call, best first. */
  readonly callLabels: (address: Address, copy: number) => readonly string[]
}

export function namesOf(events: readonly HistoryEvent[]): Names {
  const stores = new Set(events.flatMap((event) => (event.kind === 'store' ? [event.address.to] : [])))
  const own = new Set(events.filter(ownsNode).map((event) => event.node))
  const sortOf = (node: string): NodeSort =>
    isClient(node) ? 'client' : stores.has(node) ? 'store' : own.has(node) ? 'node' : 'outside'
  const columns = columnsOf(events, sortOf)
  const alone = columns.filter(isClient).length === 1
  return { columns, sortOf, title: (node) => titleOf(node, alone), callLabels: labelsOf(events) }
}

/** Whether an event can only come from a node of the user: only these start, crash, call others and use stores. */
function ownsNode(event: HistoryEvent): boolean {
  return (
    event.kind === 'boot' ||
    event.kind === 'crash' ||
    event.kind === 'pause' ||
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

/** The labels of calls. A client's call is named after its operation, if the operation makes only one kind of call. */
function labelsOf(events: readonly HistoryEvent[]): Names['callLabels'] {
  const calls = new Map<string, Set<string>>()
  const keys = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'send') continue
    const { root, from, to, operation, key } = event.address
    if (key !== undefined) keys.add(key)
    if (from !== 'client') continue
    const id = rootText(root)
    calls.set(id, (calls.get(id) ?? new Set()).add(`${to} ${operation}`))
  }
  return (address, copy) => {
    const suffix = copy > 0 ? ' (copy)' : ''
    const labels =
      address.from === 'client'
        ? clientLabels(address, (calls.get(rootText(address.root))?.size ?? 1) > 1)
        : nodeLabels(address, keys.size > 1)
    return labels.map((label) => printable(`${label}${suffix}`))
  }
}

function clientLabels({ root, operation, key, nth }: Address, several: boolean): readonly string[] {
  const name = several ? operation : (operationOf(root) ?? operation)
  const full = key === undefined ? name : `${name} ${key}`
  return nth === 1 ? [full, name] : [`retry ${nth - 1}: ${full}`, `retry ${nth - 1}`]
}

function nodeLabels({ operation, key }: Address, severalKeys: boolean): readonly string[] {
  const short = operation.includes('/') ? [operation] : [operation, operation.split(' ')[0] ?? operation]
  return severalKeys && key !== undefined ? [`${operation} ${key}`, ...short] : short
}
