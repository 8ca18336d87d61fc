// The command that runs one test again, ready to paste into a shell.
import { relative } from 'node:path'
import type { TestName } from '../plain/test-name.ts'

/** The test to run, the other tests of its file, and how vitest was started. */
export interface ReplayedTest {
  /** The test file. */
  readonly file: string
  readonly test: TestName
  /** All tests of the file. @default the test alone */
  readonly tests?: readonly TestName[]
  /** The line on which the test is declared. */
  readonly line?: string | undefined
  /** The vitest project in which the test ran. @default none */
  readonly project?: string | undefined
  /** Other options that vitest was started with. @default none */
  readonly given?: readonly string[]
}

/**
 * The command that runs exactly this test, in every version of vitest. Up to version 4, vitest joins the names of
 * describe blocks and test by a space; from version 5 on by ` > `.
 */
export function replayCommand({ file, test, tests = [], line, project = '', given = [] }: ReplayedTest): string {
  const pattern = patternOf(test)
  const alike = tests.filter((other) => isMatched(other, new RegExp(pattern)))
  const path = relative(process.cwd(), file).replace(/^-/, './-')
  // If several tests have the same joined name, the line identifies the test
  const place = alike.length > 1 && line !== undefined ? `${path}:${line}` : path
  const options = project === '' ? given : [...given, '--project', project]
  return ['npx vitest run', ...[place, ...options].map(shellWord), '-t', shellQuoted(pattern)].join(' ')
}

/** The pattern for `-t`, which is a regular expression. */
function patternOf({ suites, name }: TestName): string {
  const parts = [...suites, name].map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return `^${parts.join('( >)? ')}$`
}

function isMatched(test: TestName, pattern: RegExp): boolean {
  return pattern.test([...test.suites, test.name].join(' ')) || pattern.test([...test.suites, test.name].join(' > '))
}

/** Quotes a word for a shell only if that is necessary. */
function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : shellQuoted(text)
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
