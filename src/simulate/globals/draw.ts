// Makes fractions and bytes of a history's 32-bit draws.
import type { Context } from '../context.ts'

/** More bytes than this come from a generator that draws seed: a pool of random bytes must not fill the history. */
const drawnOneByOne = 64

/** A number from 0 up to but not including 1, of 53 bits as Math.random gives. */
export function drawFraction(context: Context, source: string): number {
  const high = context.host.draw(context, source) >>> 5
  const low = context.host.draw(context, source) >>> 6
  return (high * 0x400_0000 + low) / 0x20_0000_0000_0000
}

/** Fills bytes. */
export function drawBytes(context: Context, source: string, bytes: Uint8Array): void {
  const draw = (): number => context.host.draw(context, source)
  const next = bytes.length <= drawnOneByOne ? draw : smallFastCounter(draw(), draw(), draw())
  for (let i = 0; i < bytes.length; i += 4) {
    const word = next()
    for (let j = 0; j < 4 && i + j < bytes.length; j++) bytes[i + j] = word >>> (8 * j)
  }
}

/** Chris Doty-Humphrey's sfc32 (PractRand), seeded by three words. */
function smallFastCounter(seedA: number, seedB: number, seedC: number): () => number {
  let [a, b, c, counter] = [seedA | 0, seedB | 0, seedC | 0, 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) next()
  return next
}
