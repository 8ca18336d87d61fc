// A test's own name and the names of the describe blocks around it: whose a counterexample is. Pure functions.

/** A test of a file. */
export interface TestName {
  /** The names of the describe blocks around it, the outermost first. */
  readonly suites: readonly string[]
  /** Its own. */
  readonly name: string
}

/** A test or a describe block, as vitest has it. */
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

/** All names in one text: for people, and as the only name in files of older versions. Two tests may have one. */
export function joinedName({ suites, name }: TestName, between = ' '): string {
  return [...suites.filter((suite) => suite !== ''), name].join(between)
}

/** Whether two names are of one test. A saved name without `suites` is a joined one. */
export function isSameTest(test: TestName, saved: Partial<TestName>): boolean {
  if (saved.suites === undefined) return saved.name === joinedName(test)
  return JSON.stringify([saved.suites, saved.name]) === JSON.stringify([test.suites, test.name])
}
