// Store calls as the world sees them: an event, and the crash point directly after it.
import { step } from '../address.ts'
import { aliasIn } from '../alias.ts'
import type { Store } from '../store.ts'
import type { Context } from './context.ts'
import { storeHost, type Call } from './store-call.ts'
import { crashMeant, pauseMeant } from './strike.ts'
import { count } from './count.ts'
import { addressUnder, type World } from './world.ts'

/** From now on, store calls in this world's contexts are its own. */
export function watchStores(world: World): void {
  storeHost(world, { stored: (context, store, call) => stored(world, context, store, call) })
}

function stored(world: World, context: Context, store: Store, { operation, values, write, idle = false }: Call): void {
  const { life } = context
  const texts = values.filter((value) => typeof value === 'string')
  const key = texts.length === 0 ? undefined : aliasIn(world.aliases, texts, context.invocation)
  const from = life.within === undefined ? life.node : 'client'
  const nth = count(context.counts, `${store.name} ${operation} ${key ?? ''}`)
  const address = addressUnder(context, from, store.name, operation, key, 'reply', nth)
  const open = store.isOpen()
  const id = `${context.id} | ${step(address)} reply`
  const { passage, faults } = world.ask(id, () => ({
    address, channel: 'store', method: '', atLeastOnce: false, nodes: world.nodes.has(life.node) ? [life.node] : [], write, latencyMs: 0, timersMs: [],
  }))
  const seq = world.record({ kind: 'store', node: life.node, cause: context.cause, address, write, open })
  if (write && !open) {
    world.committed(seq)
    if (!idle) world.timers.changed()
  }
  if (faults.length === 0) return
  world.struck(faults, life.node, seq)
  if (!crashMeant(world, passage, life, seq, true) && passage.pauses.length > 0) world.outbox.push({ id, send: () => pauseMeant(world, passage, life, seq) })
}
