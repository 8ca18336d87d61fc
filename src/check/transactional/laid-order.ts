// Constructs an order of transactions by placing their events one after the other, those that ended first first. No
// transaction may overwrite a version that another has yet to read and, under snapshot isolation, none may start to
// write a register that another is writing. When nothing can be placed any more, a constraint is learnt from the
// contradiction, and placed events are taken back to that point. Must not know what the order is for.
import { bug } from '../../plain/bug.ts'
import type { Item, Txn } from '../transactions.ts'
import { accessesOf, momentsOf, type RegisterAccesses } from './register-accesses.ts'
import { eventGraph, type EventGraph } from './event-graph.ts'
import { eventPath, type EventPath, type Learnt } from './event-path.ts'
import type { Graph } from './graph.ts'
import { HeldEvents, type Blocker } from './held-events.ts'
import type { InstalledVersion } from './installed-version.ts'
import { NodeQueue } from './node-queue.ts'
import type { StepBudget } from './order-search.ts'

/** The written versions of each register, the earliest first. */
export type VersionOrders = ReadonlyMap<Item, readonly InstalledVersion[]>

/** The input: what has to be placed. */
export interface Layable {
  readonly graph: Graph
  readonly txns: readonly Txn[]
  /** The versions of registers with several writes. */
  readonly versions: readonly InstalledVersion[]
  /** Whether transactions run one after the other, or read from snapshots. */
  readonly isSerial: boolean
}

/**
 * `laid`: this is an order. `contradictory`: there is no order, because of these nodes. `stuck`: undecided. The orders
 * are those of the placed events, followed by a guess for the rest.
 */
export interface Laid {
  readonly kind: 'laid' | 'contradictory' | 'stuck'
  readonly orders: VersionOrders
  readonly nodes: readonly number[]
}

export function laidOrder(layable: Layable, steps: StepBudget): Laid {
  const laying = new Laying(layable, steps)
  const nodes = laying.run()
  const kind = nodes === undefined ? 'laid' : nodes.length === 0 ? 'stuck' : 'contradictory'
  return { kind, orders: laying.orders(), nodes: nodes ?? [] }
}

/** How many contradictions may be answered by a guess. */
const mostGuesses = 1_000

class Laying {
  readonly #graph: EventGraph
  readonly #accesses: ReadonlyMap<number, RegisterAccesses>
  readonly #steps: StepBudget
  readonly #isSerial: boolean
  readonly #versions: readonly InstalledVersion[]
  readonly #waitsFor: Int32Array
  readonly #isLaid: Uint8Array
  readonly #ready: NodeQueue
  readonly #moments: Float64Array
  /** The placed events, and the versions that registers held before each. */
  readonly #trail: { readonly event: number; readonly before: readonly InstalledVersion[] }[] = []
  readonly #current = new Map<Item, InstalledVersion>()
  readonly #unread = new Map<InstalledVersion, number>()
  /** The node that is writing a register: its snapshot is placed, but its commit is not. */
  readonly #writing = new Map<Item, number>()
  readonly #held = new HeldEvents()
  /** The position of each event in the trail. */
  readonly #place: Int32Array
  readonly #learntFrom = new Map<number, Learnt[]>()
  readonly #learntTo = new Map<number, Learnt[]>()
  #guesses = 0

  constructor({ graph, txns, versions, isSerial }: Layable, steps: StepBudget) {
    this.#graph = eventGraph(graph, txns.length, isSerial)
    this.#accesses = accessesOf(versions)
    this.#steps = steps
    this.#isSerial = isSerial
    this.#versions = versions
    const { events, before } = this.#graph
    this.#waitsFor = Int32Array.from(
      { length: events },
      (_, event) => (before.start[event + 1] ?? 0) - (before.start[event] ?? 0),
    )
    this.#isLaid = new Uint8Array(events)
    this.#place = new Int32Array(events)
    this.#moments = momentsOf(txns, this.#graph, this.#accesses)
    this.#ready = new NodeQueue(this.#moments)
    for (const version of versions) {
      if (version.write === undefined) this.#current.set(version.item, version)
      this.#unread.set(version, new Set(version.readers.map(({ txn }) => txn)).size)
    }
    for (let event = 0; event < events; event++) if (this.#waitsFor[event] === 0) this.#ready.add(event)
  }

