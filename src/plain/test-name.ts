// A test's own name and the names of the describe blocks around it. They identify the test of a counterexample. Pure
// functions.

/** A test of a file. */
export interface TestName {
  /** The names of the describe blocks around it, the outermost first. */
  readonly suites: readonly string[]
  /** Its own name. */
  readonly name: string
}

/** A test or a describe block of vitest. */
interface Task {
  readonly name: string
  readonly suite?: Task | undefined
}

/** The name of a test of vitest. */
export function testNameOf({ name, suite }: Task): TestName {
  const suites: string[] = []
  for (let around = suite; around !== undefined; around = around.suite) suites.unshift(around.name)
  return { suites, name }
}

/**
 * All names in one text: for people, and as the only name in files of older versions. Two tests may have the same text.
 */
export function joinedName({ suites, name }: TestName, between = ' '): string {
  return [...suites.filter((suite) => suite !== ''), name].join(between)
}

/** Whether two names are those of one test. A saved name without `suites` has all names joined. */
export function isSameTest(test: TestName, saved: Partial<TestName>): boolean {
  if (saved.suites === undefined) return saved.name === joinedName(test)
  return JSON.stringify([saved.suites, saved.name]) === JSON.stringify([test.suites, test.name])
}
