// Causes: everything that could have caused an access. These are what its client did before it, what it read, and their
// causes in turn. Vector clocks over clients; must not know what follows from a cause.
import type { Accesses } from './accesses.ts'
import { leaving, type Precedence } from './precedence.ts'
import type { Access, Version } from './version.ts'

/** A graph of causes. Its nodes are all accesses, then the initial version of each key, then the prefixes of lists. */
export interface Causes {
  readonly graph: Precedence
  /** The access of a node; undefined for others. */
  accessAt(node: number): Access | undefined
  /** The node of a version: its write, or the initial version of its key. */
  nodeOf(version: Version | undefined): number
  /** The number of each client. */
  readonly clients: ReadonlyMap<number, number>
  /** For each access, how many answered accesses of its client come before it. */
  readonly ranks: Int32Array
}

interface CausalLinks {
  readonly from: number[]
  readonly to: number[]
}

export function causesOf({ accesses, versions, keys }: Accesses): Causes {
  const nodes = new Int32Array(versions.length)
  for (const [node, { kind, version }] of accesses.entries()) if (kind === 'write') nodes[version.id] = node
  for (const [place, { initial }] of keys.entries()) nodes[initial.id] = accesses.length + place
  const links: CausalLinks = { from: [], to: [] }
  const beginnings = linkLists(links, keys, nodes, accesses.length + keys.length)
  const { clients, ranks } = linkSessions(links, accesses)
  for (const [node, { kind, version }] of accesses.entries()) {
    if (kind === 'read' && version.writer !== undefined)
      link(links, beginnings.get(version) ?? nodes[version.id] ?? 0, node)
  }
  return {
    graph: { nodes: accesses.length + keys.length + beginnings.size, from: links.from, to: links.to },
    accessAt: (node) => accesses[node],
    nodeOf: (version) => nodes[version?.id ?? -1] ?? -1,
    clients,
    ranks,
  }
}

function link({ from, to }: CausalLinks, cause: number, effect: number): void {
  from.push(cause)
  to.push(effect)
}

/**
 * A read of a list sees all its elements. So each prefix of a list has a node, caused by its last element and by the
 * prefix before.
 */
function linkLists(
  links: CausalLinks,
  keys: Accesses['keys'],
  nodes: Int32Array,
  first: number,
): ReadonlyMap<Version, number> {
  const beginnings = new Map<Version, number>()
  for (const { chain } of keys) {
    for (const [place, version] of chain.entries()) {
      const node = first + beginnings.size
      link(links, nodes[version.id] ?? 0, node)
      if (place > 0) link(links, node - 1, node)
      beginnings.set(version, node)
    }
  }
  return beginnings
}

/**
 * Links each answered access to the next accesses of its client. An access without an answer is not linked to later
 * ones.
 */
function linkSessions(links: CausalLinks, accesses: readonly Access[]): Pick<Causes, 'clients' | 'ranks'> {
  const clients = new Map<number, number>()
  const lastKnown = new Map<number, number>()
  const ranks = new Int32Array(accesses.length)
  for (const [
    node,
    {
      call: {
        invoke: { client },
      },
      known,
    },
  ] of accesses.entries()) {
    if (!clients.has(client)) clients.set(client, clients.size)
    const before = lastKnown.get(client)
    if (before !== undefined) {
      link(links, before, node)
      ranks[node] = (ranks[before] ?? 0) + 1
    }
    if (known) lastKnown.set(client, node)
  }
  return { clients, ranks }
}

/**
 * For every node and client, row by row: how many answered accesses of that client are among the causes of the node, or
 * the node itself. Undefined if something would be its own cause.
 */
export function clocksOf(causes: Causes): Int32Array | undefined {
  const { graph, clients, ranks } = causes
  const { nodes, to } = graph
  const width = clients.size
  const clocks = new Int32Array(nodes * width)
  const open = new Int32Array(nodes)
  for (const effect of to) open[effect] = (open[effect] ?? 0) + 1
  const { start, links } = leaving(graph)
  const ready = new Int32Array(nodes)
  let count = 0
  for (let node = 0; node < nodes; node++) if (open[node] === 0) ready[count++] = node
  for (let place = 0; place < count; place++) {
    const node = ready[place] ?? 0
    const access = causes.accessAt(node)
    if (access?.known === true)
      clocks[node * width + (clients.get(access.call.invoke.client) ?? 0)] = (ranks[node] ?? 0) + 1
    for (let each = start[node] ?? 0; each < (start[node + 1] ?? 0); each++) {
      const effect = to[links[each] ?? 0] ?? 0
      raise(clocks, width, effect, node)
      open[effect] = (open[effect] ?? 0) - 1
      if (open[effect] === 0) ready[count++] = effect
    }
  }
  return count === nodes ? clocks : undefined
}

function raise(clocks: Int32Array, width: number, effect: number, cause: number): void {
  for (let column = 0; column < width; column++) {
    const known = clocks[cause * width + column] ?? 0
    if (known > (clocks[effect * width + column] ?? 0)) clocks[effect * width + column] = known
  }
}
