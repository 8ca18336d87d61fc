// Loading saved counterexamples: those of one test, which run first, and all of a test file. Real files: never used
// inside a simulation.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { counterexamplesOf, errorText, mayBelong, readFolder } from './counterexample-files.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'
import { sweepTemporaryFiles } from './temporary-files.ts'
import type { TestName } from '../plain/test-name.ts'

/** What a test finds in its folder. */
export interface LoadedCounterexamples {
  readonly found: readonly SavedCounterexample[]
  /** Files that may be this test's and cannot be used: which, what was found, what to do. They are kept as they are. */
  readonly problems: readonly Error[]
}

/**
 * The saved counterexamples of one test, by file name. Files of other tests are passed over, unless their test file is
 * gone: then a test of the same name has inherited them.
 */
export function loadCounterexamples(testFile: string, name: TestName): LoadedCounterexamples {
  const directory = counterexamplesOf(testFile)
  const test = { ...name, file: basename(testFile) }
  try {
    if (existsSync(directory)) sweepTemporaryFiles(directory)
    const files = readFolder(directory).filter((file) => mayBelong(file, test))
    return {
      found: files.flatMap(({ saved }) => (saved === undefined ? [] : [saved])),
      problems: files.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    }
  } catch (cause) {
    const message = `Cannot read the saved counterexamples in ${shownPath(directory)}: ${errorText(cause)}.`
    return { found: [], problems: [new Error(message, { cause })] }
  }
}

/** All counterexamples that name a test file as theirs, whatever the test. @throws where the folder cannot be read */
export function savedBeside(testFile: string): readonly SavedCounterexample[] {
  const file = basename(testFile)
  return readFolder(counterexamplesOf(testFile)).flatMap(({ saved }) => (saved?.test.file === file ? [saved] : []))
}
