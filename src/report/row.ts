// A row of the story: one thing that happened, not yet placed on a page. Plain data.
import type { Root } from '../scenario/address.ts'
import type { Piece } from './ink.ts'

/** What may be written on an arrow. */
export interface Label {
  readonly text: string
  /** What this label leaves out, which then goes into the margin. @default nothing */
  readonly aside?: string
  /** The key that it leaves out, which goes there, too, where the story has several operations. @default nothing */
  readonly key?: string
  /** It is used only where all others are too long. */
  readonly isVague?: true
}

/** The label without this part of what it leaves out. */
export function without(label: Label, part: 'aside' | 'key'): Label {
  const { [part]: _, ...rest } = label
  return rest
}

/** A message or a store call between two columns. */
export interface Arrow {
  readonly kind: 'arrow'
  readonly from: string
  readonly to: string
  /** Possible labels, best first; the first one that fits is used. */
  readonly labels: readonly Label[]
  /**
   * How it ends: `arrives`; `dropped`: lost on the way; `refused`: at the receiver; `leaves`: it arrives much later, or
   * never; `lands`: the later arrival of such a message; `writes`: it arrives and changes something.
   */
  readonly head: 'arrives' | 'dropped' | 'refused' | 'leaves' | 'lands' | 'writes'
  readonly reply: boolean
  /** Written after the head: the effects that it had. */
  readonly tail: readonly Piece[]
}

/** Something that happened in one column. */
export interface Point {
  readonly kind: 'point'
  readonly node: string
  readonly sign: '*' | 'X' | 'o' | '!' | '?' | '.'
  readonly pieces: readonly Piece[]
}

/** A line across all columns: a gap, healing, or the end. */
export interface Rule {
  readonly kind: 'rule'
  readonly text: string
  /** Whether it stands for a stretch of rows rather than a moment. */
  readonly stretch: boolean
}

export interface Row {
  readonly seq: number
  readonly atMs: number
  readonly shape: Arrow | Point | Rule
  /** The notes in the right margin. */
  readonly notes: readonly Piece[]
  /** The line of the user's code that did it: `shop.ts:31`. @default not known */
  readonly line?: string
  /** How important it is for the story, see {@link weigh} in `weigh.ts`. */
  readonly weight: number
  /** Whether it is a line that a node printed. `seq` is then the event that led to it. */
  readonly isPrinted?: true
  /** Whether it is such a line, the first for which the report has a hint: the cause of what follows. */
  readonly isHinted?: true
  /** Whether it says how an operation ended. */
  readonly tellsEnd: boolean
  /** The operation, tick or boot that it belongs to. */
  readonly root: Root | undefined
}

/** Whether the row points at something. */
export function pointsAt({ shape, notes }: Row): boolean {
  const own = shape.kind === 'point' ? shape.pieces : shape.kind === 'arrow' ? shape.tail : []
  return [...own, ...notes].some(({ points }) => points === true)
}

/** The columns that a row touches. */
export function nodesOf({ shape }: Row): readonly string[] {
  if (shape.kind === 'rule') return []
  return shape.kind === 'point' ? [shape.node] : [shape.from, shape.to]
}
