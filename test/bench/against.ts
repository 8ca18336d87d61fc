// npm run bench -- NAME --against COMMIT: today's workload on the package as it is now, and as it was at a commit. Each
// side has a process of its own, since both patch the same globals; they run slices or tell stories in turn, so that a
// slow moment of the machine strikes both. What is measured is CPU time, so that other work on the machine counts for
// neither.
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { corpus } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import { alternateSlices, quantile, type Turns } from './alternate.ts'
import type { Result } from './result.ts'

/** The benchmarks whose measured side can be compared with an earlier commit. */
export const comparable: readonly string[] = [
  'throughput-direct',
  'throughput-handwritten',
  'throughput-http',
  'first-story',
]

const root = resolve(import.meta.dirname, '../..')
/** How long to compare, and in which repository the commit is. */
export interface Comparison extends Turns {
  readonly repository?: string
  /** How often each story is told and measured. @default 1 */
  readonly rounds?: number
  /** The bugs whose stories are told. @default the corpus */
  readonly bugs?: readonly Planted[]
}

/**
 * The rate now beside the rate at a commit; or the CPU of the first stories.
 *
 * @throws where git does not know the commit, or the workload does not run on its sources
 */
export async function against(
  name: string,
  commit: string,
  { repository = root, rounds = 1, bugs = corpus, ...turns }: Comparison,
): Promise<Result> {
  const folder = checkedOut(commit, repository)
  try {
    await using now = await startSide(name, root)
    await using then = await startSide(name, folder)
    const title = `${name} against ${commit}`
    if (name === 'first-story') return { name: title, ...(await alternateStories(now, then, bugs, rounds)) }
    const { ours: value, ...rest } = await alternateSlices(sliceOf(now), sliceOf(then), turns)
    return { name: title, value, unit: 'histories/s of CPU', ...rest }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The sources of a commit in a temporary folder, with today's dependencies. */
function checkedOut(commit: string, repository: string): string {
  const archive = archiveOf(commit, repository)
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-against-'))
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function archiveOf(commit: string, repository: string): Buffer {
  try {
    const args = ['archive', '--format=tar', commit, 'src', 'package.json']
    return execFileSync('git', args, { cwd: repository, maxBuffer: 2 ** 28, stdio: 'pipe' })
  } catch (cause) {
    throw new Error(`Git cannot give the sources of commit "${commit}". Does this clone have it?`, { cause })
  }
}

interface Side extends AsyncDisposable {
  /** Measures a slice, or the case of this number. */
  measure(what: 'slice' | number): Promise<number | undefined>
}

function sliceOf(side: Side): () => Promise<number> {
  return async () => Number(await side.measure('slice'))
}

/** Every bug's story on both sides in turn. Bugs that one side does not find are named, and left out. */
async function alternateStories(
  now: Side,
  then: Side,
  bugs: readonly Planted[],
  rounds: number,
): Promise<Omit<Result, 'name'>> {
  const measured: { readonly now: number; readonly then: number }[] = []
  for (const bug of bugs) {
    const index = corpus.indexOf(bug)
    const pairs: { readonly now: number; readonly then: number }[] = []
    // The first round does not count: the engine compiles
    for (let round = 0; round <= rounds; round++) {
      const first = await (round % 2 === 0 ? now : then).measure(index)
      const second = await (round % 2 === 0 ? then : now).measure(index)
      const [ours, theirs] = round % 2 === 0 ? [first, second] : [second, first]
      if (ours === undefined || theirs === undefined) {
        console.error(`first-story: ${bug.name}: found ${foundBy(ours, theirs)} with default options.`)
        break
      }
      if (round > 0) pairs.push({ now: ours, then: theirs })
    }
    if (pairs.length > 0)
      measured.push({
        now: quantile(
          pairs.map((pair) => pair.now),
          0.5,
        ),
        then: quantile(
          pairs.map((pair) => pair.then),
          0.5,
        ),
      })
  }
  const ratios = measured.map((one) => one.then / one.now)
  const [value = 0, baseline = 0] = [measured.map((one) => one.now), measured.map((one) => one.then)].map((all) =>
    quantile(all, 0.5),
  )
  return {
    value,
    unit: 'ms of CPU',
    baseline,
    ratio: quantile(ratios, 0.5),
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
  }
}

function foundBy(now: number | undefined, then: number | undefined): string {
  if (now === undefined && then === undefined) return 'on neither side'
  return now === undefined ? 'at the commit only' : 'now only'
}

async function startSide(name: string, sources: string): Promise<Side> {
  const child = fork(join(import.meta.dirname, 'side.ts'), [name], {
    execArgv: ['--expose-gc', '--import', join(import.meta.dirname, 'resolve.ts')],
    env: { ...process.env, BENCH_SOURCES: sources },
  })
  const side: Side = {
    async measure(what) {
      child.send(what)
      const answer = await answered(child)
      return typeof answer === 'number' ? answer : undefined
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
  try {
    await answered(child)
  } catch (error) {
    await side[Symbol.asyncDispose]()
    throw new Error(`${name} does not run on the sources in ${sources}.`, { cause: error })
  }
  return side
}

/** The child's next message. @throws where it ends instead */
async function answered(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController()
  const { signal } = waiting
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: readonly unknown[]) => message),
      once(child, 'exit', { signal }).then(([code]: readonly unknown[]) => {
        throw new Error(`The process of one side ended with code ${String(code)}; see what it printed above.`)
      }),
    ])
  } finally {
    waiting.abort()
  }
}
