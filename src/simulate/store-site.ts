// Store calls, and entries in journals, as the world sees them: an event, and the crash point directly after it.
import { pathStepOf, type Address } from '../scenario/address.ts'
import { stepText } from '../scenario/address-text.ts'
import { aliasIn } from '../scenario/alias.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { Store } from '../system/store.ts'
import type { Context } from './context.ts'
import { storeHost, type StoreCall } from './store-call.ts'
import { crashMeant, pauseMeant } from './strike.ts'
import { count } from './count.ts'
import { addressUnder, type World } from './world.ts'

/**
 * From now on, store calls and journal entries in this world's contexts are its own. Journals that nobody looks at are
 * no crash points.
 */
export function watchStores(world: World, journals: ReadonlySet<string>): void {
  storeHost(world, {
    stored: (context, store, call) => stored(world, context, store, call),
    noted: (context, journal, value) => {
      const seq = world.effect(context, journal, value)
      if (seq !== undefined && journals.has(journal) && world.nodes.has(context.life.node))
        noted(world, context, journal, value, seq)
    },
  })
}

interface Place {
  /** The store or journal. */
  readonly to: string
  readonly operation: string
  readonly values: readonly unknown[]
  readonly write: boolean
}

interface Asked {
  readonly address: Address
  readonly id: string
  readonly delivery: Delivery
  readonly faults: readonly Fault[]
}

function askAt(world: World, context: Context, { to, operation, values, write }: Place): Asked {
  const { life } = context
  const texts = values.filter((value) => typeof value === 'string')
  const key = texts.length === 0 ? undefined : aliasIn(world.aliases, texts, context.invocation)
  const from = life.within === undefined ? life.node : 'client'
  const nth = count(context.counts, `${to} ${operation} ${key ?? ''}`)
  const address = addressUnder(context, from, to, operation, key, 'reply', nth)
  const id = `${context.id} | ${stepText(pathStepOf(address))} reply`
  return {
    address,
    id,
    ...world.ask(id, () => ({
      kind: 'store',
      address,
      nodes: world.nodes.has(life.node) ? [life.node] : [],
      write,
    })),
  }
}

function strikeAt(world: World, { life }: Context, { id, delivery, faults }: Asked, seq: number): void {
  if (faults.length === 0) return
  world.struck(faults, life.node, seq)
  if (!crashMeant(world, delivery, life, seq, true) && delivery.pauses.length > 0)
    world.outbox.push({ id, send: () => pauseMeant(world, delivery, life, seq) })
}

/** What was added stands for a call that a fake takes: whoever adds may die before it can remember that. */
function noted(world: World, context: Context, journal: string, value: unknown, seq: number): void {
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [value]
  strikeAt(
    world,
    context,
    askAt(world, context, { to: journal, operation: `add ${journal}`, values, write: true }),
    seq,
  )
}

function stored(
  world: World,
  context: Context,
  store: Store,
  { operation, values, write, idle = false }: StoreCall,
): void {
  const asked = askAt(world, context, { to: store.name, operation, values, write })
  const open = store.isOpen()
  const seq = world.record({
    kind: 'store',
    node: context.life.node,
    cause: context.cause,
    address: asked.address,
    write,
    open,
  })
  if (write && !open) {
    world.committed(seq)
    if (!idle) world.lasso.changed()
  }
  strikeAt(world, context, asked, seq)
}
