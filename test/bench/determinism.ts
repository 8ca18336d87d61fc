// determinism: the same scenarios give the same bytes, over and over in one process with others in between, two at once, in fresh
// processes, in vitest's workers, and with v8 coverage on. Compares digests; any difference counts.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { hash32 } from '../../src/random.ts'
import { digestsOf, readyScenarios, type Ready } from './determinism-scenarios.ts'
import type { Effort, Result } from './result.ts'

interface Size {
  readonly repeats: number
  readonly processes: number
  readonly workers: number
  /** Rounds in each process and worker. */
  readonly rounds: number
}

const sizes: Readonly<Record<'quick' | 'full', Size>> = {
  quick: { repeats: 200, processes: 2, workers: 2, rounds: 5 },
  full: { repeats: 2_000, processes: 20, workers: 8, rounds: 20 },
}

type Digests = Readonly<Record<string, string>>

export async function* determinism({ quick }: Effort): AsyncGenerator<Result, void> {
  const size = quick ? sizes.quick : sizes.full
  const { scenarios, close } = await readyScenarios()
  const all = new Tally('determinism')
  try {
    const expected = await digestsOf(scenarios)
    for (const tally of [await repeated(scenarios, expected, size), await atOnce(scenarios, expected, size), ...await elsewhere(expected, size)]) {
      yield tally.result()
      all.add(tally)
    }
  } finally {
    await close()
  }
  yield all.result()
}

/** Counts comparisons. */
class Tally {
  readonly #name: string
  #compared = 0
  #different = 0

  constructor(name: string) {
    this.#name = name
  }

  compare(name: string, expected: string | undefined, found: string): void {
    this.#compared += 1
    if (found === expected) return
    this.#different += 1
    console.error(`${this.#name}: "${name}" gave ${found}, not ${expected ?? 'nothing'}`)
  }

  compareAll(expected: Digests, found: Digests): void {
    for (const [name, digest] of Object.entries(expected)) this.compare(name, digest, found[name] ?? 'nothing')
  }

  add(other: Tally): void {
    this.#compared += other.#compared
    this.#different += other.#different
  }

  /** `value`: differing histories; `baseline`: how many were compared; `ratio`: the share that is identical. */
  result(): Result {
    if (this.#compared === 0) throw new Error(`Bug: ${this.#name} compared nothing`)
    return {
      name: this.#name, value: this.#different, unit: 'differing histories', baseline: this.#compared,
      ratio: (this.#compared - this.#different) / this.#compared,
    }
  }
}

/** Every scenario so often, in another order each time. */
async function repeated(scenarios: readonly Ready[], expected: Digests, { repeats }: Size): Promise<Tally> {
  const tally = new Tally('determinism/repeated')
  for (let round = 0; round < repeats; round++) {
    for (const { name, digest } of shuffled(scenarios, round)) tally.compare(name, expected[name], await digest())
  }
  return tally
}

/** All of them at once; those that share a store take turns. */
async function atOnce(scenarios: readonly Ready[], expected: Digests, { repeats }: Size): Promise<Tally> {
  const tally = new Tally('determinism/at-once')
  for (let round = 0; round < repeats / 10; round++) {
    await Promise.all(shuffled(scenarios, round).map(async ({ name, digest }) => tally.compare(name, expected[name], await digest())))
  }
  return tally
}

function shuffled(scenarios: readonly Ready[], round: number): readonly Ready[] {
  return scenarios.toSorted((a, b) => hash32(round, a.name) - hash32(round, b.name))
}

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

async function elsewhere(expected: Digests, size: Size): Promise<readonly Tally[]> {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-determinism-'))
  try {
    return [
      await inProcesses(expected, size),
      await inVitest('determinism/vitest-threads', folder, expected, size, ['--pool=threads']),
      await inVitest('determinism/vitest-forks', folder, expected, size, ['--pool=forks']),
      await inVitest('determinism/vitest-coverage', folder, expected, size, [
        '--coverage.enabled', '--coverage.provider=v8', '--coverage.include=src/**', `--coverage.reportsDirectory=${join(folder, 'coverage')}`,
      ]),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inProcesses(expected: Digests, { processes, rounds }: Size): Promise<Tally> {
  const tally = new Tally('determinism/processes')
  for (let n = 0; n < processes; n++) {
    const { stdout } = await run(process.execPath, [...process.execArgv, join(root, 'test/bench/determinism.child.ts'), String(rounds)], { cwd: root })
    compareLines(tally, expected, stdout, rounds)
  }
  return tally
}

/** Copies of the worker file, so that vitest starts as many workers. */
async function inVitest(name: string, folder: string, expected: Digests, { workers, rounds }: Size, options: readonly string[]): Promise<Tally> {
  const out = join(folder, `${name.replace('/', '-')}.jsonl`)
  const config = join(folder, 'vitest.config.mjs')
  const entry = JSON.stringify(join(root, 'test/bench/determinism.worker.ts'))
  const files = Array.from({ length: workers }, (_, n) => join(folder, `worker-${n}.test.mjs`))
  for (const file of files) writeFileSync(file, `import ${entry}\n`)
  const alias = { 'two-generals/vitest': join(root, 'src/vitest.ts'), 'two-generals': join(root, 'src/index.ts') }
  writeFileSync(config, `export default ${JSON.stringify({ resolve: { alias }, test: { dir: folder, include: ['worker-*.test.mjs'], testTimeout: 300_000 } })}\n`)
  await run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `--root=${root}`, `--config=${config}`, `--dir=${folder}`, ...options], {
    cwd: root, env: { ...process.env, DETERMINISM_OUT: out, DETERMINISM_ROUNDS: String(rounds) },
  })
  const tally = new Tally(name)
  compareLines(tally, expected, readFileSync(out, 'utf8'), rounds * workers)
  return tally
}

function compareLines(tally: Tally, expected: Digests, text: string, rounds: number): void {
  const lines = text.trim().split('\n')
  if (lines.length !== rounds) throw new Error(`Bug: ${lines.length} rounds of digests came, not ${rounds}:\n${text}`)
  for (const line of lines) tally.compareAll(expected, JSON.parse(line) as Digests)
}
