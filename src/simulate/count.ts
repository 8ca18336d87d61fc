// Counting equal names under one parent: where `nth` comes from.

/** Counts one more of a name: 1 the first time. */
export function count(counts: Map<string, number>, name: string): number {
  const n = (counts.get(name) ?? 0) + 1
  counts.set(name, n)
  return n
}
