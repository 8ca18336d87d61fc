// Marks: the bits by which a configuration in real time knows what is placed. Knows a part and its timeline.
import { clearBit, hasBit, setBit } from './order.ts'
import type { StatePartition } from './state-partition.ts'
import type { Timeline } from './timeline.ts'

/**
 * Words: the state at `at`; the place in the timeline; a bit for each open operation that is placed; a bit for each
 * used one that may have happened.
 */
export interface PlacementMarks {
  readonly exact: number
  readonly used: number
  /** Whether an open operation that was answered is placed. */
  readonly isPlaced: (words: Int32Array, at: number, operation: number) => boolean
  /** Whether an operation that may have happened is used. */
  readonly isUsed: (words: Int32Array, at: number, operation: number) => boolean
  /** Marks either sort. */
  readonly mark: (words: Int32Array, at: number, operation: number) => void
  /** Forgets an operation that is open no more: its bit is another's soon. */
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
