// causal: every client sees causes before their effects. The strongest of the session guarantees, since it spans keys;
// a safety property. Speaks for clients; must not know how causes are found.
import type { Transaction } from '../../history/act.ts'
import type { History } from '../../history/history.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Reason } from '../../verdict/reason.ts'
import { holds, unknown, vacuous, type Invariant, type Verdict } from '../../verdict/verdict.ts'
import { accessesOf, type Accesses } from './accesses.ts'
import { causesOf, clocksOf, type Causes } from './causes.ts'
import { checkerName } from '../reason-words.ts'
import { againstLists, circular, effectBeforeCause } from './causal-words.ts'
import { knownOrder } from './guarantee.ts'
import {
  linksOnCycles,
  outgoing,
  shortestCycle,
  shortestWay,
  type OutgoingLinks,
  type Precedence,
} from './precedence.ts'
import type { Access, KeyVersions } from './version.ts'

/** How many numbers the vector clocks may hold: 256 MiB. */
const mostClocks = 64 * 1_024 * 1_024
/** How many contradictions are reported, each with the path from cause to effect. */
const mostReasons = 10

/**
 * Holds when all writes have one order, causes before effects, in which every read returns the last write of its key
 * among its causes, or a later one (for a list: all elements up to such a write). The causes of an access are the
 * answered accesses that its client made before, the write that it read, and the causes of these. So this implies
 * `readYourWrites`, `monotonicReads`, `monotonicWrites` and `writesFollowReads`, and it spans keys: a client that sees
 * an answer also sees the question.
 *
 * Micro-operations of one transaction count one by one. A read from thin air, or of an operation that failed, is
 * violated as in `readYourWrites`. Vacuous when no read has an access of its key among its causes. Unknown when clients
 * times accesses exceed 64 million.
 *
 * Causal convergence (CCv) of Bouajjani et al., "On Verifying Causal Consistency" (POPL 2017), found by its forbidden
 * patterns; causal consistency with one order of writes in Viotti and Vukolić, "Consistency in Non-Transactional
 * Distributed Storage Systems" (2016).
 *
 * @param operations what each operation reads and writes @default `read`, `write`, `append` and `txn` of a recorded
 *   history
 * @throws in `check`, if one value is written to a key twice, or if sequential clients cannot have produced the history
 * @example
 * causal([post.as(({ id, text }) => [['w', id, text]]), show.as(({ id }, answer) => [['r', id, answer]])])
 */
export function causal(operations?: readonly InterpretedOperation<Transaction>[]): Invariant {
  return {
    kind: 'invariant',
    name: checkerName('causal', operations),
    effects: [],
    model: 'causal',
    check: (history: History) => judgeCausal(accessesOf(history, operations)),
  }
}

function judgeCausal(found: Accesses): Verdict {
  const causes = causesOf(found)
  const cells = causes.graph.nodes * causes.clients.size
  if (cells > mostClocks)
    return unknown(
      `${causes.clients.size} clients with ${found.accesses.length} reads and writes are more than causal can follow`,
    )
  const clocks = clocksOf(causes)
  if (clocks === undefined) return { kind: 'violated', reasons: [...found.reasons, ...ownCauses(found, causes)] }
  const { known, compared } = knownTo(found, causes, clocks)
  const reasons = [...found.reasons, ...contradictions(found, causes, known)]
  if (reasons.length > 0) return { kind: 'violated', reasons }
  return compared > 0
    ? holds
    : vacuous('no client read a key after it had, or had heard of, an access of it: do operations share keys?')
}

/**
 * Pairs of nodes: a read, and an access of its key among its causes. The version of that access must not come after the
 * version that was read.
 */
interface KnownReads {
  readonly causes: readonly number[]
  readonly reads: readonly number[]
}

