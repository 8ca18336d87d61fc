// Interleaves processes that share a store. In the simulation a step runs to its end before another begins. In reality,
// another process may use the store between two statements of this one. For that, the plan names late changes: a
// process that reads the store at the same moment of virtual time still sees the content from before such a change,
// unless it has already seen or made a newer change. This is the history in which the reader began first, and the other
// process changed the store between that read and the reader's next call. Only made for runs that follow such a plan or
// look for possible late changes.
import { addressId } from '../scenario/address-text.ts'
import type { HistoryEvent, StoreCall } from '../history/history.ts'
import { sameRoot, type Address } from '../scenario/address.ts'
import { lateId, type LateChange } from '../scenario/late-change.ts'
import type { Store } from '../system/store.ts'
import type { Context, Life } from './context.ts'
import type { Node } from './node-state.ts'

/** A change that was committed at the present moment of virtual time. */
interface Change {
  readonly life: Life
  readonly place: unknown
  readonly seq: number
  readonly address: Address
  /** How many changes were committed at this moment before it, or before its transaction began. */
  readonly after: number
  /** The entry of the plan for this change, if it has one. */
  readonly late: LateChange | undefined
  /** The content of the store before it, if the plan makes it late. */
  readonly remembered: unknown
  /** How many reads of each life came before it, or could have. */
  readonly reads: Map<Life, number>
}

/** Which nodes used a store, under which name, and how. */
interface Users {
  readonly store: string
  readonly nodes: Set<string>
  readonly ways: Set<'read' | 'changed' | 'other'>
}

/** A store that several nodes used, or several instances of one node. */
export interface SharedStore {
  readonly store: string
  /** It was read by one call and changed by another. So another process could use it between the two. */
  readonly mixed: boolean
  /** One process waited for another in shared memory, such as a lock in their module. */
  readonly entangled: boolean
}

/** What it needs from the world. */
interface OrderContext {
  readonly nowMs: number
  /** The context of the step that is running. */
  readonly running: Context | undefined
  readonly nodes: ReadonlyMap<string, Node>
  readonly events: readonly HistoryEvent[]
}

/** Up to this many reads before a change, each number of reads is a late change of its own. */
const mostReads = 3

export class StoreOrder {
  /** The late changes of the plan that took effect: another process read before them. */
  readonly late: Set<LateChange> = new Set()
  /** Changes that another process could have read before, by their ids. */
  readonly possible: Map<string, LateChange> = new Map()
  /** The users of each store. */
  readonly #users = new Map<unknown, Users>()
  readonly #moment: OrderContext
  readonly #planned: ReadonlyMap<string, LateChange>
  #atMs = -1
  /** The changes committed at this moment, in order. */
  #changes: Change[] = []
  /** How many of these changes each life has seen or made. */
  readonly #known = new Map<Life, number>()
  /** The content before the current call or transaction, and how many changes of this moment it includes. */
  readonly #before = new Map<unknown, { readonly content: unknown; readonly after: number }>()
  /**
   * Stores that a process used in a step of another process: it had waited for that one in memory, which real processes
   * do not share.
   */
  readonly #entangled = new Set<string>()
  /** The current call only reads. */
  #isRead = false
  /** The late change that the current read comes before. */
  #earlier: Change | undefined

  constructor(moment: OrderContext, planned: readonly LateChange[]) {
    this.#moment = moment
    this.#planned = new Map(planned.map((late) => [addressId(late.at), late]))
  }

