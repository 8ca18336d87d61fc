// Calls on stores, and entries in journals, as the world sees them: an event, and the crash point directly after it.
import { pathStepOf, type Address } from '../scenario/address.ts'
import { aliasIn } from '../scenario/alias.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { EngineFault, StoreSite } from '../scenario/site.ts'
import type { Store } from '../system/store.ts'
import type { CallValues } from './call-details.ts'
import { addressUnder, callId } from './causal-context.ts'
import { nameOnLinks, type Context } from './context.ts'
import { count } from './count.ts'
import { replicatedIn } from './node-state.ts'
import type { Asked, StoreAccess } from './store-access.ts'
import type { Earlier } from './store-past.ts'
import { crashMeant, pauseMeant } from './strike.ts'
import type { StruckLeg, World } from './world.ts'

/**
 * From now on, calls on stores and entries in journals are the world's own. Journals that no invariant looks at are no
 * crash points.
 */
export function watchStores(world: World, journals: ReadonlySet<string>): void {
  world.stored = (context, store, access) => stored(world, context, store, access)
  world.refuses = (context, store, asked) => {
    engineAt(world, context, store, asked, 'readonly')
    const isRefused = world.conditions?.refuses(store.name, world.nowMs) === true
    if (isRefused) world.printed(context, `${store.name} refuses ${asked.operation}`)
    return isRefused
  }
  world.changing = (context, store) => {
    world.past.changing(store)
    world.order?.changing(context, store)
  }
  world.reading = (context, store, read, asked) => {
    if (asked !== undefined && store.early !== undefined && world.past.isOf(store)) {
      const age = engineAt(world, context, store, asked, 'stale')?.asOf
      const found = age && world.past.asOf(store, age, world.nowMs)
      if (found !== undefined) return store.early(found.content, read)
    }
    return world.order === undefined ? read() : world.order.reading(context, store, read)
  }
  world.noted = (context, journal, value) => {
    const seq = world.effect(context, journal, value)
    if (seq !== undefined) world.details?.add(seq)
    if (seq !== undefined && journals.has(journal) && world.nodes.has(context.life.node))
      noted(world, context, journal, value, seq)
  }
}

function stored(world: World, context: Context, store: Store, access: StoreAccess): void {
  const { write, idle = false } = access
  const open = store.isOpen()
  const { node } = context.life
  const { order, past } = world
  const isUnsynced = store.faults?.includes('unsynced') === true
  if (isUnsynced) past.usersOf(store).add(context.life)
  const met = meet(world, context, store.name, access, isUnsynced && write && !open ? { engine: 'unsynced' } : {})
  const call = { kind: 'store' as const, node, cause: context.cause, address: met.address, write, open }
  const early = order?.early
  const seq = world.record(early === undefined ? call : { ...call, early })
  order?.called(context, store, { ...call, seq, atMs: world.nowMs })
  if (world.details !== undefined) world.details.add(seq, detailsOf(access))
  if (write && !open) {
    const before = past.committed(store, world.nowMs)
    world.committed(seq)
    if (!idle) world.lasso.changed()
    if (before !== undefined) losePower(world, store, before, met.delivery, seq)
  }
  strikeAt(world, context, met, seq)
}

/** A call that is about to reach a store: what the engine does with it. */
function engineAt(
  world: World,
  context: Context,
  store: Store,
  { operation, values }: Asked,
  engine: EngineFault,
): Delivery | undefined {
  if (store.faults?.includes(engine) !== true) return undefined
  const { node } = context.life
  const key = keyIn(world, context, values)
  const nth = (context.counts.get(nameOf(store.name, operation, key)) ?? 0) + 1
  const address = addressUnder(context, nameOnLinks(context.life), store.name, operation, key, 'request', nth)
  const { delivery, faults } = world.ask(
    () => `${callId(context, pathStepOf(address))} request`,
    () => ({ kind: 'store', address, nodes: [], write: engine === 'readonly', engine }),
  )
  world.struck(faults, node, context.cause)
  return delivery
}

/** All processes on the machine die, and the store comes back without a commit and those after it. */
function losePower(
  world: World,
  store: Store,
  { content }: Earlier,
  { powerLost, ...rest }: Delivery,
  seq: number,
): void {
  if (powerLost === undefined) return
  const { afterMs, restartAfterMs } = powerLost
  world.scheduler.add(world.nowMs + afterMs, () => {
    if (world.healed) return
    for (const user of world.past.usersOf(store))
      crashMeant(world, { ...rest, crashes: [{ node: user.node, restartAfterMs }] }, user, seq)
    store.restore?.(content)
    world.committed(seq)
    world.lasso.changed()
  })
}

/** The values of a call, for the story. */
function detailsOf({ values, isKeyed, gave }: StoreAccess): CallValues {
  const result = gave === undefined ? {} : { gave }
  if (isKeyed !== true) return { given: values, ...result }
  const [key, wrote] = values.map((value) => ({ value }))
  return { ...(key === undefined ? {} : { key }), ...(wrote === undefined ? {} : { wrote }), ...result }
}

/** What was added stands for a call that somebody's fake takes: whoever adds may die before it can remember that. */
function noted(world: World, context: Context, journal: string, value: unknown, seq: number): void {
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [value]
  const met = meet(world, context, journal, { operation: `add ${journal}`, values, write: true })
  strikeAt(world, context, met, seq)
}

/** The site of a call, and what the adversary answers there. */
interface MetSite extends StruckLeg {
  readonly address: Address
  readonly idOf: () => string
}

function meet(
  world: World,
  context: Context,
  to: string,
  { operation, values, write }: StoreAccess,
  more: Pick<StoreSite, 'engine'> = {},
): MetSite {
  const { node } = context.life
  const key = keyIn(world, context, values)
  const nth = count(context.counts, nameOf(to, operation, key))
  const address = addressUnder(context, nameOnLinks(context.life), to, operation, key, 'reply', nth)
  const nodes = world.nodes.has(node) ? [node] : []
  const site = (): StoreSite => ({ kind: 'store', address, nodes, ...replicatedIn(world.nodes, nodes), write, ...more })
  const idOf = (): string => `${callId(context, pathStepOf(address))} reply`
  const { delivery, faults } = world.ask(idOf, site)
  return { address, idOf, delivery, faults }
}

function keyIn(world: World, { invocation }: Context, values: readonly unknown[]): string | undefined {
  const texts = values.filter((value) => typeof value === 'string')
  return texts.length === 0 ? undefined : aliasIn(world.aliases, texts, invocation)
}

function nameOf(to: string, operation: string, key = ''): string {
  return `${to} ${operation} ${key}`
}

/** Directly after the call a process may die; a pause begins at the end of the stretch that made the call. */
function strikeAt(world: World, { life }: Context, { idOf, delivery, faults }: MetSite, seq: number): void {
  if (faults.length === 0) return
  world.struck(faults, life.node, seq)
  if (!crashMeant(world, delivery, life, seq, true) && delivery.pauses.length > 0)
    world.outbox.push({ id: idOf(), send: () => pauseMeant(world, delivery, life, seq) })
}
