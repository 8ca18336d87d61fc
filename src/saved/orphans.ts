// Orphans: saved counterexamples of a test file whose test is not there any more. They would never run again, and
// nobody would notice. Must not know vitest.
import { basename } from 'node:path'
import { mostSimilar } from '../plain/suggestion.ts'
import { savedBeside } from './load-counterexamples.ts'
import { shownPath } from './shown-path.ts'

/**
 * A remark for each saved counterexample of a test file that belongs to none of its tests. Empty where all are
 * replayed.
 *
 * @param testNames all tests that the file declares, run or not, as `vitest -t` takes them
 */
export function orphans(testFile: string, testNames: readonly string[]): readonly string[] {
  try {
    const lost = savedBeside(testFile).filter(({ test }) => !testNames.includes(test.name))
    return lost.map(
      ({ path, test: { name } }) =>
        `${shownPath(path)} is not replayed: ${basename(testFile)} has no test "${name}". ${whatToDo(name, testNames)}`,
    )
  } catch {
    return [] // the test that looks for its own counterexamples reports a folder that cannot be read
  }
}

function whatToDo(name: string, testNames: readonly string[]): string {
  const near = mostSimilar(name, testNames)
  return near === undefined
    ? 'Write the current name of its test into the file, under test.name, or delete the file.'
    : `Was it renamed to "${near}"? Write that into the file, under test.name, or delete the file.`
}
