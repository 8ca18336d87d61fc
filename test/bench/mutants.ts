// mutants: the share of mechanical mutants of sound code that default options find. Only those count that can be broken
// at all: by default options, or else by brute force, which is the exploration and uniform plans for many executions.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assess, type System } from '../../src/index.ts'
import type { Planted } from '../quality/planted.ts'
import { exploration, uniform } from './first-violation.ts'
import { mutantsOf, type Mutant } from './mutate.ts'
import type { Effort, Result } from './result.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, '.mutants')

/** How many executions of brute force each survivor gets; and how many mutants are tried, evenly spread. */
interface Amount {
  readonly executions: number
  readonly mutants: number
}

const amounts = {
  quick: { executions: 90, mutants: 10 },
  full: { executions: 20_000, mutants: Infinity },
} satisfies Record<string, Amount>

/** Sound code in a file. */
export interface Subject {
  /** From the root of the checkout. */
  readonly file: string
  /** The declarations that are sound; what they use is mutated too. */
  readonly names: readonly string[]
  /** The system of the module, or of a mutant of it. */
  readonly system: (module: Readonly<Record<string, unknown>>) => System
}

/** What became of one mutant. `dead`: not even brute force breaks it, or it does not run at all. */
export type Fate = 'killed' | 'survived' | 'dead'

interface Tried extends Mutant {
  readonly file: string
  readonly fate: Fate
}

/** `value`: mutants killed; `baseline`: those that can be broken; `ratio`: the share killed. */
export async function* mutants({ quick }: Effort): AsyncGenerator<Result, void> {
  const { executions, mutants: most }: Amount = quick ? amounts.quick : amounts.full
  const all = (await subjects()).flatMap((subject) =>
    mutantsOf(readFileSync(join(root, subject.file), 'utf8'), subject.names).map((mutant) => ({ subject, mutant })),
  )
  const every = Math.max(1, all.length / most)
  const tried: Tried[] = []
  for (const [index, { subject, mutant }] of all.entries()) {
    if (Math.floor(index / every) === Math.floor((index - 1) / every)) continue
    const fate = await fateOf(subject, mutant, executions)
    tried.push({ ...mutant, file: subject.file, fate })
    if (fate === 'survived')
      console.error(`mutants: ${subject.file}:${mutant.line}: "${mutant.operator}" is not found with default options.`)
  }
  for (const [operator, own] of Map.groupBy(tried, (one) => one.operator)) {
    const result = resultOf(`mutants: ${operator}`, own)
    if (result.baseline > 0) yield result
  }
  yield resultOf('mutants', tried)
  const dead = tried.filter(({ fate }) => fate === 'dead').length
  yield {
    name: 'mutants/dead',
    value: dead,
    unit: 'cannot be broken',
    baseline: all.length,
    ratio: dead / tried.length,
  }
}

function resultOf(name: string, tried: readonly Tried[]): Result {
  const value = tried.filter(({ fate }) => fate === 'killed').length
  const baseline = value + tried.filter(({ fate }) => fate === 'survived').length
  return { name, value, unit: 'killed', baseline, ratio: baseline === 0 ? 1 : value / baseline }
}

/** Runs a mutant from a file of its own: it may import what its original does. */
export async function fateOf({ file, system }: Subject, mutant: Mutant, executions: number): Promise<Fate> {
  mkdirSync(folder, { recursive: true })
  try {
    const path = join(folder, `${file.replaceAll(/\W/g, '-')}-${mutantNumber++}.ts`)
    writeFileSync(
      path,
      mutant.source.replaceAll(/(?<=\bfrom ')\.[^']*/g, (from) => movedImport(from, file)),
    )
    const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    const make = (): System => system(module)
    const { kind } = await assess(make(), { shrink: false })
    if (kind === 'violated' || kind === 'broken') return 'killed'
    for (const search of [uniform(0.1), exploration({ numRuns: executions }), uniform(0.02)]) {
      const { first } = await search(make(), { seed: 1, executions: Math.ceil(executions / 3) })
      if (first !== undefined) return 'survived'
    }
    return 'dead'
  } catch (error) {
    // Not a mutant but nonsense: TypeScript or its first call would tell its author.
    console.error(`mutants: ${file}:${mutant.line}: "${mutant.operator}" does not run: ${String(error).split('\n')[0]}`)
    return 'dead'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Modules are loaded once for each path. */
let mutantNumber = 0

function movedImport(from: string, file: string): string {
  return relative(folder, resolve(root, dirname(file), from))
}

/** The sound twins of the corpus, and the sound examples. */
async function subjects(): Promise<readonly Subject[]> {
  const corpus = 'test/quality/corpus'
  const planted: Subject[] = []
  for (const name of readdirSync(join(root, corpus)).sort()) {
    const file = `${corpus}/${name}`
    const module = (await import(pathToFileURL(join(root, file)).href)) as Readonly<Record<string, unknown>>
    for (const [exported, value] of Object.entries(module))
      if (isPlanted(value))
        planted.push({ file, names: ['system'], system: (mutated) => (mutated[exported] as Planted).system(true) })
  }
  return [...planted, ...examples]
}

function isPlanted(value: unknown): value is Planted {
  return typeof value === 'object' && value !== null && 'depth' in value && 'smallest' in value
}

/** An example whose system is a function of its twin. */
function example(name: string, twin: string, of: string): Subject {
  return {
    file: `examples/${name}.ts`,
    names: [twin],
    system: (module) => (module[of] as (twin: unknown) => System)(module[twin]),
  }
}

/** The sound examples. */
export const examples: readonly Subject[] = [
  example('charge', 'sound', 'charging'),
  example('last-ticket', 'conditionalUpdate', 'selling'),
  example('last-write', 'versioned', 'moving'),
  example('lease', 'fencing', 'working'),
  example('recovery', 'reconciling', 'replicating'),
  example('stale-read', 'asNewAsSeen', 'naming'),
  example('subscription', 'newestVersion', 'subscribing'),
  { file: 'examples/save-order.ts', names: ['app', 'insist'], system: ({ insisting }) => insisting as System },
  { file: 'examples/two-generals.ts', names: ['council', 'patient'], system: ({ deciding }) => deciding as System },
]
