// The tests of one test file, by name: a name tells whose a counterexample is, and there may be no second one.
import { joinedName, testNameOf, type TestName } from '../plain/test-name.ts'
import type { SavedCounterexample } from './saved-counterexample.ts'

/** A test, a describe block or a file, as vitest has it. */
export interface TestTask {
  readonly type: string
  readonly name: string
  readonly suite?: TestTask | undefined
  readonly tasks?: readonly TestTask[]
}

/** All tests of a file or a block, run or not. */
export function testsOf({ tasks = [] }: Pick<TestTask, 'tasks'>): readonly TestName[] {
  return tasks.flatMap((task) => (task.type === 'suite' ? testsOf(task) : [testNameOf(task)]))
}

/** Resilience tests that have run, by file and name. */
const firstOfName = new WeakMap<object, Map<string, TestTask>>()

/** Whether no other test of the file has had this name; a retry is the same test again. */
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

/** A file of an older version does not say of which tests with one joined name it is: of those that it fits. */
export function mayBeOfAnother(
  { test: saved }: SavedCounterexample,
  name: TestName,
  tests: readonly TestName[],
): boolean {
  return saved.suites === undefined && tests.filter((other) => joinedName(other) === joinedName(name)).length > 1
}
