// Orders: which operation may come next, by the rules of real time, or of each client's program order. This file holds
// the interface; real-time.ts and program-order.ts implement it.
import type { Shape } from './configurations.ts'

/**
 * The rules of an order over configurations. A configuration is the number of a state at `at`, followed by the words of
 * the rule. `settle` does at once everything that needs no choice: it passes placed operations, and places reads that
 * fit.
 */
export interface PlacementOrder extends Shape {
  /** Does what needs no choice, and returns how much it did; for budgets. */
  settle(words: Int32Array, at: number): number
  /** Whether every operation that was answered is placed. */
  isDone(words: Int32Array, at: number): boolean
  /** Whether the answered operations can certainly no longer all be placed. */
  isHopeless(words: Int32Array, at: number): boolean
  /** How many operations were examined for that; for budgets. */
  looked(): number
  /** The first candidate from `cursor` on; -1 if there is none. */
  candidate(words: Int32Array, at: number, cursor: number): number
  /** The operation of a candidate. */
  operationOf(words: Int32Array, at: number, candidate: number): number
  /** Marks the operation as placed. The caller sets the state. */
  place(words: Int32Array, at: number, operation: number): void
  /** How far the order has come; larger is further. */
  depth(words: Int32Array, at: number): number
  /** The operations that have to be placed before the order can go on. */
  blocked(words: Int32Array, at: number): readonly number[]
}

/** Whether a bit is set, in a bit set that begins at a word. */
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
