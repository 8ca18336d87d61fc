// What the rows of `rows` effects showed when the histories of one system began, with the nodes booted and nothing
// asked yet. Stores are reset before every history, so the first one says it for all. If a later one begins with other
// rows, state outlives a history. A class for that memory. Must not know who reads the rows.
import { inspect } from 'node:util'
import { canonical, encodeValue } from '../plain/value.ts'

/** Rows that a later history began with, in place of those of the first. */
export interface Outlived {
  readonly effect: string
  /** How many rows the first history began with. */
  readonly first: number
  readonly later: number
  /** A row that is there in one of them alone. */
  readonly row: unknown
}

export class RowsAtStart {
  readonly #first = new Map<string, readonly string[]>()
  #outlived: Outlived | undefined

  /** Whether the first history has been read. */
  isKnown = false

  /** What was found to outlive a history. */
  get outlived(): Outlived | undefined {
    return this.#outlived
  }

  /** The rows of one effect, as a history begins. */
  add(effect: string, rows: readonly unknown[]): void {
    const now = rows.map(rowId)
    const first = this.#first.get(effect)
    if (first === undefined) this.#first.set(effect, now)
    else this.#outlived ??= difference(effect, first, now, rows)
  }

  /** Tells the rows of an effect at the end of a history, one after the other: whether each was there when it began. */
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

/** One text for a row: equal for rows that show the same. */
export function rowId(row: unknown): string {
  try {
    return canonical(encodeValue(row))
  } catch {
    return inspect(row) // an instance of a class (a decimal, an entity): compared as it is printed
  }
}
