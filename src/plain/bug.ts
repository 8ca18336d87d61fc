// For what cannot happen unless this package itself has a mistake. Knows nothing of what is checked.

/** @throws always, with `Bug: ` before what was found */
export function bug(found: string): never {
  throw new Error(`Bug: ${found}`)
}
