// Nodes: lives that boot, crash and start again. A crash freezes: every effect of a dead life is refused for ever and its awaits
// never settle, so no catch or finally runs, as in a real crash. Clocks and registered stores outlive a life.
import { bootAddress, bootRoot } from '../address.ts'
import type { NodeEvent } from '../history.ts'
import { describeError } from '../words.ts'
import type { Context, Life } from './context.ts'
import { drift } from './drift.ts'
import { hold, wake } from './held.ts'
import { SetupError } from './setup-error.ts'
import type { Node } from './node-state.ts'
import type { World } from './world.ts'

/** How long a process manager takes to start a process that crashed by itself, in milliseconds. */
const restartMs = 1_000
/** After healing nothing is left to blame: a factory that fails so often in a row fails for ever. */
const mostFailedBoots = 5

/** Starts a life. The node takes requests once `boot` has returned, or what it returned has settled. */
export function bootNode(world: World, node: Node, cause: number): void {
  const { boot, name } = node
  if (boot === undefined) return
  const clock = world.clock(name)
  if (node.restarting !== undefined) world.scheduler.cancel(node.restarting)
  if (node.boots === 0) skewClock(world, name)
  node.boots += 1
  const life: Life = { node: name, clock, dead: false, paused: undefined, incarnation: node.boots }
  node.starting = life
  const seq = world.record({ kind: 'boot', node: name, cause, incarnation: life.incarnation })
  const context = world.context(life, bootRoot(name), [], -1, seq, node.counts)
  const start = (): void => {
    if (!life.dead && !hold(life, start)) world.enter(context, () => runBoot(world, node, life, boot, seq))
  }
  world.scheduler.add(world.nowMs, start)
}

function skewClock(world: World, name: string): void {
  const { passage, faults } = world.ask(`${bootRoot(name)} | ${name} -> ${name} boot 1 request`, () => ({
    address: bootAddress(name), channel: 'boot', method: '', atLeastOnce: false, nodes: [name], write: false, latencyMs: 0, timersMs: [],
  }))
  world.struck(faults, name, -1)
  world.jump(passage, name)
  drift(world, passage, name)
}

function runBoot(world: World, node: Node, life: Life, boot: () => unknown, seq: number): void {
  const up = (app: unknown): void => {
    if (life.dead || node.starting !== life) return // dead, or replaced meanwhile
    node.starting = undefined
    node.failedBoots = 0
    node.life = life
    node.survived ||= Object.is(node.app, app) && (typeof app === 'object' || typeof app === 'function')
    node.app = app
  }
  const down = (error: unknown): void => {
    if (life.dead) return
    if (world.fired.length === 0) return world.fail(new SetupError(`Node "${node.name}": its factory threw ${describeError(error)}, with no fault to blame. Fix serve(() => ...) for it.`, { cause: error }))
    world.note(seq, `the factory threw ${describeError(error)}`)
    crashLife(world, node, life, 'boot failed', seq, false)
    node.failedBoots = world.healed ? node.failedBoots + 1 : 0
    if (node.failedBoots < mostFailedBoots) scheduleRestart(world, node, restartMs, seq)
  }
  try {
    const app = boot()
    if (isPromiseLike(app)) app.then(up, down)
    else up(app)
  } catch (error) {
    down(error)
  }
}

/**
 * Clients and outside hosts are no processes that crash: what they leave uncaught is the test's own mistake where nothing went wrong, and
 * otherwise a note beside what it leads to.
 */
function blameNobody(world: World, { life, cause }: Context, why: string, error: unknown): true {
  const words = `${why} in ${life.node}: ${describeError(error)}`
  if (world.fired.length > 0) world.note(cause, words)
  else world.fail(new SetupError(`An ${words}. No node runs this code: catch it in the operation or in the stub.`, { cause: error }))
  return true
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}


/**
 * Ends a life. `running`: its synchronous stretch is running now and goes on as a ghost until the end of the drain.
 * Returns the `seq` of the crash.
 */
export function crashLife(world: World, node: Node, life: Life, why: NonNullable<NodeEvent['why']>, cause: number, running: boolean): number {
  life.dead = true
  if (node.life === life) node.life = undefined
  if (node.starting === life) node.starting = undefined
  world.timers.disarm(life)
  wake(world.scheduler, life)
  const seq = world.record({ kind: 'crash', node: node.name, cause, incarnation: life.incarnation, why })
  for (const store of world.stores) store.crash(life, running)
  return seq
}

/** Starts the node again later, unless it is up by then. */
export function scheduleRestart(world: World, node: Node, afterMs: number, cause: number): void {
  if (node.restarting !== undefined) world.scheduler.cancel(node.restarting)
  node.restarting = world.scheduler.add(world.nowMs + afterMs, () => restart(world, node, cause))
}

/** Starts the node unless it is up, or starting. */
export function restart(world: World, node: Node, cause: number): void {
  if (node.life === undefined && node.starting === undefined) bootNode(world, node, cause)
}

/** An error that nobody caught: its process dies, and is started again as any process manager would. */
export function crashByError(
  world: World, nodes: ReadonlyMap<string, Node>, context: Context, why: 'uncaught exception' | 'unhandled rejection', error: unknown,
): boolean {
  const { life } = context
  if (life.dead) return true // what a dead process throws, nobody hears
  const node = nodes.get(life.node)
  if (node?.boot === undefined) return blameNobody(world, context, why, error)
  const seq = crashLife(world, node, life, why, context.cause, false)
  world.note(seq, describeError(error))
  scheduleRestart(world, node, restartMs, seq)
  return true
}
