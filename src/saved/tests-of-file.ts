// The tests of one test file, by name. A name identifies the test of a counterexample, so it has to be unique.
import { joinedName, testNameOf, type TestName } from '../plain/test-name.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'

/** A test, a describe block or a file of vitest. */
export interface TestTask {
  readonly type: string
  readonly name: string
  readonly suite?: TestTask | undefined
  readonly tasks?: readonly TestTask[]
}

/** All tests of a file or a block, whether they were run or not. */
export function testsOf({ tasks = [] }: Pick<TestTask, 'tasks'>): readonly TestName[] {
  return tasks.flatMap((task) => (task.type === 'suite' ? testsOf(task) : [testNameOf(task)]))
}

/** Resilience tests that have run, by file and name. */
const firstOfName = new WeakMap<object, Map<string, TestTask>>()

/** Whether no other test of the file had this name before. A retry is the same test. */
export function isFirstOfItsName(task: TestTask & { readonly file: object }): boolean {
  const known = firstOfName.get(task.file) ?? new Map<string, TestTask>()
  firstOfName.set(task.file, known)
  const { suites, name } = testNameOf(task)
  const key = JSON.stringify([suites, name])
  if (!known.has(key)) known.set(key, task)
  return known.get(key) === task
}

export function sameNameText(name: TestName): string {
  return (
    `A second test of this file is named "${joinedName(name, ' > ')}": their saved counterexamples could not be ` +
    'told apart, nor be run one by one. Give each a name of its own; of the cases of `each`, with %s, %# or $field.'
  )
}

/**
 * Whether a saved counterexample may belong to another test: a file of an older version has only the joined name, which
 * several tests may have.
 */
export function mayBeOfAnother(
  { test: saved }: SavedCounterexample,
  name: TestName,
  tests: readonly TestName[],
): boolean {
  return saved.suites === undefined && tests.filter((other) => joinedName(other) === joinedName(name)).length > 1
}
