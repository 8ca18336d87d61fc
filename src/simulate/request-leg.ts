// The way of a request: it leaves, meets the adversary, arrives at a life of its callee, and the work is done. Copies
// of it, too. Knows no wire: what a request looks like is its protocol's.
import { sentReply, sentRequest } from '../history/sent-leg.ts'
import { describeError } from '../plain/describe-error.ts'
import type { Leg } from '../scenario/address.ts'
import { admit } from './admission.ts'
import type { Delivery, InjectedAnswer } from '../scenario/fault/delivery.ts'
import { hashText } from '../plain/hash-text.ts'
import type { CallValues } from './call-details.ts'
import { takerOf } from './balance.ts'
import { callId, servedContext } from './causal-context.ts'
import { epochMs } from './clock.ts'
import { isDead, within, type Context, type Life } from './context.ts'
import { blame } from './globals/user-frame.ts'
import {
  asLinksAre,
  callSite,
  failCall,
  isEndless,
  isOver,
  isCutFromCaller,
  leavesOf,
  legAddress,
  lostWhy,
  onTheWay,
  brokenLater,
  type LinkCall,
} from './link-call.ts'
import { hangUpOn } from './hang-up.ts'
import { jumpClock, misleadClock } from './mislead.ts'
import { inInstance } from './node-state.ts'
import { hold, thaw } from './paused.ts'
import { isUnreached } from './protocol.ts'
import { lostReply, replyArrives, sendReply } from './reply-leg.ts'
import type { Serving } from './serving.ts'
import { SetupError } from './setup-error.ts'
import { deployMeant } from './rollout.ts'
import { crashMeant, pauseMeant } from './strike.ts'
import { latencyMs, type World } from './world.ts'

/** The request leaves. */
export function sendRequest(world: World, call: LinkCall): void {
  const { context, step, wire } = call
  const { node } = context.life
  // It was aborted, or its sender died, before it left
  if (call.settled || (context.life.within === undefined && context.life.dead)) return
  const { delivery: asked, faults } = world.ask(
    () => `${call.id} request`,
    () => {
      const bodyBytes = wire.protocol.requestBytesOf(wire.request)
      return callSite(world, call, 'request', { bodyBytes, isLeavable: true })
    },
  )
  wire.engineDoes?.(asked)
  const astray = goneAstray(call)
  const asTheyAre = asLinksAre(world, call, asked, 'request', () => wire.protocol.requestBytesOf(wire.request))
  const delivery = astray === undefined || asTheyAre.fate !== 'pass' ? asTheyAre : { ...asTheyAre, ...astray }
  const trace = wire.protocol.traceOf(wire.request)
  const bytes = world.seesBytes ? wire.protocol.requestBytesOf(wire.request) : undefined
  const seq = world.record(sentRequest(node, context.cause, legAddress(call, 'request'), trace, bytes))
  call.sent = seq
  if (astray !== undefined)
    world.note(seq, `${call.target.name} has moved, and this went to the address that it had before`)
  if (world.details !== undefined) world.details.put(seq, call.at, valuesOf(wire))
  if (faults.length > 0) {
    world.struck(faults, node, seq)
    if (step.from !== step.to) {
      jumpClock(world, delivery, context.life)
      if (!crashMeant(world, delivery, context.life, seq)) pauseMeant(world, delivery, context.life, seq)
      deployMeant(world, delivery, context.life, seq)
    }
  }
  if (delivery.leavesAfter !== undefined) leavesOf(world, context)?.()
  if (delivery.fate !== 'pass') return requestLost(world, call, delivery, seq)
  if (delivery.answer !== undefined) return answerInstead(world, call, delivery.answer, seq)
  if (breaksOff(call, delivery)) {
    // The caller hears of the break as its callee does. Hosts outside act on nothing but whole requests
    brokenLater(world, call, 'reset', 2 * latencyMs + delivery.delayMs, seq)
    if (call.target.boot === undefined) return
  }
  const afterMs = latencyMs + delivery.delayMs + (call.target.boot === undefined ? (delivery.trickleMs ?? 0) : 0)
  deliverLater(world, call, delivery, 0, afterMs)
  deliverCopies(world, call, delivery, 'request', afterMs)
}

/** What becomes of a request that goes to an address where its callee was before; undefined where it goes elsewhere. */
function goneAstray({ target, wire: { lookedUpAfter, proves } }: LinkCall): Partial<Delivery> | undefined {
  if (lookedUpAfter === undefined || lookedUpAfter >= target.moves) return undefined
  const answer = proves === true ? undefined : target.heirs[lookedUpAfter]
  return answer === undefined ? { fate: 'refused' } : { answer }
}

