// The command that runs one test again, ready to be pasted into a shell.
import { relative } from 'node:path'
import type { TestName } from '../plain/test-name.ts'

/** Which test, among which others, and how vitest was started. */
export interface Replayed {
  /** The test file. */
  readonly file: string
  readonly test: TestName
  /** All tests of the file. @default the test alone */
  readonly tests?: readonly TestName[]
  /** The line that declares the test. */
  readonly line?: string | undefined
  /** The project that the test ran in. @default none */
  readonly project?: string | undefined
  /** Options of vitest, without the project. @default none */
  readonly given?: readonly string[]
}

/**
 * Runs exactly this test, whatever the version of vitest: up to 4 it joins the names of describe blocks and test by a
 * space, from 5 on by ` > `.
 */
export function replayCommand({ file, test, tests = [], line, project = '', given = [] }: Replayed): string {
  const pattern = patternOf(test)
  const alike = tests.filter((other) => isMatched(other, new RegExp(pattern)))
  const path = relative(process.cwd(), file).replace(/^-/, './-')
  // Names that are one when joined are told apart by their lines
  const place = alike.length > 1 && line !== undefined ? `${path}:${line}` : path
  const options = project === '' ? given : [...given, '--project', project]
  return ['npx vitest run', ...[place, ...options].map(shellWord), '-t', shellQuoted(pattern)].join(' ')
}

/** `-t` takes a regular expression. */
function patternOf({ suites, name }: TestName): string {
  const parts = [...suites, name].map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return `^${parts.join('( >)? ')}$`
}

function isMatched(test: TestName, pattern: RegExp): boolean {
  return pattern.test([...test.suites, test.name].join(' ')) || pattern.test([...test.suites, test.name].join(' > '))
}

/** As it is where a shell changes nothing in it. */
function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : shellQuoted(text)
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
