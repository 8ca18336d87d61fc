// The way of a reply: it leaves when the work is done, meets the adversary, and arrives at the caller, if that still
// waits. Knows no wire: what a reply looks like is its protocol's.
import type { Lost } from '../history/history.ts'
import { sentReply } from '../history/sent-leg.ts'
import { undisturbed, type Delivery } from '../scenario/fault/delivery.ts'
import type { CallValues } from './call-details.ts'
import { epochMs } from './clock.ts'
import { isDead, within, type Context } from './context.ts'
import {
  asLinksAre,
  callSite,
  hasEnded,
  isEndless,
  isOver,
  legAddress,
  lostWhy,
  onTheWay,
  brokenLater,
  type LinkCall,
} from './link-call.ts'
import { answerDies, hangUpOn } from './hang-up.ts'
import { jumpClock } from './mislead.ts'
import { hold } from './paused.ts'
import type { BodyFlow, Protocol } from './protocol.ts'
import { relayed } from './relay.ts'
import { deployMeant } from './rollout.ts'
import { crashMeant, pauseMeant } from './strike.ts'
import { latencyMs, type World } from './world.ts'

/** The reply of a life leaves. `left`: called when it has left. */
export function sendReply(world: World, call: LinkCall, served: Context, answer: unknown, left?: () => void): void {
  if (isDead(served.life)) return answerDies(world, call, served.life)
  const { life } = served
  const { protocol, request } = call.wire
  const bytesOf = (): number | undefined => protocol.bodyBytesOf(request, answer)
  const { delivery: asked, faults } = world.ask(
    () => `${call.id} reply`,
    () => {
      const isLeavable = protocol.isStreamed?.(answer) === true
      return callSite(world, call, 'reply', { bodyBytes: bytesOf(), isLeavable })
    },
  )
  const delivery = asLinksAre(world, call, asked, 'reply', bytesOf)
  const reply = delivery === undisturbed ? answer : altered(world, call, answer, delivery)
  if (world.seenLengths !== undefined)
    for (const { ms, words } of protocol.lengthsIn(reply)) world.seenLengths.add(ms, () => words)
  const address = legAddress(call, 'reply')
  const bytes = world.seesBytes ? protocol.bodyBytesOf(request, reply) : undefined
  const seq = world.record(sentReply(life.node, served.cause, address, call.sent, protocol.codeOf(reply), bytes))
  call.replied = seq
  if (world.details !== undefined) world.details.put(seq, undefined, contentOf(protocol, reply))
  if (faults.length > 0) {
    world.struck(faults, life.node, seq)
    jumpClock(world, delivery, life)
  }
  left?.()
  const answered = delivery.crashes.some((crash) => crash.node === call.target.name && crash.answered === true)
  if (!answered && crashMeant(world, delivery, life, seq))
    return hangUpOn(world, call, delivery) ? undefined : lostReply(world, call, seq, 'lost')
  if (delivery.fate === 'reset') return brokenLater(world, call, 'reset', latencyMs, seq)
  if (delivery.fate !== 'pass') return lostReply(world, call, seq, lostWhy(delivery))
  pauseMeant(world, delivery, life, seq)
  const paced = delivery.trickleMs === undefined ? 0 : (bytesOf() ?? 0)
  const { delayMs, leavesAfter } = delivery
  const arriving = relayed(world, call, reply, { delayMs, paced, sent: seq, leavesAfter }, life)
  const transmit = (): void => {
    if (isDead(life)) return lostReply(world, call, seq, 'lost') // it died with the reply not yet on the wire
    onTheWay(world, call, 'reply', latencyMs + delivery.delayMs, () => {
      if (faults.length === 0 || !crashAsReplyArrives(world, call, delivery, seq))
        replyArrives(world, call, arriving, seq)
    })
  }
  if (!hold(life, transmit)) transmit()
  if (answered) crashMeant(world, delivery, life, seq)
  deployMeant(world, delivery, life, seq)
}

/** The content of a reply, for the story. */
function contentOf(protocol: Protocol, reply: unknown): CallValues {
  const [gave, answer] = [protocol.resultOf?.(reply), protocol.bodyTextOf?.(reply)]
  return { ...(gave === undefined ? {} : { gave }), ...(answer === undefined ? {} : { answer }) }
}

/** What arrives in place of the reply. A reply without a body has nothing to damage. */
function altered(world: World, { wire }: LinkCall, reply: unknown, delivery: Delivery): unknown {
  const { answer, body, breaksAtByte, trickleMs } = delivery
  const { protocol, request } = wire
  if (answer !== undefined) return protocol.replyInstead(answer, epochMs + world.nowMs)
  const isWhole = body === undefined && breaksAtByte === undefined && trickleMs === undefined
  if (isWhole || protocol.bodyBytesOf(request, reply) === undefined) return reply
  const damaged = body === undefined ? reply : protocol.damaged(reply, body)
  if (breaksAtByte === undefined && trickleMs === undefined) return damaged
  const later: BodyFlow['later'] = (ms, run) => void world.scheduler.add(world.nowMs + ms, run)
  return breaksAtByte === undefined
    ? protocol.trickled(damaged, trickleMs ?? 0, later)
    : protocol.brokenOff(damaged, breaksAtByte, later)
}

/** The reply will never arrive. */
export function lostReply(world: World, call: LinkCall, message: number, why: Lost['why']): void {
  world.record({ kind: 'lost', node: call.context.life.node, cause: message, why })
  if (isEndless(call)) call.hung = true
}

function crashAsReplyArrives(world: World, call: LinkCall, delivery: Delivery, message: number): boolean {
  const { context, step } = call
  if (isOver(call) || step.from === step.to) return false
  jumpClock(world, delivery, context.life)
  pauseMeant(world, delivery, context.life, message)
  deployMeant(world, delivery, context.life, message)
  if (!delivery.crashes.some((crash) => crash.node === step.from)) return false
  world.record({ kind: 'arrive', node: context.life.node, cause: message, late: false })
  return crashMeant(world, delivery, context.life, message)
}

/** The reply arrives; late, where nobody waits for it any more. */
export function replyArrives(world: World, call: LinkCall, reply: unknown, message: number): void {
  const { context, wire } = call
  const late = isOver(call)
  if (!late && hold(context.life, () => replyArrives(world, call, reply, message))) return
  world.record({ kind: 'arrive', node: context.life.node, cause: message, late })
  if (late) return
  call.settled = true
  hasEnded(world, call, wire.protocol.codeOf(reply))
  world.running = context
  within(context, () => wire.answer(reply))
}
