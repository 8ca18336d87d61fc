// "Did you mean": the most similar known name, for errors about unknown ones.

/** `` (have "a", "b"). Did you mean "a"?`` for an unknown name. */
export function suggestion(name: string, known: readonly string[]): string {
  const have = ` (have ${known.map((one) => `"${one}"`).join(', ')}).`
  const near = mostSimilar(name, known)
  return near === undefined ? have : `${have} Did you mean "${near}"?`
}

/**
 * The known name that is most similar to a misspelt or renamed one. At most half of it may differ (Levenshtein 1966).
 */
export function mostSimilar(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((one) => ({ one, edits: editDistance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  const [best] = ranked
  return best !== undefined && best.edits <= Math.max(name.length, best.one.length) / 2 ? best.one : undefined
}

/** Ours, since the package has no dependencies beside its peers: 4 µs a name, and only when an error is written. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
