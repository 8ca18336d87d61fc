// Links: a call as four points. The request leaves, the work is done, the reply leaves, the reply arrives. Each leg is
// sent at the end of the drain that issued it and meets the adversary there. Knows bytes, not Request and Response.
import type { Address, Leg, PathStep } from '../scenario/address.ts'
import { stepText } from '../scenario/address-text.ts'
import { aliasIn, pathTemplate } from '../scenario/alias.ts'
import type { Delivery } from '../scenario/fault/delivery.ts'
import type { CallFailure, WireReply, WireRequest } from '../history/message.ts'
import type { Lost } from '../history/history.ts'
import type { Site } from '../scenario/site.ts'
import { traceIn } from '../history/trace.ts'
import { describeError } from '../plain/describe-error.ts'
import { isDead, within, type Context, type Life } from './context.ts'
import { userFrame } from './globals/user-frame.ts'
import { strandOf } from './lasso.ts'
import { hold } from './paused.ts'
import { SetupError } from './setup-error.ts'
import { crashMeant, misleadClock, pauseMeant } from './strike.ts'
import { count } from './count.ts'
import { inInstance, type Node } from './node-state.ts'
import { instanceFor } from './balance.ts'
import { bodyBytes, relayed, statusOf } from './relay.ts'
import { addressUnder, latencyMs, platformLimitMs, type World } from './world.ts'

/** One call from the view of its caller. */
export interface Call {
  readonly context: Context
  readonly request: WireRequest
  readonly target: Node
  /** Its name among its parent's calls, as it stands in the path of what it causes. */
  readonly step: PathStep
  /** Its name in the history: its parent's identity and its step. */
  readonly id: string
  readonly operation: string
  readonly key: string | undefined
  readonly nth: number
  readonly from: string
  /** The sender repeats what was not answered. */
  readonly atLeastOnce: boolean
  limitMs: number
  /** Nobody waits any more: answered, failed, given up or dead. */
  settled: boolean
  /** Accepted and never answered: no limit of the platform ends it. */
  hung: boolean
  sent: number
  /** Its class, see lasso.ts. */
  readonly recurring: () => string
  readonly answer: (reply: WireReply) => void
  readonly fail: (failure: CallFailure) => void
}

/** All calls of one history that may still end. */
export class Links {
  readonly #open: Call[] = []

  /** Issues a call; it leaves at the end of the drain. */
  issue(
    world: World,
    context: Context,
    target: Node,
    request: WireRequest,
    atLeastOnce: boolean,
    ends: Pick<Call, 'answer' | 'fail'>,
  ): Call {
    const operation = `${request.method} ${pathTemplate(request.url.pathname, world.aliases)}`
    const from = senderName(context)
    const texts = typeof request.body === 'string' ? [request.url.href, request.body] : [request.url.href]
    const key = world.aliases.length === 0 ? undefined : aliasIn(world.aliases, texts, context.invocation)
    const nth = count(context.counts, `${target.name} ${operation} ${key ?? ''}`)
    const step: PathStep =
      key === undefined ? { from, to: target.name, operation, nth } : { from, to: target.name, operation, key, nth }
    const call: Call = {
      context,
      request,
      target,
      operation,
      key,
      nth,
      from,
      atLeastOnce,
      settled: false,
      hung: false,
      sent: -1,
      step,
      id: `${context.id} | ${stepText(step)}`,
      limitMs: world.nowMs + platformLimitMs,
      recurring: () => `call ${strandOf(context)} ${operation} ${target.name}`,
      answer: ends.answer,
      fail: ends.fail,
    }
    this.#open.push(call)
    world.outbox.push({ id: `${call.id} request`, send: () => sendRequest(world, call) })
    return call
  }

