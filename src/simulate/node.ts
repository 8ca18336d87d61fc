// Nodes: lives that boot, crash and start again. A crash freezes: every effect of a dead life is refused for ever and
// its awaits never settle, so no catch or finally runs, as in a real crash. Clocks and registered stores outlive a
// life.
import { bootAddress, bootRoot } from '../scenario/address.ts'
import type { NodeEvent } from '../history/history.ts'
import { describeError } from '../plain/describe-error.ts'
import { rootContext } from './causal-context.ts'
import type { Context, Life } from './context.ts'
import { hangUp } from './hang-up.ts'
import { startClock } from './mislead.ts'
import { hold, wake } from './paused.ts'
import { processListeners } from './globals/process-listeners.ts'
import { blame } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'
import { inInstance, instanceOf, isUp, type Instance, type Node } from './node-state.ts'
import type { World } from './world.ts'

/** How long a process manager takes to start a process that ended by itself, in milliseconds. */
export const restartMs = 1_000
/** After healing nothing is left to blame: a factory that fails so often in a row fails for ever. */
const mostFailedBoots = 5

/**
 * Starts a life in an instance. That takes requests once `boot` has returned, or what it returned has settled; none
 * where it starts in the place of a zombie, `beside` the life that takes them.
 */
export function bootNode(world: World, node: Node, instance: Instance, cause: number, beside = false): void {
  const { name } = node
  const isNext = instance.isNext && node.next !== undefined
  const boot = isNext ? node.next : node.boot
  if (boot === undefined) return
  if (instance.restarting !== undefined) world.scheduler.cancel(instance.restarting)
  instance.boots += 1
  const life: Life = {
    node: name,
    clock: world.clock(name, instance.number),
    dead: false,
    paused: undefined,
    incarnation: instance.boots,
    instance: instance.number,
  }
  // Each instance runs on a machine of its own
  if (instance.boots === 1) startClock(world, () => bootAddress(name, instance.number), life)
  if (beside) instance.zombies.push(life)
  else instance.starting = life
  const { incarnation } = life
  const how = { ...(isNext ? { next: true as const } : {}), ...(node.isOperator ? { recovers: true as const } : {}) }
  const event = { kind: 'boot', node: name, cause, incarnation, ...how } as const
  const seq = world.record(inInstance(node, life, event))
  // Its loops begin anew and have not looked at anything yet, unless it crashes and boots again and again
  world.lasso.went(`boot ${name} ${instance.number}`, '')
  const context = rootContext(world, life, bootRoot(name), -1, seq, node.counts, undefined)
  const start = (): void => {
    if (!life.dead && !hold(life, start)) world.enter(context, () => runBoot(world, node, life, boot, seq))
  }
  world.scheduler.add(world.nowMs, start)
}

function runBoot(world: World, node: Node, life: Life, boot: () => unknown, seq: number): void {
  const instance = instanceOf(node, life)
  const up = (app: unknown): void => {
    if (life.dead || instance.starting !== life) return // dead, or replaced meanwhile
    instance.starting = undefined
    instance.failedBoots = 0
    instance.life = life
    if (typeof app === 'object' || typeof app === 'function') rememberWhoSharesMemory(node, instance, app)
    instance.app = app
  }
  const down = (error: unknown): void => {
    if (life.dead) return
    if (error instanceof SetupError) return world.fail(error)
    if (world.fired.length === 0)
      return world.fail(
        new SetupError(
          `Node "${node.name}": its factory threw ${describeError(error)}, with no fault to blame. It is called ` +
            'without arguments when the node starts: mend what it does there, such as a migration; a handler goes ' +
            'inside: () => handler.',
          { cause: error },
        ),
      )
    world.note(seq, `it threw ${describeError(error)}`)
    crashLife(world, node, life, 'boot failed', seq, false)
    restartAfterBoot(world, node, instance, seq)
  }
  try {
    const app = boot()
    if (isPromiseLike(app)) app.then(up, down)
    else up(app)
  } catch (error) {
    down(error)
  }
}

/** A life ended while it started. */
export function restartAfterBoot(world: World, node: Node, instance: Instance, cause: number): void {
  instance.failedBoots = world.healed ? instance.failedBoots + 1 : 0
  if (instance.failedBoots < mostFailedBoots) scheduleRestart(world, node, instance, restartMs, cause)
}

/** No two processes hold one object, neither after each other nor beside each other. */
function rememberWhoSharesMemory(node: Node, instance: Instance, app: object | null): void {
  if (app === null) return
  for (const other of node.instances) {
    if (other.app !== app) continue
    if (other === instance) node.survived = true
    else node.shared = true
  }
}