  /** Called before a call that changes something. */
  changing({ root }: Context, store: Store): void {
    if (this.#planned.size === 0) return
    this.#forgetThePast()
    // Copying a large content takes time, so it is only done if the plan may need it
    const isPlanned = [...this.#planned.values()].some(({ at }) => at.to === store.name && sameRoot(at.root, root))
    const content = isPlanned ? store.remember?.() : undefined
    if (content === undefined) this.#before.delete(placeOf(store))
    else this.#before.set(placeOf(store), { content, after: this.#changes.length })
  }

  /**
   * Carries out a read. If the plan has a late change that the read can still come before, it sees the content from
   * before that change.
   */
  reading<T>({ life }: Context, store: Store, read: () => T): T {
    this.#forgetThePast()
    const change = this.#changes.find(
      (one) => one.late !== undefined && this.#precedes(life, store, one) && isFew(one, life),
    )
    if (change?.late === undefined || store.early === undefined) {
      const found = read()
      this.#isRead = true
      return found
    }
    const found = store.early(change.remembered, read)
    this.late.add(change.late)
    this.#earlier = change
    return found
  }

  /** `seq` of the change that the current read came before. */
  get early(): number | undefined {
    return this.#earlier?.seq
  }

  /** Called after a call took effect. */
  called({ life }: Context, store: Store, { seq, address, write, open }: StoreCall): void {
    this.#forgetThePast()
    const [earlier, isRead] = [this.#earlier, this.#isRead || store.early === undefined]
    this.#earlier = undefined
    this.#isRead = false
    if (!isProcess(this.#moment, life)) return
    const { running } = this.#moment
    const isLetGo = running !== undefined && running.life !== life && isProcess(this.#moment, running.life)
    if (isLetGo) this.#entangled.add(store.name)
    this.#uses(life, store, write ? 'changed' : isRead ? 'read' : 'other')
    if (earlier !== undefined) {
      count(earlier.reads, life)
      return this.#learn(life, earlier.after)
    }
    if (write && !open) this.#changed(life, store, seq, address)
    else if (isRead && this.#couldPrecede(life, store) && this.#planned.size === 0) return
    this.#learn(life, this.#changes.length)
  }

  #changed(life: Life, store: Store, seq: number, address: Address): void {
    const place = placeOf(store)
    const before = this.#before.get(place)
    this.#changes.push({
      life,
      place,
      seq,
      address,
      after: before?.after ?? this.#changes.length,
      late: before === undefined ? undefined : this.#planned.get(addressId(address)),
      remembered: before?.content,
      reads: new Map(),
    })
  }

  /**
   * Notes the changes that a read could have come before. If there are any, the reader does not count as having seen
   * them.
   */
  #couldPrecede(life: Life, store: Store): boolean {
    const changes = this.#changes.filter((one) => this.#precedes(life, store, one))
    for (const { address: at, reads } of changes) {
      const before = count(reads, life)
      const found: LateChange[] = before > 0 && before <= mostReads ? [{ at, reads: before }] : [{ at }]
      for (const late of found) this.possible.set(lateId(late), late)
    }
    return changes.length > 0
  }

  /**
   * Whether a read by this life can come before a change: another process made the change in the same store, and the
   * reader has seen or made no newer one. It must read in a step of its own: if another process lets it go on, it may
   * know of the change from that process.
   */
  #precedes(life: Life, store: Store, { life: by, place, after }: Change): boolean {
    const { running } = this.#moment
    return (
      by !== life &&
      running?.life === life &&
      place === placeOf(store) &&
      store.early !== undefined &&
      (this.#known.get(life) ?? 0) <= after &&
      isProcess(this.#moment, life) &&
      !this.#isReborn(life) &&
      !store.isOpen()
    )
  }

  /** Whether this life replaced another one at this moment. Then it began after all changes of that one. */
  #isReborn({ node, instance, incarnation }: Life): boolean {
    if (incarnation === 1) return false
    const boot = this.#moment.events.findLast(
      (event) =>
        event.kind === 'boot' &&
        event.node === node &&
        event.incarnation === incarnation &&
        (event.instance ?? instance) === instance,
    )
    return boot?.atMs === this.#moment.nowMs
  }

  #learn(life: Life, changes: number): void {
    if (changes > (this.#known.get(life) ?? 0)) this.#known.set(life, changes)
  }

  #uses({ node }: Life, store: Store, how: 'read' | 'changed' | 'other'): void {
    const place = placeOf(store)
    const users = this.#users.get(place) ?? { store: store.name, nodes: new Set(), ways: new Set() }
    this.#users.set(place, users)
    users.nodes.add(node)
    users.ways.add(how)
  }

  get sharedStores(): readonly SharedStore[] {
    const isMany = (node: string): boolean => (this.#moment.nodes.get(node)?.instances.length ?? 1) > 1
    return [...this.#users.values()].flatMap(({ store, nodes, ways }) =>
      nodes.size > 1 || [...nodes].some(isMany)
        ? [{ store, mixed: ways.has('read') && ways.has('changed'), entangled: this.#entangled.has(store) }]
        : [],
    )
  }

  #forgetThePast(): void {
    const { nowMs } = this.#moment
    if (nowMs === this.#atMs) return
    this.#atMs = nowMs
    this.#changes = []
    this.#known.clear()
    this.#before.clear()
  }
}

function placeOf(store: Store): unknown {
  return store.place?.() ?? store
}

function isFew({ late, reads }: Change, life: Life): boolean {
  return late?.reads === undefined || (reads.get(life) ?? 0) < late.reads
}

/** Only the user's nodes count as processes: how clients and outside hosts run is unknown. */
function isProcess({ nodes }: Pick<OrderContext, 'nodes'>, { node }: Life): boolean {
  return nodes.get(node)?.boot !== undefined
}

/** Counts one more; returns how many there were before. */
function count(counts: Map<Life, number>, life: Life): number {
  const before = counts.get(life) ?? 0
  counts.set(life, before + 1)
  return before
}
