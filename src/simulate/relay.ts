// A slow body on its way: each of its pieces takes as long as its head, and a silence that lasts too long is cut. Knows
// bytes and the link's state, not who sends or reads.
import { isDead, type Life } from './context.ts'
import { isCutFromCaller, type LinkCall } from './link-call.ts'
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
  { delayMs, paced, sent }: PieceFlow,
  server: Life,
): BodyRest {
  const { patienceMs } = call.wire.protocol
  const early: BodyPiece[] = []
  let hear: BodyListener | undefined
  let cut = false
  const arrive = (piece: BodyPiece): void => {
    if (hold(call.context.life, () => arrive(piece))) return
    if (hear === undefined) early.push(piece)
    else hear(piece)
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
  const stop = rest((piece) => {
    if (world.seesBytes && typeof piece !== 'string') addBytes(world, sent, piece.byteLength)
    if (cut) return
    cut = isCutFromCaller(world, call)
    if (cut) return
    endSilence()
    if (isDead(call.context.life)) return // nobody hears it: a body without an end must not keep the history going
    world.scheduler.add(passedMs(piece) + latencyMs + delayMs, () => arrive(piece))
    if (typeof piece !== 'string') silence = silenceBegins()
  })
  return (listener) => {
    hear = listener
    for (const piece of early) listener(piece)
    return () => {
      endSilence()
      world.scheduler.add(world.nowMs + latencyMs, () => {
        if (!hold(server, stop)) stop()
      })
    }
  }
}

/** A leg that has left has so many bytes more. */
function addBytes({ events }: World, seq: number, bytes: number): void {
  const event = events[seq]
  if (event?.kind === 'send') events[seq] = { ...event, bytes: (event.bytes ?? 0) + bytes }
}
