// The way of a request: it leaves, meets the adversary, arrives at a life of its callee, and the work is done. Copies
// of it, too. Knows no wire: what a request looks like is its protocol's.
import { sentReply, sentRequest } from '../history/sent-leg.ts'
import { describeError } from '../plain/describe-error.ts'
import type { Leg } from '../scenario/address.ts'
import { admit } from './admission.ts'
import type { Delivery, InjectedAnswer } from '../scenario/fault/delivery.ts'
import { hashText } from '../plain/hash-text.ts'
import type { CallValues } from './call-details.ts'
import { instanceFor } from './balance.ts'
import { callId, servedContext } from './causal-context.ts'
import { epochMs } from './clock.ts'
import { isDead, type Context, type Life } from './context.ts'
import { userFrame } from './globals/user-frame.ts'
import {
  asLinksAre,
  callSite,
  failCall,
  isOver,
  isCutFromCaller,
  legAddress,
  lostWhy,
  onTheWay,
  resetLater,
  type LinkCall,
} from './link-call.ts'
import { jumpClock, misleadClock } from './mislead.ts'
import { inInstance } from './node-state.ts'
import { hold } from './paused.ts'
import { lostReply, replyArrives, sendReply } from './reply-leg.ts'
import type { Serving } from './serving.ts'
import { SetupError } from './setup-error.ts'
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
    () => callSite(world, call, 'request'),
  )
  const delivery = asLinksAre(world, call, asked, 'request')
  const trace = wire.protocol.traceOf(wire.request)
  const seq = world.record(sentRequest(node, context.cause, legAddress(call, 'request'), trace))
  call.sent = seq
  if (world.details !== undefined) world.details.put(seq, call.at, valuesOf(wire))
  if (faults.length > 0) {
    world.struck(faults, node, seq)
    if (step.from !== step.to) {
      jumpClock(world, delivery, context.life)
      if (!crashMeant(world, delivery, context.life, seq)) pauseMeant(world, delivery, context.life, seq)
    }
  }
  if (delivery.fate !== 'pass') return requestLost(world, call, delivery, seq)
  if (delivery.answer !== undefined) return answerInstead(world, call, delivery.answer, seq)
  deliverLater(world, call, delivery, 0, latencyMs + delivery.delayMs)
  deliverCopies(world, call, delivery, 'request', latencyMs + delivery.delayMs)
}

/** The content of a request, for the story. */
function valuesOf({ protocol, request }: LinkCall['wire']): CallValues {
  const given = protocol.argumentsOf?.(request)
  const asked = hashText(JSON.stringify(protocol.textsOf(request)))
  return given === undefined ? { asked } : { asked, given }
}

function requestLost(world: World, call: LinkCall, delivery: Delivery, message: number): void {
  if (delivery.fate === 'reset') return resetLater(world, call, 2 * latencyMs, message)
  world.record({ kind: 'lost', node: call.target.name, cause: message, why: lostWhy(delivery) })
  call.hung = delivery.fate === 'hang'
  if (delivery.fate === 'refused')
    onTheWay(world, call, 'refusal', 2 * latencyMs, () => failCall(world, call, 'refused'))
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
  if (copy > 0 && call.ended === 'refused') return refusedByDown(world, call, copy)
  const { life, app } = instanceFor(call.target, call, copy)
  if (life === undefined) return refusedByDown(world, call, copy)
  const accept = (struck: boolean): void => {
    if (life.dead) return refusedByDown(world, call, copy)
    if (hold(life, () => accept(struck))) return
    if (struck) return accepted(world, call, delivery, copy, life, app)
    if (crashMeant(world, delivery, life, call.sent)) return
    misleadClock(world, delivery, life)
    pauseMeant(world, delivery, life, call.sent)
    accept(true)
  }
  accept(copy > 0)
}

function refusedByDown(world: World, call: LinkCall, copy: number): void {
  world.record({ kind: 'lost', node: call.target.name, cause: call.sent, why: 'down' })
  if (copy > 0 || isCutFromCaller(world, call)) return
  onTheWay(world, call, 'refusal', latencyMs, () => failCall(world, call, 'refused'))
}

/** A life takes the request up; one that was paused meanwhile does so late. */
function accepted(world: World, call: LinkCall, delivery: Delivery, copy: number, life: Life, app: unknown): void {
  const { context, target, sent } = call
  const seq = world.record(inInstance(target, life, { kind: 'arrive', node: target.name, cause: sent, late: false }))
  const step = copy === 0 ? call.step : { ...call.step, copy }
  const served = servedContext(life, context, step, copy === 0 ? call.id : callId(context, step), seq)
  const { request, protocol } = call.wire
  const { capacity } = target
  const begun = capacity === undefined
  const serving: Serving = { context: served, request, sinceMs: world.nowMs, isLeft: () => isOver(call), begun }
  const reply = replyTo(world, call, delivery, copy, served)
  if (target.boot !== undefined) world.serving.add(serving)
  if (capacity === undefined) return world.enter(served, () => work(world, call, serving, app, reply, undefined))
  admit(world, call, served, capacity, {
    begin(release) {
      serving.begun = true
      world.enter(served, () => work(world, call, serving, app, reply, release))
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
  app: unknown,
  reply: (answer: unknown) => void,
  release: (() => void) | undefined,
): void {
  const { protocol, request, callee } = call.wire
  const { context: served } = serving
  const answered = (answer: unknown): void => {
    world.serving.delete(serving)
    release?.()
    reply(answer)
  }
  callee.server.handle(app, request).then(answered, (error: unknown) => {
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
  world.note(seq, `${describeError(error)}${error instanceof Error ? ` at ${userFrame(error)}` : ''}`)
}
