// Which file of the user's called one of this package's functions. Reads the stack as text, in which source maps are
// applied.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `src/` or `dist/`: this package's own code. Not by `new URL('../', import.meta.url)`, which vite takes for an asset
 * and serves by http where the environment has a DOM.
 */
const ownFolder = join(import.meta.dirname, '../')

/** The path of the nearest caller that is neither of this package, of another package, nor of Node. */
export function callerFile(): string | undefined {
  const { stack }: { readonly stack?: unknown } = new Error('caller')
  if (typeof stack !== 'string') return undefined // somebody prepares stacks in a form of their own
  for (const line of stack.split('\n')) {
    const found = /^\s*at (?:.*? \()?(?:async )?(.+?):\d+:\d+\)?$/.exec(line)?.[1]
    if (found === undefined || found.startsWith('node:')) continue
    const file = found.startsWith('file://') ? fileURLToPath(found) : found
    if (!isOwnFile(file) && !/[\\/]node_modules[\\/]/.test(file)) return file
  }
  return undefined
}

/** Whether a file is one of this package's own. */
export function isOwnFile(file: string): boolean {
  return file.startsWith(ownFolder)
}
