// A body on a bad connection: it comes in pieces over some time, or breaks off. Pure but for `later`; knows bytes only.
import type { BodyFlow, BodyRest } from '../simulate/protocol.ts'

/** Enough for gaps that no limit on silence notices. */
const mostPieces = 10

/** How long after the bytes before it a break is heard, in milliseconds, so that a reader gets to see those. */
export const breakAfterMs = 1

/** A body as its receiver gets it: what is there at first, and the rest. */
export interface PacedBody {
  readonly body: Uint8Array
  readonly rest: BodyRest
}

/** Its last piece comes after `overMs`, the others evenly before; then follows what streamed it, or its end. */
export function trickled(
  whole: Uint8Array,
  overMs: number,
  { later, whenBroken }: Pick<BodyFlow, 'later' | 'whenBroken'>,
  then?: BodyRest,
): PacedBody {
  const size = Math.ceil(whole.byteLength / mostPieces)
  const count = Math.ceil(whole.byteLength / size)
  const pieces = Array.from({ length: count }, (_, piece) => whole.subarray(piece * size, (piece + 1) * size))
  const late = pieces.length === 1 ? pieces : pieces.slice(1) // of one byte alone, none is there at first
  return {
    body: whole.subarray(0, whole.byteLength - late.reduce((sum, { byteLength }) => sum + byteLength, 0)),
    rest(hear) {
      let isStopped = false
      let stop: (() => void) | undefined
      whenBroken?.(() => {
        if (!isStopped) hear('reset')
        isStopped = true
      })
      for (const [index, bytes] of late.entries())
        later(Math.ceil((overMs * (index + 1)) / late.length), () => {
          if (isStopped) return
          hear(bytes)
          if (index < late.length - 1) return
          if (then === undefined) hear('end')
          else stop = then(hear)
        })
      return () => {
        isStopped = true
        stop?.()
      }
    },
  }
}

/** Nothing comes after so many bytes but the end of the connection. */
export function brokenOff(whole: Uint8Array, atByte: number, later: BodyFlow['later']): PacedBody {
  return {
    body: whole.subarray(0, atByte),
    rest(hear) {
      let isStopped = false
      later(breakAfterMs, () => {
        if (!isStopped) hear('reset')
      })
      return () => {
        isStopped = true
      }
    },
  }
}