/** Whether a request has a body, and that breaks off. */
function breaksOff({ wire: { protocol, request } }: LinkCall, { breaksAtByte }: Delivery): boolean {
  return breaksAtByte !== undefined && protocol.requestBytesOf(request) !== undefined
}

/** The request as its handler gets it. */
function asItArrives(world: World, call: LinkCall, delivery: Delivery, served: Context): unknown {
  const { protocol, request } = call.wire
  const { breaksAtByte, trickleMs } = delivery
  if (breaksAtByte === undefined && (trickleMs === undefined || call.target.boot === undefined)) return request
  const hears = (run: () => void): void => {
    if (isDead(served.life) || hold(served.life, () => hears(run))) return
    world.running = served
    within(served, run)
  }
  let breaks: (() => void) | undefined
  let isCut = false
  return protocol.arriving(request, {
    ...(breaksAtByte === undefined ? {} : { breaksAtByte }),
    ...(trickleMs === undefined ? {} : { overMs: trickleMs }),
    later: (ms, run) =>
      void world.scheduler.add(world.nowMs + ms, () => {
        if (isCut) return // a connection has no gaps
        isCut = isCutOff(world, call, delivery, () => hears(breaks ?? run))
        if (!isCut) hears(run)
      }),
    whenBroken: (run) => (breaks = run),
  })
}

/**
 * Whether a piece of a request's body that arrives now was lost in a partition as it left. Both ends see silence until
 * the network heals, and then the end of the connection.
 */
function isCutOff(world: World, call: LinkCall, { delayMs }: Delivery, breaks: () => void): boolean {
  const { conditions, nowMs } = world
  if (conditions?.cuts(call.step.from, call.step.to, nowMs - latencyMs - delayMs) !== true) return false
  if (isEndless(call)) call.hung = true
  conditions.broken.push(breaks, () => failCall(world, call, 'reset'))
  return true
}

/** The content of a request, for the story. */
function valuesOf({ protocol, request }: LinkCall['wire']): CallValues {
  const given = protocol.argumentsOf?.(request)
  const asked = hashText(JSON.stringify(protocol.textsOf(request)))
  return given === undefined ? { asked } : { asked, given }
}

function requestLost(world: World, call: LinkCall, delivery: Delivery, message: number): void {
  const { fate } = delivery
  if (fate === 'reset') return brokenLater(world, call, fate, 2 * latencyMs, message)
  if (fate === 'closed') return brokenLater(world, call, fate, latencyMs, message) // its end was on the way
  world.record({ kind: 'lost', node: call.target.name, cause: message, why: lostWhy(delivery) })
  if (isUnreached(fate)) {
    const isSilent = fate === 'unreachable'
    const afterMs = isSilent ? (call.wire.unconnected?.() ?? call.wire.protocol.connectMs) : 2 * latencyMs
    return onTheWay(world, call, 'refusal', afterMs, () => failCall(world, call, fate))
  }
  call.hung = fate === 'hang' || isEndless(call)
}

/** Somebody on the way answers in the callee's place. */
function answerInstead(world: World, call: LinkCall, answer: InjectedAnswer, request: number): void {
  const { protocol } = call.wire
  world.scheduler.add(world.nowMs + latencyMs, () => {
    const reply = protocol.replyInstead(answer, epochMs + world.nowMs)
    const address = legAddress(call, 'reply')
    const seq = world.record(sentReply(call.target.name, request, address, request, protocol.codeOf(reply)))
    call.replied = seq
    if (isCutFromCaller(world, call)) return lostReply(world, call, seq, 'cut')
    world.scheduler.add(world.nowMs + latencyMs, () => replyArrives(world, call, reply, seq))
  })
}

function deliverLater(world: World, call: LinkCall, delivery: Delivery, copy: number, afterMs: number): void {
  onTheWay(world, call, 'request', afterMs, () => requestArrives(world, call, delivery, copy))
}

/** The copies that follow the request itself, or its reply. */
function deliverCopies(world: World, call: LinkCall, delivery: Delivery, after: Leg, fromMs: number): void {
  delivery.copies.forEach((copy, index) => {
    if (copy.after === after) deliverLater(world, call, delivery, index + 1, fromMs + copy.afterMs)
  })
}

function copiesAfterReply(world: World, call: LinkCall, delivery: Delivery): void {
  const { from, to } = call.step
  if (world.conditions?.cuts(from, to, world.nowMs) !== true) deliverCopies(world, call, delivery, 'reply', 0)
}

