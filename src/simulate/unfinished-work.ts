// What is still open when a history ends, looked up once, at its end: nothing is counted while it runs.
import { rootText } from '../scenario/address-text.ts'
import type { OpenCall, OpenOperation, QueuedSteps, Unfinished } from '../history/unfinished.ts'
import { pendingIn } from '../history/history.ts'
import type { Links } from './link.ts'
import type { World } from './world.ts'

/** How many of one kind are listed by name. */
const mostOfOneKind = 3

/** What is open now: operations first, then calls, timers and other steps. Empty where nothing is. */
export function unfinishedIn(world: World, links: Links): readonly Unfinished[] {
  const kinds: readonly (readonly Unfinished[])[] = [
    openOperations(world),
    openCalls(links),
    world.timers.armed(),
    queuedSteps(world),
  ]
  const listed = kinds.flatMap((open) => open.slice(0, mostOfOneKind))
  const count = kinds.reduce((sum, open) => sum + Math.max(0, open.length - mostOfOneKind), 0)
  return count === 0 ? listed : [...listed, { kind: 'more', count }]
}

function openOperations(world: World): readonly OpenOperation[] {
  if (world.openOperations === 0) return []
  return pendingIn(world).map(({ node, operation, invocation }) => ({ kind: 'operation', node, operation, invocation }))
}

function openCalls(links: Links): readonly OpenCall[] {
  return links
    .open()
    .sort((a, b) => (a.id < b.id ? -1 : 1)) // the order in which they were issued hangs on microtasks
    .map(({ context, step: { to, operation } }) => ({ kind: 'call', node: context.life.node, to, operation }))
}

/** Steps that are no timer's. Code that loops over immediates is found by what ran last. */
function queuedSteps({ scheduler, running }: World): readonly QueuedSteps[] {
  const count = scheduler.waiting.work + scheduler.waiting.message
  if (count === 0) return []
  if (running === undefined) return [{ kind: 'steps', count }]
  return [{ kind: 'steps', count, node: running.life.node, root: rootText(running.root) }]
}
