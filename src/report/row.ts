// A row of the story: one thing that happened, before it has a place on the page. Plain data.
import type { Root } from '../scenario/address.ts'
import type { Piece } from './ink.ts'

/** A message or a store call between two columns. */
export interface Arrow {
  readonly kind: 'arrow'
  readonly from: string
  readonly to: string
  /** What may stand on it, best first: the first that fits is taken. */
  readonly labels: readonly string[]
  /**
   * `arrives`; `dropped` on the way; `refused` at the door; `leaves` and comes much later, or never; `lands`: the other
   * end of that; `writes`: arrives and changes something there.
   */
  readonly head: 'arrives' | 'dropped' | 'refused' | 'leaves' | 'lands' | 'writes'
  readonly reply: boolean
  /** Written behind the head: the effects it had. */
  readonly tail: readonly Piece[]
}

/** Something that happened at one column. */
export interface Point {
  readonly kind: 'point'
  readonly node: string
  readonly sign: '*' | 'X' | 'o' | '!' | '?' | '.'
  readonly pieces: readonly Piece[]
}

/** A line across all columns: what was left out, healing, the end. */
export interface Rule {
  readonly kind: 'rule'
  readonly text: string
  /** It stands for a stretch of rows, not for a moment. */
  readonly stretch: boolean
}

export interface Row {
  readonly seq: number
  readonly atMs: number
  readonly shape: Arrow | Point | Rule
  /** What belongs into the right margin. */
  readonly notes: readonly Piece[]
  /** How much the story needs it, see {@link weigh} in `weigh.ts`. */
  readonly weight: number
  /** It says how an operation ended. */
  readonly tellsEnd: boolean
  /** A client's operation, a tick or a boot that it belongs to. */
  readonly root: Root | undefined
}

/** Whether something in the row is pointed at. */
export function pointsAt({ shape, notes }: Row): boolean {
  const own = shape.kind === 'point' ? shape.pieces : shape.kind === 'arrow' ? shape.tail : []
  return [...own, ...notes].some(({ points }) => points === true)
}

/** The columns that a row touches. */
export function nodesOf({ shape }: Row): readonly string[] {
  if (shape.kind === 'rule') return []
  return shape.kind === 'point' ? [shape.node] : [shape.from, shape.to]
}
