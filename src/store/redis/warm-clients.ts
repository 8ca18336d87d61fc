// ioredis reads its own version from a file when it first connects, and remembers it: the first history would differ
// from all that follow. So it is made to read it before.
import { createRequire } from 'node:module'

const itsFile = /[\\/]ioredis[^\\/]*[\\/]built[\\/]utils[\\/]index\.js$/

/** Resolves once all copies of ioredis that are loaded know their version. */
export async function warmClients(): Promise<void> {
  for (const [path, loaded] of Object.entries(createRequire(import.meta.url).cache)) {
    const inside: unknown = itsFile.test(path) ? loaded?.exports : undefined
    const read: unknown =
      typeof inside === 'object' && inside !== null ? Reflect.get(inside, 'getPackageMeta') : undefined
    if (typeof read === 'function') await Reflect.apply(read, inside, [])
  }
}
