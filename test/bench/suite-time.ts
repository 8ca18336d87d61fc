// suite-time: how long a user's suite takes, the start of vitest included: 20 tests of Express, axios and node:sqlite,
// and 20 of Express, axios, pg and PGlite, with default options, by two workers. The suites are suite/*.suite.ts, which
// a vitest of its own runs.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Effort, Result } from './result.ts'

/** The most that it may take, in seconds on two cores. */
const limitS = 30
const tests = 20

const root = resolve(import.meta.dirname, '../..')

/** The files of each suite, and of it what is a look. */
const suites = [
  { name: 'suite-time', files: ['orders', 'tickets'], look: ['tickets'] },
  { name: 'suite-time/PGlite', files: ['withdrawals'], look: ['withdrawals-one', '-t', 'on conflict'] },
]

export async function* suiteTime({ quick }: Effort): AsyncGenerator<Result, void> {
  for (const { name, files, look } of suites) {
    const { passed, wallS, cpuS } = await runSuite(quick ? look : files)
    if (!quick && passed !== tests) throw new Error(`Bug: ${passed} tests passed in place of ${tests}`)
    const share = passed / tests
    yield { name, value: wallS, unit: 's', baseline: limitS * share, ratio: wallS / (limitS * share) }
    const cores = 2 * limitS * share
    yield { name: `${name}/cpu`, value: cpuS, unit: 's of CPU', baseline: cores, ratio: cpuS / cores }
  }
}

interface SuiteRun {
  readonly passed: number
  readonly wallS: number
  /** Of vitest and its workers, that of the kernel included. */
  readonly cpuS: number
}

/** Runs the suite with further arguments of vitest, such as a part of a file's name. @throws where a test fails */
export async function runSuite(more: readonly string[]): Promise<SuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-suite-time-'))
  const report = join(folder, 'report.json')
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/bench/suite/vitest.config.ts']
  try {
    const startMs = performance.now()
    // `times` of a POSIX shell: its own CPU time in a line, and that of all its ended children in the next
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', '"$0" "$@" || exit $?; times']
        .concat(process.execPath, vitest)
        .concat('--reporter=default', '--reporter=json', `--outputFile.json=${report}`, more),
      { cwd: root, maxBuffer: 2 ** 28 },
    )
    const wallS = (performance.now() - startMs) / 1_000
    const { numPassedTests } = JSON.parse(readFileSync(report, 'utf8')) as { readonly numPassedTests: number }
    return { passed: numPassedTests, wallS, cpuS: secondsOf(stdout.trimEnd().split('\n').at(-1) ?? '') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The sum of a line like `0m1.5s 0m0.25s`. */
function secondsOf(line: string): number {
  const found = [...line.matchAll(/(\d+)m([\d.]+)s/g)]
  if (found.length !== 2) throw new Error(`Bug: these are no times: ${line}`)
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
