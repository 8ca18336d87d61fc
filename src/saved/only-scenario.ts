// TWO_GENERALS_ONLY: which test the named file is of. Where that can be none, one test of the run says so and the
// others are skipped, so that there is one clear error and no green run. Where that test is left out of the run,
// nothing can fail: so one line of each run says which it is. Real files: never used inside a simulation.
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { mayBelong, readCounterexampleFile, type CounterexampleFile } from './counterexample-files.ts'
import { lostText } from './orphans.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'
import { hash32 } from '../plain/random.ts'
import { joinedName, type TestName } from '../plain/test-name.ts'

/** What a test has to do. */
export type OnlyScenario =
  | { readonly kind: 'run'; readonly saved: SavedCounterexample }
  | { readonly kind: 'skip' | 'broken'; readonly text: string }

/**
 * @param test the test that asks
 * @param tests all tests of its file
 * @param run what is the same for all tests of one run of vitest, and for none of another
 */
export function onlyScenario(
  path: string,
  { testFile, ...test }: TestName & { readonly testFile: string },
  tests: readonly TestName[],
  run: string,
): OnlyScenario {
  const found = readCounterexampleFile(resolve(path))
  const broken = (text: string): OnlyScenario =>
    isFirstToSay(`${run} ${path}`)
      ? { kind: 'broken', text: `TWO_GENERALS_ONLY=${path}: ${text}` }
      : { kind: 'skip', text: 'TWO_GENERALS_ONLY: another test says what is wrong with that file' }
  if (found.saved === undefined) return broken(problemText(found))
  const { saved } = found
  const file = basename(testFile)
  const home = join(dirname(found.path), '..', saved.test.file)
  const others: OnlyScenario = { kind: 'skip', text: `TWO_GENERALS_ONLY: of "${saved.test.name}"` }
  if (existsSync(home) && realpathSync(home) !== realpathSync(testFile)) return others
  if (mayBelong(found, { ...test, file })) return { kind: 'run', saved }
  if (tests.some((other) => mayBelong(found, { ...other, file }))) return others
  return broken(
    existsSync(home)
      ? lostText(saved, testFile, tests)
      : `its test file, ${saved.test.file}, is not there any more. Write the name of the file that has the test ` +
          `"${joinedName({ suites: [], ...saved.test }, ' > ')}" into it, under test.file.`,
  )
}

/** One line that says which test the named file is of. Nothing where another test of the run has said it. */
export function onlyText(path: string, run: string): string | undefined {
  const found = readCounterexampleFile(resolve(path))
  if (!isFirstToSay(`${run} ${path} is of`)) return undefined
  if (found.saved === undefined) return `TWO_GENERALS_ONLY=${path}: ${problemText(found)}`
  const { test } = found.saved
  return (
    `TWO_GENERALS_ONLY=${path}: of all resilience tests, only "${joinedName({ suites: [], ...test }, ' > ')}" of ` +
    `${test.file} runs, once. If the results do not name it, nothing was tried: it is left out by -t, by the files ` +
    'that were named, or by .skip, or it is no resilience test any more.'
  )
}

function problemText({ path, problem }: CounterexampleFile): string {
  if (existsSync(path)) return problem?.message ?? 'it cannot be read.'
  return (
    `there is no such file in ${process.cwd()}. Give the path that stands in the report of the failure after ` +
    '"Saved", from there: __counterexamples__/NAME.json, in the folder of the test.'
  )
}

/** Workers share nothing but files. A run leaves one or two empty ones in the folder for temporary files. */
function isFirstToSay(what: string): boolean {
  const main = isMainThread ? process.ppid : process.pid
  const name = `two-generals-only-${main}-${hash32(0, what)}`
  try {
    writeFileSync(join(tmpdir(), name), '', { flag: 'wx' })
    return true
  } catch (error) {
    // Where nobody can write there, each test says it
    return (error as NodeJS.ErrnoException).code !== 'EEXIST'
  }
}
