// determinism: the same scenarios give the same bytes, over and over in one process with others in between, sixteen at
// once, in fresh processes, in vitest's workers, and with v8 coverage on. Compares digests; any difference counts.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { hash32 } from '../../src/plain/random.ts'
import {
  allScenarios,
  crowd,
  digestOf,
  digestsOf,
  openScenarios,
  overlappingScenarios,
  type Digests,
  type Ready,
} from './determinism-scenarios.ts'
import { queueSystems, storeSystems } from './kept-systems.ts'
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

export async function* determinism({ quick }: Effort): AsyncGenerator<Result, void> {
  const size = quick ? sizes.quick : sizes.full
  const all = new Tally('determinism')
  for await (const tally of tallies(size)) {
    yield tally.result()
    all.add(tally)
  }
  yield all.result()
}

async function* tallies(size: Size): AsyncGenerator<Tally, void> {
  const scenarios = allScenarios()
  const expected = await digestsOf(scenarios)
  yield await repeated('determinism/repeated', scenarios, expected, size.repeats)
  yield* onKept(keptRepeats)
  yield await overlapping(size)
  yield await crowded(size.repeats / 2)
  yield await inProcesses(expected, size)
  yield await inVitest('determinism/vitest-threads', expected, size, () => ['--pool=threads'])
  yield await inVitest('determinism/vitest-forks', expected, size, () => ['--pool=forks'])
  yield await inVitest('determinism/vitest-coverage', expected, size, (folder) => [
    '--coverage.enabled',
    '--coverage.provider=v8',
    '--coverage.include=src/**',
    `--coverage.reportsDirectory=${join(folder, 'coverage')}`,
  ])
}

/** Counts comparisons. */
export class Tally {
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
      name: this.#name,
      value: this.#different,
      unit: 'differing histories',
      baseline: this.#compared,
      ratio: (this.#compared - this.#different) / this.#compared,
    }
  }
}

/** Every scenario so often, in another order each time. */
export async function repeated(
  name: string,
  scenarios: readonly Ready[],
  expected: Digests,
  repeats: number,
): Promise<Tally> {
  const tally = new Tally(name)
  for (let round = 0; round < repeats; round++) {
    for (const one of shuffled(scenarios, round))
      tally.compare(one.name, expected[one.name], digestOf(await one.bytes()))
  }
  return tally
}

/** How often each scenario on a store or a queue is compared. */
const keptRepeats = 300

/** Scenarios on each store and each queue, while two other threads keep both cores busy. */
export async function* onKept(repeats: number): AsyncGenerator<Tally, void> {
  const busy = twoBusy()
  try {
    for (const [name, make] of Object.entries({ ...storeSystems, ...queueSystems })) {
      const open = await openScenarios({ [name]: await make() })
      const { scenarios } = open
      try {
        yield await repeated(`determinism/${name}`, scenarios, await digestsOf(scenarios), repeats)
      } finally {
        await open.close()
      }
    }
  } finally {
    await Promise.all(busy.map((worker) => worker.terminate()))
  }
}

function twoBusy(): readonly Worker[] {
  return [0, 1].map(() => new Worker('for (;;) Math.random()', { eval: true }))
}

/** All of them at once; those that share a store take turns. */
async function overlapping({ repeats }: Size): Promise<Tally> {
  const open = await overlappingScenarios()
  const { scenarios } = open
  const tally = new Tally('determinism/overlapping')
  try {
    const expected = await digestsOf(scenarios)
    for (let round = 0; round < repeats; round++) {
      await Promise.all(
        shuffled(scenarios, round).map(async ({ name, bytes }) =>
          tally.compare(name, expected[name], digestOf(await bytes())),
        ),
      )
    }
  } finally {
    await open.close()
  }
  return tally
}

const atOnce = 16

/** Sixteen histories at once in this thread, while two others keep both cores busy. */
export async function crowded(repeats: number): Promise<Tally> {
  const open = await crowd(atOnce)
  const { scenarios } = open
  const busy = twoBusy()
  const tally = new Tally('determinism/crowded')
  try {
    const expected = await digestsOf(scenarios)
    if (new Set(Object.values(expected)).size < atOnce) throw new Error('Bug: there is nothing to tell apart')
    for (let round = 0; round < repeats; round++) {
      await Promise.all(
        shuffled(scenarios, round).map(async ({ name, bytes }) =>
          tally.compare(name, expected[name], digestOf(await bytes())),
        ),
      )
    }
  } finally {
    await Promise.all(busy.map((worker) => worker.terminate()))
    await open.close()
  }
  return tally
}

function shuffled(scenarios: readonly Ready[], round: number): readonly Ready[] {
  return scenarios.toSorted((a, b) => hash32(round, a.name) - hash32(round, b.name))
}

const root = resolve(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const run = promisify(execFile)

async function inProcesses(expected: Digests, { processes, rounds }: Size): Promise<Tally> {
  const tally = new Tally('determinism/processes')
  for (let n = 0; n < processes; n++) {
    const { stdout } = await run(
      process.execPath,
      [...process.execArgv, join(root, 'test/bench/determinism.child.ts'), String(rounds)],
      { cwd: root },
    )
    compareLines(tally, expected, stdout, rounds)
  }
  return tally
}

/** Runs the worker file in so many workers of vitest, in a folder that is gone afterwards. */
async function inVitest(
  name: string,
  expected: Digests,
  { workers, rounds }: Size,
  options: (folder: string) => readonly string[],
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-determinism-'))
  try {
    const out = join(folder, 'digests.jsonl')
    const config = layWorkers(folder, workers)
    await run(
      process.execPath,
      [vitest, 'run', `--root=${root}`, `--config=${config}`, `--dir=${folder}`, ...options(folder)],
      {
        cwd: root,
        env: { ...process.env, DETERMINISM_OUT: out, DETERMINISM_ROUNDS: String(rounds) },
      },
    )
    const tally = new Tally(name)
    compareLines(tally, expected, readFileSync(out, 'utf8'), rounds * workers)
    return tally
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As many test files as there shall be workers, and the configuration that finds them. */
function layWorkers(folder: string, workers: number): string {
  const worker = JSON.stringify(join(root, 'test/bench/determinism.worker.ts'))
  for (let n = 0; n < workers; n++) writeFileSync(join(folder, `worker-${n}.test.mjs`), `import ${worker}\n`)
  const config = join(folder, 'vitest.config.mjs')
  const alias = { 'two-generals/vitest': join(root, 'src/vitest.ts'), 'two-generals': join(root, 'src/index.ts') }
  writeFileSync(
    config,
    `export default ${JSON.stringify({ resolve: { alias }, test: { include: ['worker-*.test.mjs'], testTimeout: 600_000 } })}\n`,
  )
  return config
}

function compareLines(tally: Tally, expected: Digests, text: string, rounds: number): void {
  const lines = text.trim().split('\n')
  if (lines.length !== rounds) throw new Error(`Bug: ${lines.length} rounds of digests came, not ${rounds}:\n${text}`)
  for (const line of lines) tally.compareAll(expected, JSON.parse(line) as Digests)
}
