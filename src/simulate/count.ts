// Counts equal names under one parent: this gives `nth` in addresses.

/** Counts a name once more and returns the count: 1 the first time. */
export function count(counts: Map<string, number>, name: string): number {
  const n = (counts.get(name) ?? 0) + 1
  counts.set(name, n)
  return n
}
