// Reports a mistake of this package itself. Knows nothing of what is checked.

/** Throws an error that begins with `Bug: `. @throws always */
export function bug(found: string): never {
  throw new Error(`Bug: ${found}`)
}
