// A reply's body on its way: its pieces take as long as its head, a silence too long is cut, and faults damage it or
// break it off. Knows bytes and the link's state, not who sends or reads.
import type { Damage, Delivery } from '../scenario/fault/delivery.ts'
import type { BodyListener, BodyPiece, WireReply, WireRequest } from '../history/message.ts'
import { isDead, type Context, type Life } from './context.ts'
import { hold } from './paused.ts'
import { latencyMs, platformLimitMs, type World } from './world.ts'

/** The call that is answered. */
export interface Answered {
  readonly context: Context
  readonly request: WireRequest
  readonly from: string
  readonly target: { readonly name: string }
}

/** The reply as its caller is to get it. `server`: who sends the pieces of a slow body. */
export function relayed(world: World, call: Answered, reply: WireReply, delivery: Delivery, server: Life): WireReply {
  if (delivery.answer !== undefined) return { status: delivery.answer.status, statusText: '', headers: [], body: null }
  const struck = delivery.body !== undefined || delivery.breaksAtByte !== undefined
  const arriving = struck && bodyBytes(call, reply) !== undefined ? marred(world, call, reply, delivery) : reply
  return arriving.rest === undefined
    ? arriving
    : piecewise(world, call, arriving, arriving.rest, delivery.delayMs, server)
}

function marred(world: World, call: Answered, reply: WireReply, delivery: Delivery): WireReply {
  const { body, breaksAtByte } = delivery
  const damage = body === undefined ? reply : damaged(reply, body, statusOf(call, reply, delivery))
  return breaksAtByte === undefined ? damage : brokenOff(world, damage, breaksAtByte)
}

/**
 * The status that arrives. A page comes with 200 in place of a yes, and never in place of a no: against that nobody
 * could be right.
 */
export function statusOf(call: Answered, reply: WireReply, { answer, body }: Delivery): number {
  if (answer !== undefined) return answer.status
  return body === 'html' && reply.status >= 200 && reply.status < 300 && bodyBytes(call, reply) !== undefined
    ? 200
    : reply.status
}

/** How many bytes of a body are there; undefined where there is none, or an empty one. */
export function bodyBytes({ request }: Answered, { body, rest }: WireReply): number | undefined {
  if (body === null || request.method === 'HEAD' || (rest === undefined && body.length === 0)) return undefined
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
}

const page =
  '<!DOCTYPE html>\n<html><head><title>One moment</title></head><body><h1>We will be right back</h1></body></html>\n'

/** Framed anew by whoever damaged it: its length is that of what arrives. */
function damaged({ statusText, ...reply }: WireReply, damage: Damage, status: number): WireReply {
  if (damage === 'html')
    return {
      status,
      statusText: status === reply.status ? statusText : 'OK',
      headers: [['content-type', 'text/html; charset=utf-8']],
      body: page,
    }
  const headers = reply.headers.filter(([name]) => name !== 'content-length')
  const all = bytesOf(reply)
  return {
    status,
    statusText,
    headers,
    body: damage === 'empty' ? '' : all.subarray(0, Math.floor(all.byteLength / 2)),
  }
}

/** The break is heard after the bytes before it, in milliseconds, so that a reader gets to see those. */
const breakAfterMs = 1

function brokenOff(world: World, reply: WireReply, atByte: number): WireReply {
  const { rest } = reply
  const all = bytesOf(reply)
  let left = atByte - all.byteLength
  return {
    ...reply,
    body: all.subarray(0, atByte),
    rest(hear) {
      const breaks = (): void => {
        world.scheduler.add(world.nowMs + breakAfterMs, () => hear('reset'))
      }
      if (left < 0 || rest === undefined) {
        breaks()
        return () => undefined
      }
      return rest((piece) => {
        if (left < 0) return
        if (typeof piece === 'string') return hear(piece === 'end' ? 'reset' : piece)
        if (left > 0) hear(piece.subarray(0, left))
        left -= piece.byteLength
        if (left < 0) breaks()
      })
    },
  }
}

function bytesOf({ body }: Pick<WireReply, 'body'>): Uint8Array {
  return body === null ? new Uint8Array(0) : typeof body === 'string' ? Buffer.from(body) : body
}

/**
 * The pieces of a slow body travel as the head does; a body that falls silent is cut by the platform's limit. A caller
 * that stops listening is told to its server one leg later. Once a piece is lost in a partition no later one comes: a
 * connection has no gaps.
 */
function piecewise(
  world: World,
  call: Answered,
  reply: WireReply,
  rest: (hear: BodyListener) => () => void,
  delayMs: number,
  server: Life,
): WireReply {
  const early: BodyPiece[] = []
  let hear: BodyListener | undefined
  let cut = false
  const arrive = (piece: BodyPiece): void => {
    if (hold(call.context.life, () => arrive(piece))) return
    if (hear === undefined) early.push(piece)
    else hear(piece)
  }
  let silence = world.scheduler.add(world.nowMs + platformLimitMs, () => arrive('timeout'))
  const stop = rest((piece) => {
    if (cut) return
    cut = world.conditions?.cuts(call.target.name, call.from, world.nowMs) ?? false
    if (cut) return
    world.scheduler.cancel(silence)
    if (isDead(call.context.life)) return // nobody hears it: a body without an end must not keep the history going
    world.scheduler.add(world.nowMs + latencyMs + delayMs, () => arrive(piece))
    if (typeof piece !== 'string') silence = world.scheduler.add(world.nowMs + platformLimitMs, () => arrive('timeout'))
  })
  return {
    ...reply,
    rest: (listener) => {
      hear = listener
      for (const piece of early) listener(piece)
      return () => {
        world.scheduler.cancel(silence)
        world.scheduler.add(world.nowMs + latencyMs, () => {
          if (!hold(server, stop)) stop()
        })
      }
    },
  }
}
