// Orphans: saved counterexamples of a test file whose test is not there any more. They would never run again, and
// nobody would notice. Must not know vitest.
import { basename } from 'node:path'
import { mostSimilar } from '../plain/suggestion.ts'
import { savedBeside } from './load-counterexamples.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'
import { isSameTest, joinedName, type TestName } from '../plain/test-name.ts'

/**
 * A remark for each saved counterexample of a test file that belongs to none of its tests. Empty where all are
 * replayed.
 *
 * @param tests all tests that the file declares, whether they were run or not
 */
export function orphans(testFile: string, tests: readonly TestName[]): readonly string[] {
  try {
    const lost = savedBeside(testFile).filter(({ test }) => !tests.some((other) => isSameTest(other, test)))
    return lost.map((saved) => `${shownPath(saved.path)} is not replayed: ${lostText(saved, testFile, tests)}`)
  } catch {
    return [] // the test that looks for its own counterexamples reports a folder that cannot be read
  }
}

/** That a test file has no such test any more, and what to do. */
export function lostText({ test }: SavedCounterexample, testFile: string, tests: readonly TestName[]): string {
  const { suites = [], name } = test
  return (
    `${basename(testFile)} has no test "${joinedName({ suites, name }, ' > ')}". ` + whatToDo({ suites, name }, tests)
  )
}

function whatToDo(test: TestName, tests: readonly TestName[]): string {
  const near = mostSimilar(
    joinedName(test),
    tests.map((other) => joinedName(other)),
  )
  const now = tests.find((other) => joinedName(other) === near)
  return now === undefined
    ? 'Write the current names into the file, under test.suites and test.name, or delete the file.'
    : `Was it renamed? Write "suites": ${JSON.stringify(now.suites)}, "name": ${JSON.stringify(now.name)} into the ` +
        'file, under test, or delete the file.'
}
