// Files as messages name them.
import { relative } from 'node:path'

/** A path relative to the working directory, where it is below it; else as it is. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
