// The lengths of time in the files that declare a system, and in the local files that these import. Reads files, before
// any history; a file that cannot be read has no lengths. Must not know how lengths are used.
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { isOwnFile } from '../plain/caller-file.ts'
import type { NamedLength } from '../scenario/lengths.ts'
import { importPaths, type ImportPaths } from './import-paths.ts'
import { durationsInText, type FoundDuration } from './durations-in-text.ts'

/** How many files are read, and how long each may be. */
const [mostFiles, mostBytes] = [60, 400_000] as const

/** A length of time in a source. `rank`: 0 where its name says that it is one, 1 where only its form does. */
export interface DeclaredDuration extends NamedLength, Pick<FoundDuration, 'rank'> {}

/** A length of time, and the file that it stands in. */
interface Placed extends FoundDuration {
  readonly file: string
  readonly source: string
}

/** The lengths of time in these files and what they import, the surest first, without repeats. */
export function declaredDurations(files: Iterable<string>): readonly DeclaredDuration[] {
  const found: Placed[] = []
  const queue = [...new Set(files)]
  const seen = new Set(queue)
  const leadsTo = importPaths()
  for (let next = 0; next < queue.length && next < mostFiles; next++) {
    const file = queue[next] ?? ''
    const text = textOf(file)
    if (text === undefined) continue
    for (const one of durationsInText(text)) found.push({ ...one, file, source: text })
    for (const imported of localImports(text, file, leadsTo)) {
      if (seen.has(imported)) continue
      seen.add(imported)
      queue.push(imported)
    }
  }
  const byLength = new Map<number, Placed>()
  for (const one of found.toSorted((a, b) => a.rank - b.rank)) if (!byLength.has(one.ms)) byLength.set(one.ms, one)
  return [...byLength.values()].map((one) => ({ ms: one.ms, rank: one.rank, words: placedWords(one) }))
}

/** `leaseMs = 30_000, lease.ts:4`. */
function placedWords({ text, at, file, source }: Placed): string {
  return `${text}, ${path.basename(file)}:${source.slice(0, at).split('\n').length}`
}

function textOf(file: string): string | undefined {
  try {
    return statSync(file).size > mostBytes ? undefined : readFileSync(file, 'utf8')
  } catch {
    return undefined // it is no file on this disk: a bundle's, say, or a test's from memory
  }
}

/** The files that a file imports by a relative path, or by a name that its project has for a local file. */
function* localImports(text: string, file: string, leadsTo: ImportPaths): Generator<string, void> {
  const specifiers = /(?:\bfrom|\bimport|\brequire|\bimport\s*\(|\brequire\s*\()\s*\(?\s*['"]([^'"\n]+)['"]/g
  for (const [, specifier = ''] of text.matchAll(specifiers)) {
    const isRelative = /^\.{1,2}\//.test(specifier)
    const written = isRelative ? [path.resolve(path.dirname(file), specifier)] : leadsTo(specifier, file)
    const found = written.map(fileOf).find((one) => one !== undefined)
    if (found !== undefined && !isOwnFile(found) && !/[\\/]node_modules[\\/]/.test(found)) yield found
  }
}

const endings = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'] as const

/** TypeScript may write `./shop.js` for `./shop.ts`. */
function fileOf(written: string): string | undefined {
  const stem = written.replace(/\.([cm]?)js$/, '.$1ts')
  return [stem, ...endings.map((ending) => `${written}${ending}`)].find(isFile)
}

function isFile(candidate: string): boolean {
  try {
    return statSync(candidate, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false // what looked like an import names no file: it is too long, say
  }
}
