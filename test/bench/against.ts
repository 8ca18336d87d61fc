// npm run bench -- NAME --against COMMIT: today's workload on the package as it is now, and as it was at a commit. Each
// side has a process of its own, since both patch the same globals; they run slices in turn, so that a slow moment of
// the machine strikes both. Rates are by CPU time, so that other work on the machine counts for neither.
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { alternateSlices, type Slice, type Turns } from './alternate.ts'
import type { Result } from './result.ts'

/** The benchmarks whose measured side can be compared with an earlier commit. */
export const comparable: readonly string[] = ['throughput-direct', 'throughput-handwritten']

const root = resolve(import.meta.dirname, '../..')
/** How long to compare, and in which repository the commit is. */
export interface Comparison extends Turns {
  readonly repository?: string
}

/**
 * The rate now beside the rate at a commit.
 *
 * @throws where git does not know the commit, or the workload does not run on its sources
 */
export async function against(
  name: string,
  commit: string,
  { repository = root, ...turns }: Comparison,
): Promise<Result> {
  const folder = checkedOut(commit, repository)
  try {
    await using now = await startSide(name, root)
    await using then = await startSide(name, folder)
    const { ours: value, ...rest } = await alternateSlices(now.slice, then.slice, turns)
    return { name: `${name} against ${commit}`, value, unit: 'histories/s of CPU', ...rest }
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
  readonly slice: Slice
}

async function startSide(name: string, sources: string): Promise<Side> {
  const child = fork(join(import.meta.dirname, 'side.ts'), [name], {
    execArgv: ['--expose-gc', '--import', join(import.meta.dirname, 'resolve.ts')],
    env: { ...process.env, BENCH_SOURCES: sources },
  })
  const side: Side = {
    slice: async () => {
      child.send('slice')
      return Number(await answered(child))
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