function requestArrives(world: World, call: LinkCall, delivery: Delivery, copy: number): void {
  // Nobody took the connection, so there is nothing of which a copy could come later
  if (copy > 0 && call.taken === 'turned away') return refusedByDown(world, call, copy)
  const { life, app } = takerOf(call.target, call, copy, world.nowMs)
  if (life === undefined) return refusedByDown(world, call, copy)
  const accept = (struck: boolean): void => {
    if (life.dead || life.refuses === true) return refusedByDown(world, call, copy)
    thaw(world.scheduler, life)
    if (hold(life, () => accept(struck))) return
    if (struck) return accepted(world, call, delivery, copy, life, app)
    if (crashMeant(world, delivery, life, call.sent)) return void hangUpOn(world, call, delivery)
    misleadClock(world, delivery, life)
    pauseMeant(world, delivery, life, call.sent)
    accept(true)
    deployMeant(world, delivery, life, call.sent)
  }
  accept(copy > 0)
}

function refusedByDown(world: World, call: LinkCall, copy: number): void {
  world.record({ kind: 'lost', node: call.target.name, cause: call.sent, why: 'down' })
  // Where a copy was taken, so was the connection: its end is no proof that nothing was done
  const failure = call.taken === 'taken' ? 'reset' : 'refused'
  call.taken ??= 'turned away'
  if (copy > 0 || isCutFromCaller(world, call)) return
  onTheWay(world, call, 'refusal', latencyMs, () => failCall(world, call, failure))
}

/** A life takes the request up; one that was paused meanwhile does so late. */
function accepted(world: World, call: LinkCall, delivery: Delivery, copy: number, life: Life, app: unknown): void {
  const { context, target, sent } = call
  call.taken ??= 'taken'
  const seq = world.record(inInstance(target, life, { kind: 'arrive', node: target.name, cause: sent, late: false }))
  const step = copy === 0 ? call.step : { ...call.step, copy }
  const served = servedContext(life, context, step, copy === 0 ? call.id : callId(context, step), seq)
  const { request, protocol, callee } = call.wire
  const { capacity } = target
  const begun = capacity === undefined
  const serving: Serving = { context: served, request, sinceMs: world.nowMs, isLeft: () => isOver(call), begun }
  const reply = replyTo(world, call, delivery, copy, served)
  const handle = (): Promise<unknown> =>
    callee.server.handle(app, copy === 0 ? asItArrives(world, call, delivery, served) : request)
  if (target.boot !== undefined) world.serving.add(serving)
  if (capacity === undefined) return world.enter(served, () => work(world, call, serving, handle, reply, undefined))
  admit(world, call, served, capacity, {
    begin(release) {
      serving.begun = true
      world.enter(served, () => work(world, call, serving, handle, reply, release))
    },
    refuse() {
      world.serving.delete(serving)
      reply(protocol.replyOfOverload())
    },
  })
}

/** How an answer leaves, at the end of the drain in which it is ready. Nobody waits for that to a copy. */
function replyTo(
  world: World,
  call: LinkCall,
  delivery: Delivery,
  copy: number,
  served: Context,
): (answer: unknown) => void {
  const left = delivery.copies.length === 0 ? undefined : () => copiesAfterReply(world, call, delivery)
  return (answer) => {
    if (copy > 0 || isDead(served.life)) return
    world.outbox.push({ id: `${served.id} reply`, send: () => sendReply(world, call, served, answer, left) })
  }
}

/** The handler works. `release`: gives back the place that it takes at a node with a capacity. */
function work(
  world: World,
  call: LinkCall,
  serving: Serving,
  handle: () => Promise<unknown>,
  reply: (answer: unknown) => void,
  release: (() => void) | undefined,
): void {
  const { protocol } = call.wire
  const { context: served } = serving
  const answered = (answer: unknown): void => {
    world.serving.delete(serving)
    release?.()
    reply(answer)
  }
  handle().then(answered, (error: unknown) => {
    world.serving.delete(serving)
    release?.()
    if (error instanceof SetupError) return world.fail(error)
    if (isDead(served.life)) return
    noteThrown(world, served, error)
    reply(protocol.replyOfFailure())
  })
}

function noteThrown(world: World, { life, cause }: Context, error: unknown): void {
  const name = error instanceof Error ? error.constructor.name : typeof error
  const seq = world.record({ kind: 'threw', node: life.node, cause, error: name })
  const words = describeError(error)
  if (!(error instanceof Error)) return world.note(seq, words)
  world.notes.push({
    event: seq,
    // Only stories tell of it, and to read a stack costs as much as all else of a call
    get text() {
      const at = blame(error)?.at
      return at === undefined ? words : `${words} at ${at}`
    },
  })
}
