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

export const proofs: readonly Proved[] = [
  {
    name: 'a paused holder of a lease, and both of its clocks wrong',
    source: 'b7a8312f7a517',
    arrivals: 3,
    executions: 104843,
  },
  { name: 'a cart whose two copies missed an item restarts', source: 'cae5e73aac413', arrivals: 2, executions: 123050 },
  { name: 'three 5xx after the work count as declined', source: '1b646880c6320c', arrivals: 1, executions: 6627 },
  { name: 'three empty bodies delete what the supplier has', source: 'ef6d441ebb127', arrivals: 1, executions: 58061 },
  {
    name: 'a lost reply, one claim forgotten and the other one expired',
    source: '162105f3d997c8',
    arrivals: 1,
    executions: 38315,
  },
  { name: 'a write that one replica of three has', source: '13d71b7fdc44ba', arrivals: 2, executions: 416780 },
  { name: 'a message is dropped after three 5xx', source: 'b0245b6654de', arrivals: 1, executions: 21531 },
  {
    name: 'two copies that missed a write, read while the primary is away',
    source: '316f6f8840650',
    arrivals: 2,
    executions: 106675,
  },
  { name: 'a job is dropped after three crashes', source: '1636dd27622a6f', arrivals: 1, executions: 8916 },
  { name: 'accepted mail is forgotten at the third 429', source: '1ce2a6464154c9', arrivals: 1, executions: 9839 },
  {
    name: 'a lost reply, and both services that remember claims restart',
    source: '17ef13c46f3066',
    arrivals: 1,
    executions: 35932,
  },
]

const folder = join(import.meta.dirname, 'corpus')

/** Identifies a planted bug by its file, without comments and spaces. @throws where no file has this name */
export function provedAs(name: string): string {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  const text = texts.find((one) => one.includes(`name: '${name}'`))
  if (text === undefined) throw new Error(`No file in ${folder} has a bug named "${name}".`)
  return hashText(text.replaceAll(/^\/\/.*$/gm, '').replaceAll(/[\s,;()]/g, ''))
}
