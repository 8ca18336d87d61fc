// The rows that `rows` effects showed at the start of the histories of one system, when its nodes have booted and no
// operation has begun. Stores are reset before every history, so the rows of the first history should be those of all.
// If a later one starts with other rows, some state outlives a history. Must not know who reads the rows.
import { inspect } from 'node:util'
import { canonical, encodeValue } from '../plain/value.ts'

/** A difference between the rows at the start of the first history and of a later one. */
export interface Outlived {
  readonly effect: string
  /** How many rows there were at the start of the first history. */
  readonly first: number
  readonly later: number
  /** A row that only one of the two started with. */
  readonly row: unknown
}

export class RowsAtStart {
  readonly #first = new Map<string, readonly string[]>()
  #outlived: Outlived | undefined

  /** Whether the first history has been read. */
  isKnown = false

  /** The first difference, if there is one. */
  get outlived(): Outlived | undefined {
    return this.#outlived
  }

  /** Adds the rows of one effect at the start of a history. */
  add(effect: string, rows: readonly unknown[]): void {
    const now = rows.map(rowId)
    const first = this.#first.get(effect)
    if (first === undefined) this.#first.set(effect, now)
    else this.#outlived ??= difference(effect, first, now, rows)
  }

  /**
   * Makes a function that is given the rows of an effect at the end of a history, one after the other, and returns
   * whether each was there at the start.
   */
  wasThere(effect: string): (row: unknown) => boolean {
    const first = this.#first.get(effect) ?? []
    if (first.length === 0) return () => false
    const left = new Map<string, number>()
    for (const id of first) left.set(id, (left.get(id) ?? 0) + 1)
    return (row) => {
      const id = rowId(row)
      const count = left.get(id) ?? 0
      left.set(id, count - 1)
      return count > 0
    }
  }
}

function difference(
  effect: string,
  first: readonly string[],
  now: readonly string[],
  rows: readonly unknown[],
): Outlived | undefined {
  const left = first.slice()
  const added = now.findIndex((id) => {
    const place = left.indexOf(id)
    if (place >= 0) left.splice(place, 1)
    return place < 0
  })
  const [gone] = left
  if (added < 0 && gone === undefined) return undefined
  return { effect, first: first.length, later: now.length, row: added < 0 ? gone : rows[added] }
}

/** A text that identifies the content of a row. */
export function rowId(row: unknown): string {
  try {
    return canonical(encodeValue(row))
  } catch {
    return inspect(row) // an instance of a class (a decimal, an entity): compared as it is printed
  }
}
