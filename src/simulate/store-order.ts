// The order of processes on a store. A step runs to its end before another begins, yet of two processes each may have
// its turn between two statements of the other. So a change that the plan calls late comes after what others read at
// the same moment: whoever reads there afterwards, before it has seen or changed anything newer, is given the content
// from before the change. That is the history in which the reader began first and the change was made between its read
// and what it does next. Made only for runs that follow an order or look for one.
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
  /** What the plan says of it. */
  readonly late: LateChange | undefined
  /** The content before it, where the plan calls it late. */
  readonly remembered: unknown
  /** How often each life has read it too early, or could have. */
  readonly reads: Map<Life, number>
}

/** Who used a place, by which name, and how. */
interface Users {
  readonly store: string
  readonly nodes: Set<string>
  readonly ways: Set<'read' | 'changed' | 'other'>
}

/** A store that several nodes, or a node of several instances, used. */
export interface SharedStore {
  readonly store: string
  /** It was read and changed, by two calls: what one of them does between the two matters. */
  readonly mixed: boolean
  /** One process waited for another in memory, as in a lock of their module. */
  readonly entangled: boolean
}

/** What it asks of a world. */
interface Moment {
  readonly nowMs: number
  /** The context of the step that is running. */
  readonly running: Context | undefined
  readonly nodes: ReadonlyMap<string, Node>
  readonly events: readonly HistoryEvent[]
}

/** How many reads before a change are tried one by one. */
const mostReads = 3

export class StoreOrder {
  /** The late changes of the plan that others read before. */
  readonly late: Set<LateChange> = new Set()
  /** Changes that others could have read before, by identity. */
  readonly possible: Map<string, LateChange> = new Map()
  /** Which nodes used a place, and by which name. */
  readonly #users = new Map<unknown, Users>()
  readonly #moment: Moment
  readonly #planned: ReadonlyMap<string, LateChange>
  #atMs = -1
  /** What was committed at this moment, in order. */
  #changes: Change[] = []
  /** How many of these changes each life knows of. */
  readonly #known = new Map<Life, number>()
  /** The content before the call, or the transaction, that is under way, and how many changes it holds. */
  readonly #before = new Map<unknown, { readonly content: unknown; readonly after: number }>()
  /** Stores that a process went on to use when another let it, in memory that two processes do not share. */
  readonly #entangled = new Set<string>()
  /** The call under way only reads. */
  #isRead = false
  /** The change that it comes before. */
  #earlier: Change | undefined

  constructor(moment: Moment, planned: readonly LateChange[]) {
    this.#moment = moment
    this.#planned = new Map(planned.map((late) => [addressId(late.at), late]))
  }

  /** A call is about to change something. */
  changing({ root }: Context, store: Store): void {
    if (this.#planned.size === 0) return
    this.#forgetThePast()
    // Remembering takes time where there is much: only what a planned change may need is
    const isPlanned = [...this.#planned.values()].some(({ at }) => at.to === store.name && sameRoot(at.root, root))
    const content = isPlanned ? store.remember?.() : undefined
    if (content === undefined) this.#before.delete(placeOf(store))
    else this.#before.set(placeOf(store), { content, after: this.#changes.length })
  }

  /** Carries out a read: on what was there before a late change, where the plan has one that it can still precede. */
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

  /** `seq` of the change that the read which took effect just now came before. */
  get early(): number | undefined {
    return this.#earlier?.seq
  }

  /** A call took effect. */
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

  /** Notes the changes that a read could have come before. Then the reader does not count as knowing them. */
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
   * Whether a read by this life can come before a change: by another process on the same content, and nothing newer is
   * known to the reader, whose own step this is. What another's step lets go on may know of the change.
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

  /** A life that takes the place of another at this moment began after what that one did. */
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

/** The user's nodes are processes; nobody knows how clients and outside hosts run. */
function isProcess({ nodes }: Pick<Moment, 'nodes'>, { node }: Life): boolean {
  return nodes.get(node)?.boot !== undefined
}

/** Counts one more; returns how many there were before. */
function count(counts: Map<Life, number>, life: Life): number {
  const before = counts.get(life) ?? 0
  counts.set(life, before + 1)
  return before
}
