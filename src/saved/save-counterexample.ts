// Saving a counterexample: which file it belongs into, and how that is replaced without ever being half written. Real
// files: never used inside a simulation.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { hashText } from '../plain/hash-text.ts'
import { jsonText } from '../plain/json.ts'
import { failureName, isSameFailure } from '../verdict/reason.ts'
import { encodeCounterexample } from './counterexample-codec.ts'
import {
  counterexamplesOf,
  errorText,
  mayBelong,
  readCounterexampleFile,
  readFolder,
  type CounterexampleFile,
} from './counterexample-files.ts'
import type { Finding, SavedViolation } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'
import { slug } from './slug.ts'
import { temporaryPath } from './temporary-files.ts'
import { joinedName, type TestName } from '../plain/test-name.ts'

/**
 * Saves what a test found: one file for a test, an invariant and a class of failure, so that finding it again replaces
 * the file. A file that cannot be read, or is not ours, is never replaced. Whenever the process is killed, either the
 * old file or the new one is there, whole.
 *
 * @returns the file's path
 * @throws where the scenario cannot be written as JSON, or the folder cannot be written to
 */
export function saveCounterexample(testFile: string, name: TestName, finding: Finding): string {
  const directory = counterexamplesOf(testFile)
  const test = { ...name, file: basename(testFile) }
  const text = jsonText(encodeCounterexample(test, finding))
  try {
    mkdirSync(directory, { recursive: true })
    const path = pathFor(directory, test, finding.violated)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceWhole(path, text)
    return path
  } catch (cause) {
    throw new Error(
      `Cannot save the counterexample of "${joinedName(name)}" in ${shownPath(directory)}: ${errorText(cause)}. ` +
        'The failure stands, but it will not run first next time: make the folder writable and run the test again.',
      { cause },
    )
  }
}

/** How many files may start with one slug and hash. */
const maxNames = 100

/** The file that already holds this failure, whatever its name; else the first free name. */
function pathFor(directory: string, test: TestName & { readonly file: string }, violated: SavedViolation): string {
  const holdsIt = (file: CounterexampleFile): boolean =>
    file.saved !== undefined &&
    mayBelong(file, test) &&
    file.saved.violated.invariant === violated.invariant &&
    isSameFailure(file.saved.violated, violated)
  const known = readFolder(directory).find(holdsIt)
  if (known !== undefined) return known.path
  const whose = [test.file, ...(test.suites.length === 0 ? [] : [test.suites]), test.name]
  const name = `${slug(joinedName(test))}-${shortHash([...whose, violated.invariant, failureName(violated)])}`
  for (let n = 1; n <= maxNames; n++) {
    const path = join(directory, `${name}${n === 1 ? '' : `-${n}`}.json`)
    // Another process may have made it since the folder was read
    if (!existsSync(path) || holdsIt(readCounterexampleFile(path))) return path
  }
  throw new Error(
    `${name}.json and ${maxNames - 1} names like it are taken by files that cannot be read; correct or delete some`,
  )
}

function shortHash(parts: readonly unknown[]): string {
  return hashText(JSON.stringify(parts)).padStart(10, '0').slice(-10)
}

/**
 * Writes beside the file, then renames, so that readers see either the old file or the new one. If the process is
 * killed in between, a temporary file stays. It is ignored, and removed later.
 */
function replaceWhole(path: string, text: string): void {
  const temporary = temporaryPath(path)
  try {
    writeFileSync(temporary, text, { flush: true })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
