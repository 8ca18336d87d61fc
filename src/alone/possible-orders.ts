// The orders in which operations may have been carried out: all of those that were answered ok, and any of those whose
// end nobody knows. Pure functions of numbers.

/** When an operation began, and when it was answered, as `seq`; never answered: infinity. */
export interface BeganAndEnded {
  readonly from: number
  readonly to: number
}

/**
 * All orders of all `done` and any of `maybe`: those with most operations first, and of these the one in which they
 * were answered. Where spans bind, an operation that was answered before another began comes first (Herlihy and Wing).
 */
export function possibleOrders(
  done: readonly number[],
  maybe: readonly number[],
  spans: ReadonlyMap<number, BeganAndEnded>,
  bind: boolean,
): readonly (readonly number[])[] {
  const spanOf = (id: number): BeganAndEnded => spans.get(id) ?? { from: 0, to: Infinity }
  const inOrder = (a: number, b: number): number =>
    compare(spanOf(a).to, spanOf(b).to) || compare(spanOf(a).from, spanOf(b).from) || a - b
  const isBefore = (a: number, b: number): boolean => bind && spanOf(a).to < spanOf(b).from
  const chosen = subsets(maybe).map((some) => [...done, ...some].sort(inOrder))
  return chosen.sort((a, b) => b.length - a.length).flatMap((ids) => permutations(ids, isBefore))
}

/** Infinity less infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** All subsets, the empty one among them. */
export function subsets(ids: readonly number[]): readonly (readonly number[])[] {
  return ids.reduce<readonly (readonly number[])[]>((all, id) => all.flatMap((some) => [some, [...some, id]]), [[]])
}

function permutations(
  ids: readonly number[],
  isBefore: (a: number, b: number) => boolean,
): readonly (readonly number[])[] {
  if (ids.length === 0) return [[]]
  const first = ids.filter((id) => !ids.some((other) => other !== id && isBefore(other, id)))
  return first.flatMap((id) => {
    const others = ids.filter((other) => other !== id)
    return permutations(others, isBefore).map((rest) => [id, ...rest])
  })
}
