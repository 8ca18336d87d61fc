// A process is told to end, or ends by its own doing: a deploy replaces it, it signals itself, it exits, it closes its
// servers. A signal is a step of its own, since Node hands it over between two stretches of code. Nothing of it ever
// reaches the process that the test runs in. The faults decide; this file carries it out.
import type { NodeEvent } from '../history/history.ts'
import { bootRoot } from '../scenario/address.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import { rootContext } from './causal-context.ts'
import { isDead, type Context, type Ending, type Life, type Signal } from './context.ts'
import { processListeners } from './globals/process-listeners.ts'
import { hangUp, openCallsOf } from './hang-up.ts'
import { bootNode, crashLife, endIdle, restartAfterBoot, restartMs, scheduleRestart } from './node.ts'
import { inInstance, instanceOf, type Node } from './node-state.ts'
import { hold } from './paused.ts'
import { SetupError } from './setup-error.ts'
import type { World } from './world.ts'

/** How often a process manager looks whether a process whose servers have closed has come to its end. */
const mostLooks = 30

/** The numbers that listeners get beside the names. */
const numbers: Readonly<Record<Signal, number>> = { SIGINT: 2, SIGTERM: 15 }

/** Replaces a life if the delivery says so. Returns whether it does. */
export function deployMeant(world: World, { deploys }: Delivery, life: Life | undefined, cause: number): boolean {
  const meant = deploys?.find((deploy) => deploy.node === life?.node)
  const node = meant && world.nodes.get(meant.node)
  if (meant === undefined || life === undefined || node?.boot === undefined || life.dead || world.healed) return false
  const instance = instanceOf(node, life)
  const runs = instance.life === life || instance.starting === life
  if (!runs || instance.leaving.includes(life)) return false
  replaceLife(world, node, life, cause, meant)
  return true
}

/** How long Kubernetes lets a process finish, in milliseconds. */
const usualGraceMs = 30_000

/** Healing: a rollout that has begun goes on until all instances have the next version. */
export function finishRollout(world: World, node: Node, cause: number): void {
  if (node.next === undefined || !node.instances.some(({ isNext }) => isNext)) return
  for (const instance of node.instances) {
    const life = instance.life ?? instance.starting
    if (instance.isNext) continue
    if (life === undefined || instance.leaving.includes(life)) instance.isNext = true
    else replaceLife(world, node, life, cause, { graceMs: usualGraceMs, stillRoutedMs: 0 })
  }
}

type Replacing = Pick<NonNullable<Delivery['deploys']>[number], 'graceMs' | 'stillRoutedMs' | 'heir'>

function replaceLife(world: World, node: Node, life: Life, cause: number, replacing: Replacing): void {
  const { graceMs, stillRoutedMs, heir } = replacing
  const instance = instanceOf(node, life)
  const seq = signal(world, node, life, 'SIGTERM', cause)
  instance.leaving.push(life)
  const untilMs = world.nowMs + stillRoutedMs
  if (instance.life === life) instance.stillRouted = { life, app: instance.app, untilMs }
  world.scheduler.add(world.nowMs + graceMs, () => kill(world, node, life, seq))
  instance.isNext = node.next !== undefined
  if (node.instances.length === 1) {
    node.heirs[node.moves] = heir
    node.moves += 1
  }
  bootNode(world, node, instance, seq)
  world.lasso.changed()
}

/** Sends a signal. Returns the `seq` of its event. */
function signal(world: World, node: Node, life: Life, name: Signal, cause: number): number {
  const { incarnation } = life
  const event = { kind: 'signal', node: node.name, cause, incarnation, signal: name } as const
  const seq = world.record(inInstance(node, life, event))
  const handOver = (): void => {
    if (life.dead) return
    const listeners = processListeners(life)
    // The kernel does that, also to a process that stands still: none of its code runs any more
    if (listeners === undefined || listeners.listenerCount(name) === 0)
      return endAtOnce(world, node, life, { why: name, cause: seq, running: false })
    if (hold(life, handOver)) return
    const context = rootContext(world, life, bootRoot(node.name), -1, seq, node.counts, undefined)
    world.enter(context, () => void listeners.emit(name, name, numbers[name]))
  }
  world.scheduler.add(world.nowMs, handOver)
  return seq
}

/** The time to finish is over. A process that has nothing to do by then is gone already, and nobody notices. */
function kill(world: World, node: Node, life: Life, cause: number): void {
  if (life.dead) return
  if (isIdle(world, life)) endIdle(world, node, life)
  else endAtOnce(world, node, life, { why: 'SIGKILL', cause, running: false })
}

/** Whether nothing is left that a process could still do. */
function isIdle(world: World, life: Life): boolean {
  for (const { context } of world.serving) if (context.life === life) return false
  if (world.realWork.some(({ context }) => context.life === life) || world.timers.keepsAlive(life)) return false
  return life.paused === undefined && openCallsOf(world, life).length === 0
}

interface Ends {
  readonly why: NonNullable<NodeEvent['why']>
  readonly cause: number
  /** Its synchronous code is running. */
  readonly running: boolean
}

/** A process ends, and its connections are reset. What was replaced stays down; all else is started again. */
function endAtOnce(world: World, node: Node, life: Life, { why, cause, running }: Ends): void {
  const instance = instanceOf(node, life)
  const isStarting = instance.starting === life
  const isReplaced = instance.leaving.includes(life)
  if (isStarting && world.fired.length === 0)
    return world.fail(
      new SetupError(
        `Node "${node.name}" ends while it starts (${why}), with no fault to blame. Give it what it needs to start.`,
      ),
    )
  const seq = crashLife(world, node, life, why, cause, running)
  hangUp(world, life)
  world.lasso.changed()
  if (isReplaced) return
  if (isStarting) restartAfterBoot(world, node, instance, seq)
  else scheduleRestart(world, node, instance, restartMs, seq)
}

/** A process ends by its own doing, or begins to. */
export function endsItself(world: World, { life, cause }: Context, how: Ending): void {
  const node = world.nodes.get(life.node)
  if (isDead(life)) return
  if (node?.boot === undefined)
    return world.fail(
      new SetupError(
        `${life.node} would end the process of the test (${how}). In a simulation only the code of a node may end ` +
          'its process, which is that node alone.',
      ),
    )
  if (how === 'closed') startAgainOnceIdle(world, node, life, cause)
  else if (how === 'process.exit' || how === 'SIGKILL') endAtOnce(world, node, life, { why: how, cause, running: true })
  else signal(world, node, life, how, cause)
}

/** Without servers a process ends once it has nothing to do; one that nobody replaced is then started again. */
function startAgainOnceIdle(world: World, node: Node, life: Life, cause: number): void {
  const instance = instanceOf(node, life)
  let looks = 0
  const look = (): void => {
    looks += 1
    if (life.dead || life.refuses !== true || instance.leaving.includes(life) || instance.life !== life) return
    if (!isIdle(world, life)) {
      if (looks < mostLooks) world.scheduler.add(world.nowMs + restartMs, look)
      return
    }
    instance.leaving.push(life)
    bootNode(world, node, instance, cause)
  }
  world.scheduler.add(world.nowMs + restartMs, look)
}