function knownTo(
  found: Accesses,
  causes: Causes,
  clocks: Int32Array,
): { readonly known: KnownReads; readonly compared: number } {
  const { clients, ranks } = causes
  const byClient = accessesByClient(found, causes)
  const known: { readonly [side in keyof KnownReads]: number[] } = { causes: [], reads: [] }
  let compared = 0
  for (const [read, { kind, version, call }] of found.accesses.entries()) {
    if (kind === 'write') continue
    const own = clients.get(call.invoke.client)
    for (const [client, nodes] of byClient.get(version.of) ?? []) {
      const count = client === own ? (ranks[read] ?? 0) : (clocks[read * clients.size + client] ?? 0)
      const cause = nodes[countBelow(nodes, ranks, count) - 1]
      if (cause === undefined) continue
      compared += 1
      const before = found.accesses[cause]?.version
      if (before?.writer === undefined || before === version) continue
      known.causes.push(cause)
      known.reads.push(read)
    }
  }
  return { known, compared }
}

/** The nodes of the answered accesses of every key by every client. */
function accessesByClient(
  { accesses }: Accesses,
  { clients }: Causes,
): ReadonlyMap<KeyVersions, ReadonlyMap<number, readonly number[]>> {
  const byKey = new Map<KeyVersions, Map<number, number[]>>()
  for (const [
    node,
    {
      version: { of },
      call: { invoke },
      known,
    },
  ] of accesses.entries()) {
    if (!known) continue
    const ofKey = byKey.get(of) ?? new Map<number, number[]>()
    byKey.set(of, ofKey)
    const client = clients.get(invoke.client) ?? 0
    const nodes = ofKey.get(client) ?? []
    ofKey.set(client, nodes)
    nodes.push(node)
  }
  return byKey
}

/** How many of one client's nodes have a rank below a limit. */
function countBelow(nodes: readonly number[], ranks: Int32Array, limit: number): number {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranks[nodes[middle] ?? 0] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Finds cycles in the order of versions. Its links come from causes, then from lists and initial versions, and last
 * from reads, each of which must not miss its causes.
 */
function contradictions(found: Accesses, causes: Causes, known: KnownReads): readonly Reason[] {
  const order = found.keys.flatMap(knownOrder)
  const firstKnown = causes.graph.from.length + order.length
  const node = (place: number): number => causes.nodeOf(found.accesses[place]?.version)
  const graph: Precedence = {
    nodes: causes.graph.nodes,
    from: causes.graph.from.concat(
      order.map(({ from }) => causes.nodeOf(from)),
      known.causes.map(node),
    ),
    to: causes.graph.to.concat(
      order.map(({ to }) => causes.nodeOf(to)),
      known.reads.map(node),
    ),
  }
  const cycles = linksOnCycles(graph).slice(0, mostReasons)
  const effects = outgoing(causes.graph, cycles.length === 0 ? [] : causes.graph.from.keys())
  return cycles.map((links) => {
    const cycle = shortestCycle(graph, links, links.find((link) => link >= firstKnown) ?? links[0] ?? 0)
    const ways = cycle
      .filter((link) => link >= firstKnown)
      .map((link) =>
        wayTo(found, causes, effects, known.causes[link - firstKnown] ?? -1, known.reads[link - firstKnown] ?? -1),
      )
    return ways.length > 0 ? effectBeforeCause(ways) : againstLists(accessesOn(cycle, graph, found))
  })
}

/** The accesses on the way from a cause to a read. */
function wayTo(
  found: Accesses,
  { graph }: Causes,
  effects: OutgoingLinks,
  cause: number,
  read: number,
): readonly Access[] {
  const links = shortestWay(graph, effects, cause, read)
  return accessesOn(links, graph, found).concat(found.accesses[read] ?? [])
}

/** Reasons for accesses that cause themselves, such as those of two transactions that read each other's writes. */
function ownCauses(found: Accesses, { graph }: Causes): readonly Reason[] {
  return linksOnCycles(graph)
    .slice(0, mostReasons)
    .map((links) => circular(accessesOn(shortestCycle(graph, links, links[0] ?? 0), graph, found)))
}

/** The accesses at the start of links. */
function accessesOn(links: readonly number[], graph: Precedence, { accesses }: Accesses): readonly Access[] {
  return links.flatMap((link) => accesses[graph.from[link] ?? -1] ?? [])
}
