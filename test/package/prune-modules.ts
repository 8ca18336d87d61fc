// Deletes modules that no entry point loads: those that held nothing but types.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Deletes the modules of a folder that none of these modules reaches. */
export function pruneModules(folder: string, entries: readonly string[]): void {
  const reached = new Set(entries)
  for (const path of reached) for (const needed of importsOf(path)) reached.add(needed) // a Set is walked as it grows
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.js') && !reached.has(join(folder, name))) rmSync(join(folder, name))
}

function importsOf(path: string): readonly string[] {
  const specifiers = readFileSync(path, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return Array.from(specifiers, ([, specifier = '']) => join(dirname(path), specifier))
}
