// Orders: which operation may come next, by the rules of real time or of each client's program. Owns nothing; two files
// implement it.
import type { Shape } from './configurations.ts'

/**
 * The rules of an order, over configurations: the state's number at `at`, then the rule's own words.
 * Whatever costs no choice is done at once in `settle`: passing what is placed, placing what only reads and fits.
 */
export interface PlacementOrder extends Shape {
  /** Returns how much was done; for budgets. */
  settle(words: Int32Array, at: number): number
  /** Whether every operation that was answered is placed. */
  isDone(words: Int32Array, at: number): boolean
  /** Whether what was answered can certainly no longer all be placed. */
  isHopeless(words: Int32Array, at: number): boolean
  /** How many operations have been looked at for that; for budgets. */
  looked(): number
  /** The first candidate from `cursor` on; -1 for none. */
  candidate(words: Int32Array, at: number, cursor: number): number
  /** The operation that a candidate is. */
  operationOf(words: Int32Array, at: number, candidate: number): number
  /** Marks the operation as placed. The state is the caller's. */
  place(words: Int32Array, at: number, operation: number): void
  /** How far it has come; more is further. */
  depth(words: Int32Array, at: number): number
  /** The operations that have to be placed before it can go on. */
  blocked(words: Int32Array, at: number): readonly number[]
}

/** A bit of a set that begins at a word. */
export function hasBit(words: Int32Array, from: number, bit: number): boolean {
  return ((words[from + (bit >> 5)] ?? 0) & (1 << (bit & 31))) !== 0
}

export function setBit(words: Int32Array, from: number, bit: number): void {
  const word = from + (bit >> 5)
  words[word] = (words[word] ?? 0) | (1 << (bit & 31))
}

export function clearBit(words: Int32Array, from: number, bit: number): void {
  const word = from + (bit >> 5)
  words[word] = (words[word] ?? 0) & ~(1 << (bit & 31))
}
