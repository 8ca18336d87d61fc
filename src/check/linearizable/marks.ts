// Marks: the bits of a real-time configuration that say which operations are placed. Knows a part and its timeline.
import { clearBit, hasBit, setBit } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import type { Timeline } from './timeline.ts'

/**
 * The words of a configuration are: the state, at `at`; the position in the timeline; a bit for each open operation
 * that is placed; a bit for each uncertain operation that is used.
 */
export interface PlacementMarks {
  readonly exact: number
  readonly used: number
  /** Whether an open operation that was answered is placed. */
  readonly isPlaced: (words: Int32Array, at: number, operation: number) => boolean
  /** Whether an uncertain operation is used. */
  readonly isUsed: (words: Int32Array, at: number, operation: number) => boolean
  /** Marks an operation of either sort. */
  readonly mark: (words: Int32Array, at: number, operation: number) => void
  /** Clears the bit of an operation that is no longer open, since another operation will use that bit. */
  readonly forget: (words: Int32Array, at: number, operation: number) => void
}

export function marksOf({ kinds, completed }: StatePartition, { slots, width }: Timeline): PlacementMarks {
  const exact = 1 + Math.ceil(width / 32)
  return {
    exact,
    used: Math.ceil((kinds.length - completed) / 32),
    isPlaced: (words, at, operation) => hasBit(words, at + 2, slots[operation] ?? 0),
    isUsed: (words, at, operation) => hasBit(words, at + 1 + exact, operation - completed),
    mark: (words, at, operation) => {
      if (operation < completed) setBit(words, at + 2, slots[operation] ?? 0)
      else setBit(words, at + 1 + exact, operation - completed)
    },
    forget: (words, at, operation) => {
      clearBit(words, at + 2, slots[operation] ?? 0)
    },
  }
}