  /**
   * Undefined if everything was placed; otherwise the nodes that contradict each other, or none if that is not known.
   */
  run(): readonly number[] | undefined {
    for (;;) {
      for (let event = this.#ready.take(); event !== undefined; event = this.#ready.take()) {
        if (this.#isLaid[event] === 1 || this.#waitsFor[event] !== 0) continue
        this.#steps.left -= 1
        if (this.#isBlocked(event)) this.#held.hold(event, this.#accesses.get(this.#graph.nodeOf(event))?.written ?? [])
        else this.#lay(event)
      }
      if (this.#trail.length === this.#graph.events) return undefined
      if (this.#steps.left <= 0) return []
      const learnt = this.#certain() ?? this.#guess()
      if (learnt === undefined) return []
      this.#learn(learnt)
      const way = this.#pathOf(learnt.to, learnt.from)
      if (way === undefined) continue
      const nodes = new Set([...learnt.nodes, ...way.nodes])
      return learnt.isCertain && way.isCertain ? [...nodes] : []
    }
  }

  /** The versions in the order of the placed events, then the others by the time at which their transactions ended. */
  orders(): VersionOrders {
    const orders = new Map<Item, InstalledVersion[]>(this.#versions.map(({ item }) => [item, []]))
    const isLaid = ({ write }: InstalledVersion): boolean =>
      write !== undefined && this.#isLaid[this.#graph.commitOf(write.txn.id)] === 1
    for (const { event } of this.#trail)
      if (this.#isCommit(event))
        for (const version of this.#accesses.get(this.#graph.nodeOf(event))?.written ?? [])
          orders.get(version.item)?.push(version)
    const rest = this.#versions.filter((version) => version.write !== undefined && !isLaid(version))
    const momentOf = ({ write }: InstalledVersion): number => this.#moments[write?.txn.id ?? -1] ?? 0
    for (const version of rest.sort((a, b) => momentOf(a) - momentOf(b))) orders.get(version.item)?.push(version)
    return orders
  }

  #isCommit(event: number): boolean {
    return event === this.#graph.commitOf(this.#graph.nodeOf(event))
  }

  #isSnapshot(event: number): boolean {
    return event === this.#graph.snapshotOf(this.#graph.nodeOf(event))
  }

  /** Whether the event has to wait for another event because of those already placed. */
  #isBlocked(event: number): boolean {
    const node = this.#graph.nodeOf(event)
    const accesses = this.#accesses.get(node)
    if (accesses === undefined) return false
    const [isCommit, isSnapshot] = [this.#isCommit(event), this.#isSnapshot(event)]
    return accesses.written.some(
      ({ item }) =>
        (isCommit && this.#unreadOf(item, accesses) !== undefined) ||
        (isSnapshot && !this.#isSerial && this.#writing.has(item)),
    )
  }

  /** The version that a register holds, if another transaction has yet to read it. */
  #unreadOf(item: Item, { read }: RegisterAccesses): InstalledVersion | undefined {
    const version = this.#current.get(item)
    if (version?.write === undefined) return undefined
    const own = this.#isSerial && read.has(version) ? 1 : 0
    return (this.#unread.get(version) ?? 0) > own ? version : undefined
  }

  /** The events that a blocked event waits for, each with the event that could be moved behind it instead. */
  #blockersOf(event: number): readonly Blocker[] {
    const { snapshotOf, commitOf, nodeOf } = this.#graph
    const node = nodeOf(event)
    const accesses = this.#accesses.get(node)
    const blockers: Blocker[] = []
    for (const { item } of accesses?.written ?? []) {
      const version = this.#isCommit(event) && accesses !== undefined ? this.#unreadOf(item, accesses) : undefined
      if (version?.write !== undefined) {
        this.#steps.left -= version.readers.length
        const instead = snapshotOf(version.write.txn.id)
        for (const { txn } of version.readers) {
          const by = snapshotOf(txn.id)
          if (txn.id !== node && this.#isLaid[by] === 0) blockers.push({ by, instead })
        }
      }
      const writer = this.#isSerial || !this.#isSnapshot(event) ? undefined : this.#writing.get(item)
      if (writer !== undefined) blockers.push({ by: commitOf(writer), instead: snapshotOf(writer) })
    }
    return blockers
  }

  #lay(event: number): void {
    const node = this.#graph.nodeOf(event)
    const accesses = this.#accesses.get(node)
    const before: InstalledVersion[] = []
    this.#isLaid[event] = 1
    if (accesses !== undefined) {
      if (this.#isSnapshot(event)) {
        for (const version of accesses.read) this.#readOnce(version)
        if (!this.#isSerial) for (const { item } of accesses.written) this.#writing.set(item, node)
      }
      if (this.#isCommit(event)) {
        for (const version of accesses.written) {
          const held = this.#current.get(version.item)
          if (held !== undefined) before.push(held)
          this.#current.set(version.item, version)
          this.#writing.delete(version.item)
          this.#release(version.item)
        }
      }
    }
    this.#place[event] = this.#trail.push({ event, before })
    this.#forEachAfter(event, (next) => {
      const left = (this.#waitsFor[next] ?? 0) - 1
      this.#waitsFor[next] = left
      if (left === 0) this.#ready.add(next)
    })
  }

  #takeBack(until: number): void {
    while (this.#isLaid[until] === 1) {
      const { event, before } = this.#trail.pop() ?? bug('an event that was not placed in the order')
      const node = this.#graph.nodeOf(event)
      const accesses = this.#accesses.get(node)
      this.#isLaid[event] = 0
      this.#forEachAfter(event, (next) => {
        this.#waitsFor[next] = (this.#waitsFor[next] ?? 0) + 1
      })
      if (this.#isCommit(event)) {
        for (const version of before) this.#current.set(version.item, version)
        if (!this.#isSerial) for (const { item } of accesses?.written ?? []) this.#writing.set(item, node)
      }
      if (this.#isSnapshot(event)) {
        for (const version of accesses?.read ?? []) this.#unread.set(version, (this.#unread.get(version) ?? 0) + 1)
        if (!this.#isSerial) for (const { item } of accesses?.written ?? []) this.#writing.delete(item)
      }
      this.#ready.add(event)
      this.#steps.left -= 1
    }
    const held = this.#held.releaseAll()
    this.#steps.left -= held.length
    for (const event of held) this.#ready.add(event)
  }

  #readOnce(version: InstalledVersion): void {
    const left = (this.#unread.get(version) ?? 0) - 1
    this.#unread.set(version, left)
    // if one reader is left, it may be the waiting writer itself
    if (left <= 1 && this.#current.get(version.item) === version) this.#release(version.item)
  }

  #release(item: Item): void {
    for (const event of this.#held.releaseOn(item)) this.#ready.add(event)
  }

  #forEachAfter(event: number, visit: (next: number) => void): void {
    const { start, to } = this.#graph.after
    for (let at = start[event] ?? 0; at < (start[event + 1] ?? 0); at++) visit(to[at] ?? 0)
    for (const { to: next } of this.#learntFrom.get(event) ?? []) visit(next)
  }

  /**
   * Learns from a deadlock: if a waiting event waits for one that can only come after it, it has to come before the
   * placed event that makes it wait.
   */
  #certain(): Learnt | undefined {
    for (const event of this.#held.first()) {
      for (const { by, instead } of this.#blockersOf(event)) {
        const way = this.#pathOf(event, by)
        if (way?.isCertain !== true) continue
        const nodes = new Set([...way.nodes, this.#graph.nodeOf(event), this.#graph.nodeOf(instead)])
        return { from: this.#graph.commitOf(this.#graph.nodeOf(event)), to: instead, isCertain: true, nodes }
      }
    }
    return undefined
  }

  /** Guesses a constraint when events wait for each other in a cycle: the event that was placed last gives way. */
  #guess(): Learnt | undefined {
    if (++this.#guesses > mostGuesses) return undefined
    let best: { readonly from: number; readonly instead: number; readonly place: number } | undefined
    for (const event of this.#held.first()) {
      for (const { instead } of this.#blockersOf(event)) {
        const from = this.#graph.commitOf(this.#graph.nodeOf(event))
        if (this.#learntFrom.get(from)?.some(({ to }) => to === instead) === true) continue
        const place = this.#place[instead] ?? 0
        if (best === undefined || place > best.place) best = { from, instead, place }
      }
    }
    return best && { from: best.from, to: best.instead, isCertain: false, nodes: new Set() }
  }

  #learn(learnt: Learnt): void {
    this.#takeBack(learnt.to)
    const { from, to } = learnt
    this.#learntFrom.set(from, [...(this.#learntFrom.get(from) ?? []), learnt])
    this.#learntTo.set(to, [...(this.#learntTo.get(to) ?? []), learnt])
    if (this.#isLaid[from] === 0) this.#waitsFor[to] = (this.#waitsFor[to] ?? 0) + 1
  }

  #pathOf(from: number, to: number): EventPath | undefined {
    return eventPath(from, to, {
      graph: this.#graph,
      isLaid: this.#isLaid,
      learntTo: this.#learntTo,
      steps: this.#steps,
    })
  }
}