  /** The call that the platform's limit ends next. */
  nextLimit(): Call | undefined {
    while (
      this.#open[0] !== undefined &&
      (isOver(this.#open[0]) || this.#open[0].hung || this.#open[0].limitMs === Infinity)
    ) {
      const [call] = this.#open.splice(0, 1)
      if (call?.hung === true && !isOver(call)) this.#hung.push(call)
    }
    return this.#open[0]
  }

  readonly #hung: Call[] = []

  /** Whether somebody waits for an answer that only healing can end. */
  anyHung(): boolean {
    return [this.#hung, this.#open].some((calls) => calls.some((call) => call.hung && !isOver(call)))
  }

  /** The calls whose caller still waits. */
  open(): Call[] {
    return [...this.#hung, ...this.#open].filter((call) => !isOver(call))
  }

  /** The classes of the calls that may still end. */
  *recurring(): Generator<string, void> {
    for (const call of this.#open) if (!isOver(call)) yield call.recurring()
  }

  /** Healing: connections that hang are reset. */
  resetHung(world: World): void {
    for (const call of [...this.#hung, ...this.#open]) {
      if (!call.hung || isOver(call)) continue
      call.hung = false
      world.scheduler.add(world.nowMs, () => failCall(world, call, 'reset'))
    }
    this.#hung.length = 0
  }
}

function isOver(call: Call): boolean {
  return call.settled || isDead(call.context.life)
}

/** Clients are told apart by their root, so that shrinking may merge them. */
function senderName({ life }: Context): string {
  return life.within === undefined ? life.node : 'client'
}

function legAddress(call: Call, leg: Leg): Address {
  return addressUnder(call.context, call.from, call.target.name, call.operation, call.key, leg, call.nth)
}

/** RFC 9110, section 9.2.2. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

function site(world: World, call: Call, leg: Leg, reply?: WireReply): Site {
  const ends = [call.from, call.target.name]
  const bytes = reply === undefined ? undefined : bodyBytes(call, reply)
  const crashable = [
    call.target.boot === undefined ? undefined : call.target.name,
    call.context.life.within === undefined ? call.from : undefined,
  ]
  return {
    address: legAddress(call, leg),
    kind: 'call',
    repeatable: call.atLeastOnce || idempotent.has(call.request.method),
    // Undefined filtered out
    nodes: [...new Set(crashable)].filter((name) => name !== undefined && ends.includes(name)) as string[],
    latencyMs,
    timersMs: world.timers.dueIn(call.context.root),
    ...(bytes === undefined ? {} : { bodyBytes: bytes }),
  }
}

// The request leaves.

function sendRequest(world: World, call: Call): void {
  const { context, target } = call
  const { node } = context.life
  // Aborted, or its sender died, before it left
  if (call.settled || (context.life.within === undefined && context.life.dead)) return
  const { delivery: asked, faults } = world.ask(`${call.id} request`, () => site(world, call, 'request'))
  const delivery = asLinksAre(world, call, asked, 'request')
  const sent = {
    kind: 'send',
    node,
    cause: context.cause,
    address: legAddress(call, 'request'),
    request: -1,
    copy: 0,
    status: 0,
  } as const
  const trace = traceIn(call.request.headers)
  const seq = world.record(trace === undefined ? sent : { ...sent, trace })
  call.sent = seq
  if (faults.length > 0) {
    world.struck(faults, node, seq)
    if (call.from !== target.name) {
      world.jump(delivery, context.life)
      if (!crashMeant(world, delivery, context.life, seq)) pauseMeant(world, delivery, context.life, seq)
    }
  }
  if (delivery.fate !== 'pass') return missed(world, call, delivery, seq)
  if (delivery.answer !== undefined) return answerInstead(world, call, delivery.answer, seq)
  deliverLater(world, call, delivery, 0, latencyMs + delivery.delayMs)
  deliverCopies(world, call, delivery, 'request', latencyMs + delivery.delayMs)
}

/** What lasts on the links has the last word. */
function asLinksAre(world: World, call: Call, delivery: Delivery, leg: Leg): Delivery {
  if (world.conditions === undefined) return delivery
  const [from, to] = leg === 'request' ? [call.from, call.target.name] : [call.target.name, call.from]
  return world.conditions.on(delivery, { from, to, leg, id: `${call.id} ${leg}`, usualMs: latencyMs }, world.nowMs)
}

function missed(world: World, call: Call, delivery: Delivery, message: number): void {
  if (delivery.fate === 'reset') return resetLater(world, call, 2 * latencyMs, message)
  world.record({ kind: 'lost', node: call.target.name, cause: message, message, why: lostWhy(delivery) })
  call.hung = delivery.fate === 'hang'
  if (delivery.fate === 'refused')
    onTheWay(world, call, 'refusal', 2 * latencyMs, () => failCall(world, call, 'refused'))
}

function lostWhy({ fate }: Delivery): Lost['why'] {
  return fate === 'pass' || fate === 'reset' ? 'lost' : fate
}

/** Told where its caller learns of it. */
function resetLater(world: World, call: Call, afterMs: number, message: number): void {
  onTheWay(world, call, 'reset', afterMs, () => failCall(world, call, 'reset', message))
}

function answerInstead(world: World, call: Call, answer: NonNullable<Delivery['answer']>, request: number): void {
  const { status, retryAfterMs } = answer
  const headers: [string, string][] =
    retryAfterMs === undefined ? [] : [['retry-after', String(Math.ceil(retryAfterMs / 1_000))]]
  world.scheduler.add(world.nowMs + latencyMs, () => {
    const seq = world.record({
      kind: 'send',
      node: call.target.name,
      cause: request,
      address: legAddress(call, 'reply'),
      request,
      copy: 0,
      status,
    })
    if (world.conditions?.cuts(call.target.name, call.from, world.nowMs) === true)
      return lostReply(world, call, seq, 'cut')
    world.scheduler.add(world.nowMs + latencyMs, () =>
      replyArrives(world, call, { status, statusText: '', headers, body: null }, seq),
    )
  })
}

// The request arrives, the work is done.

function deliverLater(world: World, call: Call, delivery: Delivery, copy: number, afterMs: number): void {
  onTheWay(world, call, 'request', afterMs, () => requestArrives(world, call, delivery, copy))
}

function requestArrives(world: World, call: Call, delivery: Delivery, copy: number): void {
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

/** A life takes the request up; one that was paused meanwhile does so late. */
function accepted(world: World, call: Call, delivery: Delivery, copy: number, life: Life, app: unknown): void {
  const { context, target, sent } = call
  const seq = world.record(
    inInstance(target, life, { kind: 'arrive', node: target.name, cause: sent, message: sent, late: false }),
  )
  const served = world.served(life, context, copy === 0 ? call.step : { ...call.step, copy }, seq)
  world.enter(served, () => work(world, call, delivery, copy, served, app))
}

function refusedByDown(world: World, call: Call, copy: number): void {
  world.record({ kind: 'lost', node: call.target.name, cause: call.sent, message: call.sent, why: 'down' })
  if (copy > 0 || world.conditions?.cuts(call.target.name, call.from, world.nowMs) === true) return
  onTheWay(world, call, 'refusal', latencyMs, () => failCall(world, call, 'refused'))
}

function work(world: World, call: Call, request: Delivery, copy: number, served: Context, app: unknown): void {
  const reply = (answer: WireReply): void => {
    if (isDead(served.life)) return
    world.outbox.push({ id: `${served.id} reply`, send: () => sendReply(world, call, request, copy, served, answer) })
  }
  call.target.server.handle(app, call.request).then(reply, (error: unknown) => {
    if (error instanceof SetupError) return world.fail(error)
    if (isDead(served.life)) return
    const seq = world.record({
      kind: 'threw',
      node: served.life.node,
      cause: served.cause,
      error: error instanceof Error ? error.constructor.name : typeof error,
    })
    world.note(seq, `${describeError(error)}${error instanceof Error ? ` at ${userFrame(error)}` : ''}`)
    reply({ status: 500, statusText: '', headers: [], body: null })
  })
}

// The reply leaves.

function sendReply(
  world: World,
  call: Call,
  requestDelivery: Delivery,
  copy: number,
  served: Context,
  answer: WireReply,
): void {
  if (isDead(served.life)) return
  const { node } = served.life
  if (copy > 0) return // nobody waits for the answer to a copy
  const { delivery: asked, faults } = world.ask(`${call.id} reply`, () => site(world, call, 'reply', answer))
  const delivery = asLinksAre(world, call, asked, 'reply')
  const status = statusOf(call, answer, delivery)
  const seq = world.record({
    kind: 'send',
    node,
    cause: served.cause,
    address: legAddress(call, 'reply'),
    request: call.sent,
    copy,
    status,
  })
  if (faults.length > 0) world.struck(faults, node, seq)
  deliverCopies(world, call, requestDelivery, 'reply', 0)
  const { life } = served
  const answered = delivery.crashes.some((crash) => crash.node === call.target.name && crash.answered === true)
  if (!answered && crashMeant(world, delivery, life, seq)) return lostReply(world, call, seq, 'lost')
  if (delivery.fate === 'reset') return resetLater(world, call, latencyMs, seq)
  if (delivery.fate !== 'pass') return lostReply(world, call, seq, lostWhy(delivery))
  pauseMeant(world, delivery, life, seq)
  const arriving = relayed(world, call, answer, delivery, life)
  const transmit = (): void => {
    if (isDead(life)) return lostReply(world, call, seq, 'lost') // it died with the reply not yet on the wire
    onTheWay(world, call, 'reply', latencyMs + delivery.delayMs, () => {
      if (faults.length === 0 || !crashAsReplyArrives(world, call, delivery, seq))
        replyArrives(world, call, arriving, seq)
    })
  }
  if (!hold(life, transmit)) transmit()
  if (answered) crashMeant(world, delivery, life, seq)
}

function lostReply(world: World, call: Call, message: number, why: Lost['why']): void {
  world.record({ kind: 'lost', node: call.context.life.node, cause: message, message, why })
}

function deliverCopies(world: World, call: Call, delivery: Delivery, of: Leg, fromMs: number): void {
  if (of === 'reply' && world.conditions?.cuts(call.from, call.target.name, world.nowMs) === true) return
  delivery.copies.forEach(({ after, afterMs }, index) => {
    if (after === of) deliverLater(world, call, delivery, index + 1, fromMs + afterMs)
  })
}

function crashAsReplyArrives(world: World, call: Call, delivery: Delivery, message: number): boolean {
  if (isOver(call) || call.from === call.target.name) return false
  pauseMeant(world, delivery, call.context.life, message)
  if (!delivery.crashes.some((crash) => crash.node === call.from)) return false
  world.record({ kind: 'arrive', node: call.context.life.node, cause: message, message, late: false })
  return crashMeant(world, delivery, call.context.life, message)
}

// The reply arrives.

function replyArrives(world: World, call: Call, reply: WireReply, message: number): void {
  const late = isOver(call)
  if (!late && hold(call.context.life, () => replyArrives(world, call, reply, message))) return
  world.record({ kind: 'arrive', node: call.context.life.node, cause: message, message, late })
  if (late) return
  call.settled = true
  hasEnded(world, call, reply.status)
  world.running = call.context
  within(call.context, () => call.answer(reply))
}

/** The call ends without a reply. `message`: the leg that its caller has to thank for it. */
export function failCall(world: World, call: Call, failure: CallFailure, message: number = call.sent): void {
  if (isOver(call)) return
  call.limitMs = Infinity // its platform's limit strikes once, however long its caller is paused
  if (hold(call.context.life, () => failCall(world, call, failure))) return
  call.settled = true
  hasEnded(world, call, failure)
  if (failure !== 'refused')
    world.record({ kind: 'lost', node: call.context.life.node, cause: message, message, why: failure })
  world.running = call.context
  within(call.context, () => call.fail(failure))
}

/** For the lasso: nobody waits for this call any more, since it was answered, failed or given up. */
export function hasEnded({ lasso }: World, call: Call, way: number | CallFailure | 'given up'): void {
  if (lasso.watches) lasso.went(call.recurring(), way)
}

/** Something of a call is on its way: a leg, or the news that there will be none. */
function onTheWay(world: World, call: Call, what: string, afterMs: number, arrive: () => void): void {
  const recurring = (): string => `${what} of ${call.recurring()}`
  world.scheduler.add(
    world.nowMs + afterMs,
    () => {
      if (world.lasso.watches) world.lasso.went(recurring(), '')
      arrive()
    },
    'message',
    recurring,
  )
}
