// A slow body on its way: each of its pieces takes as long as its head, and a silence that lasts too long is cut. Knows
// bytes and the link's state, not who sends or reads.
import { isDead, type Life } from './context.ts'
import { leaveLater } from './give-up.ts'
import { isCutFromCaller, leavesOf, type LinkCall } from './link-call.ts'
import { hold } from './paused.ts'
import type { BodyListener, BodyPiece, BodyRest } from './protocol.ts'
import type { Step } from './scheduler.ts'
import { latencyMs, type World } from './world.ts'

/** How the pieces of a body come. */
interface PieceFlow {
  /** `seq` of the event that says how many bytes it has. */
  readonly sent: number
  readonly delayMs: number
  /** So many bytes come as slowly as they do already. */
  readonly paced: number
  /** After so many pieces the client of the operation goes away. */
  readonly leavesAfter: number | undefined
}

/** A body whose end has not come, and how its caller stops listening. */
interface OpenBody {
  readonly call: LinkCall
  readonly stop: () => void
}

const openBodies = new WeakMap<Life, Set<OpenBody>>()

/** A life goes away: whoever sends it a body learns of it. Gives the calls whose bodies end. */
export function leaveBodies(life: Life): readonly LinkCall[] {
  const open = [...(openBodies.get(life) ?? [])]
  for (const { stop } of open) stop()
  return open.map(({ call }) => call)
}

/** The reply as its caller is to get it. `server`: who sends the pieces of a slow body. */
export function relayed(world: World, call: LinkCall, reply: unknown, pace: PieceFlow, server: Life): unknown {
  return call.wire.protocol.relayed(reply, (rest) => piecewise(world, call, rest, pace, server))
}

/**
 * The pieces of a slow body travel as its head does. When a caller stops listening, its server learns of it one leg
 * later. Once a piece is lost in a partition no later piece arrives: a connection has no gaps.
 */
function piecewise(
  world: World,
  call: LinkCall,
  rest: BodyRest,
  { delayMs, paced, sent, leavesAfter = Infinity }: PieceFlow,
  server: Life,
): BodyRest {
  const { patienceMs } = call.wire.protocol
  const body: OpenBody = { call, stop: () => stop() }
  const bodies = openBodiesOf(call.context.life).add(body)
  const early: BodyPiece[] = []
  let hear: BodyListener | undefined
  let cut = false
  let heard = 0
  const leaveAfter = (pieces: number): void => {
    if (pieces === leavesAfter) world.scheduler.add(world.nowMs, () => leavesOf(world, call.context)?.())
  }
  const arrive = (piece: BodyPiece): void => {
    if (hold(call.context.life, () => arrive(piece))) return
    if (hear === undefined) return void early.push(piece)
    hear(piece)
    if (piece === 'timeout') return
    if (typeof piece === 'string') return void bodies.delete(body)
    heard += 1
    leaveAfter(heard)
  }
  const silenceBegins = (): Step | undefined =>
    patienceMs === Infinity ? undefined : world.scheduler.add(world.nowMs + patienceMs, () => arrive('timeout'))
  let silence = silenceBegins()
  const { from, to } = call.step
  let [pacedBytes, freeMs] = [paced, 0]
  /** When a piece has passed its link, which may be narrow. */
  const passedMs = (piece: BodyPiece): number => {
    const isPaced = pacedBytes > 0 || typeof piece === 'string'
    if (typeof piece !== 'string') pacedBytes -= piece.byteLength
    freeMs = Math.max(freeMs, world.nowMs)
    if (!isPaced) freeMs += world.conditions?.passingMs(to, from, piece.byteLength, world.nowMs) ?? 0
    return freeMs
  }
  const endSilence = (): void => {
    if (silence !== undefined) world.scheduler.cancel(silence)
  }
  const stopSending = rest((piece) => {
    if (world.seesBytes && typeof piece !== 'string') addBytes(world, sent, piece.byteLength)
    if (cut) return
    cut = isCutFromCaller(world, call)
    if (cut) return
    endSilence()
    if (isDead(call.context.life)) return // nobody hears it: a body without an end must not keep the history going
    world.scheduler.add(passedMs(piece) + latencyMs + delayMs, () => arrive(piece))
    if (typeof piece !== 'string') silence = silenceBegins()
  })
  const stop = (): void => {
    if (!bodies.delete(body)) return
    endSilence()
    leaveLater(world, call)
    world.scheduler.add(world.nowMs + latencyMs, () => {
      if (!hold(server, stopSending)) stopSending()
    })
  }
  return (listener) => {
    hear = listener
    leaveAfter(0)
    for (const piece of early.splice(0)) arrive(piece)
    return stop
  }
}

function openBodiesOf(life: Life): Set<OpenBody> {
  const known = openBodies.get(life) ?? new Set()
  openBodies.set(life, known)
  return known
}

/** A leg that has left has so many bytes more. */
function addBytes({ events }: World, seq: number, bytes: number): void {
  const event = events[seq]
  if (event?.kind === 'send') events[seq] = { ...event, bytes: (event.bytes ?? 0) + bytes }
}