/**
 * Clients and outside hosts are no processes that crash: what they leave uncaught is the test's own mistake where
 * nothing went wrong, and otherwise a note beside what it leads to.
 */
function blameNobody(world: World, { life, cause }: Context, why: string, error: unknown): true {
  const words = `${why} in ${life.node}: ${errorAtLine(error)}`
  if (world.fired.length > 0) world.note(cause, words)
  else
    world.fail(
      new SetupError(`An ${words}. No node runs this code: catch it in the operation or in the stub.`, {
        cause: error,
      }),
    )
  return true
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * Ends a life. `running`: its synchronous stretch is running now and goes on as a ghost until the end of the drain.
 * Returns the `seq` of the crash.
 */
export function crashLife(
  world: World,
  node: Node,
  life: Life,
  why: NonNullable<NodeEvent['why']>,
  cause: number,
  running: boolean,
): number {
  freeze(world, instanceOf(node, life), life)
  const seq = world.record(
    inInstance(node, life, { kind: 'crash', node: node.name, cause, incarnation: life.incarnation, why }),
  )
  for (const store of world.stores) store.crash(life, running)
  return seq
}

/** Ends a life that has nothing to do any more, so that nobody notices. */
export function endIdle(world: World, node: Node, life: Life): void {
  freeze(world, instanceOf(node, life), life)
  for (const store of world.stores) store.crash(life, false)
}

function freeze(world: World, instance: Instance, life: Life): void {
  life.dead = true
  vacate(instance, life)
  if (instance.zombies.includes(life)) instance.zombieDown = true
  world.timers.disarm(life)
  wake(world.scheduler, life)
}

/** A life takes no requests any more. */
export function vacate(instance: Instance, life: Life): void {
  if (instance.life === life) instance.life = undefined
  if (instance.starting === life) instance.starting = undefined
}

/** Starts what is down in an instance later, unless it is up by then. */
export function scheduleRestart(world: World, node: Node, instance: Instance, afterMs: number, cause: number): void {
  if (instance.restarting !== undefined) world.scheduler.cancel(instance.restarting)
  instance.restarting = world.scheduler.add(world.nowMs + afterMs, () => restart(world, node, instance, cause))
}

/**
 * A zombie is started again as well: it is a process that died. What it had promised to do may be known to nobody else,
 * since the life that runs has looked before.
 */
function restart(world: World, node: Node, instance: Instance, cause: number): void {
  const isBeside = isUp(instance)
  if (instance.gone || (isBeside && !instance.zombieDown)) return
  instance.zombieDown = false
  bootNode(world, node, instance, cause, isBeside)
}

/** Starts what is down, unless it died for good. */
export function restartAll(world: World, node: Node, cause: number): void {
  for (const instance of node.instances) if (!instance.gone) restart(world, node, instance, cause)
}

/** An error that nobody caught: its process dies, and is started again as any process manager would. */
export function crashByError(
  world: World,
  nodes: ReadonlyMap<string, Node>,
  context: Context,
  why: 'uncaught exception' | 'unhandled rejection',
  error: unknown,
): boolean {
  const { life } = context
  if (life.dead) return true // what a dead process throws, nobody hears
  const node = nodes.get(life.node)
  if (node?.boot === undefined) return blameNobody(world, context, why, error)
  if (isHeard(world, context, why, error)) return true
  const seq = crashLife(world, node, life, why, context.cause, false)
  hangUp(world, life)
  world.note(seq, errorAtLine(error))
  scheduleRestart(world, node, instanceOf(node, life), restartMs, seq)
  return true
}

/**
 * Whether the process listens for such an error, so that it goes on (Node's documentation of both events). A rejection
 * is an uncaught exception where nobody listens for rejections; and so is what a listener throws.
 */
function isHeard(world: World, context: Context, why: NonNullable<NodeEvent['why']>, error: unknown): boolean {
  const listeners = processListeners(context.life)
  const names = why === 'unhandled rejection' ? ['unhandledRejection', 'uncaughtException'] : ['uncaughtException']
  const name = names.find((one) => (listeners?.listenerCount(one) ?? 0) > 0)
  if (listeners === undefined || name === undefined) return false
  const rejected = Promise.reject(error)
  rejected.catch(() => undefined)
  world.note(context.cause, `${why}, which its process listens for: ${errorAtLine(error)}`)
  try {
    world.enter(context, () => void listeners.emit(name, error, name === 'unhandledRejection' ? rejected : why))
    return true
  } catch {
    return false // a listener that throws ends its process
  }
}

/** An error with the line of the user's code that threw it, where its stack has one. */
function errorAtLine(error: unknown): string {
  const at = error instanceof Error ? blame(error)?.at : undefined
  return `${describeError(error)}${at === undefined ? '' : ` at ${at}`}`
}
