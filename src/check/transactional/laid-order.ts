// An order of transactions, laid one after the other: those that ended first first, none writes over what somebody has
// still to read, and for snapshots none begins to write what another is writing. Where nothing can go on, what
// contradicts it is learnt and the order is taken back so far. Must not know what it is for.
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

/** The versions of each register that were written, the earliest first. */
export type VersionOrders = ReadonlyMap<Item, readonly InstalledVersion[]>

/** What is laid. */
export interface Layable {
  readonly graph: Graph
  readonly txns: readonly Txn[]
  /** The versions of registers with several writes. */
  readonly versions: readonly InstalledVersion[]
  /** One after the other, or snapshots. */
  readonly isSerial: boolean
}

/**
 * `laid`: so they can be laid. `contradictory`: they cannot, for these nodes. `stuck`: nobody knows. The orders are
 * those as far as it came, and after that a guess.
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

/** So often a contradiction may be answered by a guess. */
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
  /** The events that were laid, and what the registers held before each. */
  readonly #trail: { readonly event: number; readonly before: readonly InstalledVersion[] }[] = []
  readonly #current = new Map<Item, InstalledVersion>()
  readonly #unread = new Map<InstalledVersion, number>()
  /** Who is writing a register: its snapshot is laid, and its commit is not. */
  readonly #writing = new Map<Item, number>()
  readonly #held = new HeldEvents()
  /** Where an event stands in the trail. */
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

  /** Undefined once all is laid; else the nodes that contradict each other, none where that is not known. */
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

  /** What was laid, and behind it the rest by the time it ended. */
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

  /** Whether the event has to wait for another because of what was laid. */
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

  /** The version that a register holds, where another transaction has still to read it. */
  #unreadOf(item: Item, { read }: RegisterAccesses): InstalledVersion | undefined {
    const version = this.#current.get(item)
    if (version?.write === undefined) return undefined
    const own = this.#isSerial && read.has(version) ? 1 : 0
    return (this.#unread.get(version) ?? 0) > own ? version : undefined
  }

  /** What a blocked event waits for, each with the event that could have come later instead. */
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
    // where one reader is left, that may be the writer who waits
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

  /** An event that is held is held for ever, where what it waits for waits for it: then it has to come before. */
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

  /** In a circle of events that wait for each other, what was laid last gives way. */
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
