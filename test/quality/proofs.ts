// The complete proofs, which take minutes each: run again with `node --import ./test/bench/resolve.ts
// test/quality/prove.ts NAME`, after each change of a planted bug, and written down here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashText } from '../../src/plain/hash-text.ts'

/** What `prove.ts` prints for a bug. */
export interface Proved {
  readonly name: string
  /** Which form of its file was proved. */
  readonly source: string
  readonly arrivals: number
  /** How many scenarios were run, none of which violated anything. */
  readonly executions: number
}

export const proofs: readonly Proved[] = []

const folder = join(import.meta.dirname, 'corpus')

/** Identifies a planted bug by its file, without comments and spaces. @throws where no file has this name */
export function provedAs(name: string): string {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  const text = texts.find((one) => one.includes(`name: '${name}'`))
  if (text === undefined) throw new Error(`No file in ${folder} has a bug named "${name}".`)
  return hashText(text.replaceAll(/^\/\/.*$/gm, '').replaceAll(/[\s,;()]/g, ''))
}
