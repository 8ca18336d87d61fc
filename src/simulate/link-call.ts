// One call on a link, from the view of its caller: what it is called, what the adversary sees of it, and how it ends
// without a reply. The ways of its legs stand in request-leg.ts and reply-leg.ts.
import type { Address, Leg, PathStep } from '../scenario/address.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { CallSite } from '../scenario/site.ts'
import type { Lost } from '../history/history.ts'
import { addressUnder } from './causal-context.ts'
import type { CallerLine } from './call-details.ts'
import { isDead, within, type Context } from './context.ts'
import { madeOnce, strandOf } from './lasso.ts'
import { replicatedIn, type Node } from './node-state.ts'
import { hold } from './paused.ts'
import { isUnreached, type CallFailure, type WireCall } from './protocol.ts'
import { latencyMs, type World } from './world.ts'

/** A call that was issued. */
export interface LinkCall {
  readonly context: Context
  readonly wire: WireCall
  readonly target: Node
  /** Its name among its parent's calls, as it stands in the path of what it causes. */
  readonly step: PathStep
  /** Its name in the history: its parent's identity and its step. */
  readonly id: string
  /** The line of the user's code that made it, where a story is told of the history. */
  readonly at: CallerLine | undefined
  /** When its platform gives up waiting. */
  readonly limitMs: number
  /** Its platform may still give up. */
  limited: boolean
  /** Nobody waits for it any more: it was answered, or failed, or its caller gave up. */
  settled: boolean
  /** Accepted and never answered: no limit of its platform ends it. */
  hung: boolean
  /** What first became of it where it was sent: a life took it, or there was none. Undefined before it arrives. */
  taken: 'taken' | 'turned away' | undefined
  /** How it ended for its caller; undefined while that waits. */
  ended: number | CallFailure | 'given up' | undefined
  /** Its class for the lasso, made when somebody first asks. */
  class: string | undefined
  /** `seq` of its request's send; -1 before that. */
  sent: number
  /** `seq` of its reply's send; -1 before that. */
  replied: number
}

/** Whether nobody waits for it any more. */
export function isOver(call: LinkCall): boolean {
  return call.settled || isDead(call.context.life)
}

/** Whether its platform waits for ever. */
export function isEndless({ limitMs }: LinkCall): boolean {
  return limitMs === Infinity
}

/** The address of one of its legs. */
export function legAddress({ context, step }: LinkCall, leg: Leg): Address {
  return addressUnder(context, step.from, step.to, step.operation, step.key, leg, step.nth)
}

/** One of its legs as the adversary sees it. */
export function callSite(
  world: World,
  call: LinkCall,
  leg: Leg,
  { bodyBytes, isLeavable }: { readonly bodyBytes: number | undefined; readonly isLeavable: boolean },
): CallSite {
  const { context, step, wire } = call
  const { from, to } = step
  const ends = from === to ? [to] : [to, from]
  const nodes = ends.filter((name) => world.nodes.has(name))
  return {
    kind: 'call',
    address: legAddress(call, leg),
    nodes,
    ...replicatedIn(world.nodes, nodes),
    repeatable: world.repeats(context) || wire.protocol.isIdempotent(wire.request),
    ...(wire.reach === undefined || leg === 'reply' ? {} : { reach: wire.reach }),
    ...(wire.engine === undefined || leg === 'reply' ? {} : { engine: wire.engine }),
    ...(isLeavable && leavesOf(world, context) !== undefined ? { waitedFor: true as const } : {}),
    latencyMs,
    timersMs: world.timers.dueIn(context.root),
    ...(bodyBytes === undefined ? {} : { bodyBytes }),
  }
}

/** How the client leaves whose operation this belongs to; undefined where none waits for it. */
export function leavesOf({ clients }: World, { invocation }: Context): (() => void) | undefined {
  return clients.find(({ leaves }) => leaves?.invocation === invocation)?.leaves?.now
}

/** What becomes of a leg that leaves now: what lasts on the links has the last word. */
export function asLinksAre(
  world: World,
  call: LinkCall,
  delivery: Delivery,
  leg: Leg,
  bytes: () => number | undefined,
): Delivery {
  if (world.conditions === undefined) return delivery
  const [from, to] = leg === 'request' ? [call.step.from, call.step.to] : [call.step.to, call.step.from]
  const leaving = { from, to, leg, id: `${call.id} ${leg}`, usualMs: latencyMs, bytes: bytes() }
  return world.conditions.on(delivery, leaving, world.nowMs)
}

/** Whether bytes from the callee are lost now on their way to the caller. */
export function isCutFromCaller(world: World, { step }: LinkCall): boolean {
  return world.conditions?.cuts(step.to, step.from, world.nowMs) === true
}

/** How the history calls the fate of a leg that does not arrive. */
export function lostWhy({ fate }: Delivery): Lost['why'] {
  if (fate === 'notFound' || fate === 'tryAgain') return 'unresolved'
  return fate === 'pass' || fate === 'reset' ? 'lost' : fate
}

/** The connection is reset, or closed; the caller learns of it later. */
export function brokenLater(
  world: World,
  call: LinkCall,
  how: 'reset' | 'closed',
  afterMs: number,
  message: number,
): void {
  onTheWay(world, call, how, afterMs, () => failCall(world, call, how, message))
}

/**
 * The call ends without a reply. `message`: the leg that did not arrive. By default the last one that left: a request
 * stands for the reply to it that never left.
 */
export function failCall(
  world: World,
  call: LinkCall,
  failure: CallFailure,
  message: number = call.replied === -1 ? call.sent : call.replied,
): void {
  if (isOver(call)) return
  call.limited = false // its platform gives up once, however long its caller is paused
  if (hold(call.context.life, () => failCall(world, call, failure, message))) return
  call.settled = true
  hasEnded(world, call, failure)
  if (!isUnreached(failure)) world.record({ kind: 'lost', node: call.context.life.node, cause: message, why: failure })
  world.running = call.context
  within(call.context, () => call.wire.fail(failure))
}

/** The class of a call, see lasso.ts. */
export function callClass(call: LinkCall): string {
  return (call.class ??= classOf(call))
}

function classOf({ context, step }: LinkCall): string {
  return `call ${strandOf(context)} ${step.operation} ${step.to}`
}

/** Nobody waits for a call any more, since it was answered (in the way that a code names), failed or was given up. */
export function hasEnded({ lasso }: World, call: LinkCall, way: NonNullable<LinkCall['ended']>): void {
  call.ended = way
  if (lasso.watches) lasso.went(callClass(call), way)
}

/** Something of a call is on its way: a leg, or the news that there will be none. */
export function onTheWay(world: World, call: LinkCall, what: string, afterMs: number, arrive: () => void): void {
  const recurring = madeOnce(() => `${what} of ${callClass(call)}`)
  const run = (): void => {
    if (world.lasso.watches) world.lasso.went(recurring(), '')
    arrive()
  }
  world.scheduler.add(world.nowMs + afterMs, run, 'message', recurring)
}
