// The files of saved counterexamples in the folder beside a test: read or refused one by one, and whose each is. A file
// that cannot be read should trouble its own test only. Real files: never used inside a simulation.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { counterexampleFormat, decodeCounterexample } from './counterexample-codec.ts'
import type { SavedCounterexample, SavedTest } from './saved-counterexample.ts'
import { shownPath } from './shown-path.ts'
import { slug } from './slug.ts'
import { isSameTest, joinedName, type TestName } from '../plain/test-name.ts'

/** A file, read or refused. */
export interface CounterexampleFile {
  readonly path: string
  /** Whose it is; of a refused file only what could be made out. */
  readonly test: Partial<SavedTest>
  readonly saved?: SavedCounterexample
  readonly problem?: Error
}

/** The folder for the counterexamples of a test file. */
export function counterexamplesOf(testFile: string): string {
  return join(dirname(resolve(testFile)), '__counterexamples__')
}

/**
 * All files of a folder, by name. Temporary files, and whatever does not end in `.json`, are passed over.
 *
 * @throws where the folder cannot be read
 */
export function readFolder(directory: string): readonly CounterexampleFile[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'))
  return names.sort().map((name) => readCounterexampleFile(join(directory, name)))
}

export function readCounterexampleFile(path: string): CounterexampleFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (cause) {
    return refused(path, '', new Error(`Cannot read ${shownPath(path)}: ${errorText(cause)}.`, { cause }))
  }
  try {
    const saved = decodeCounterexample(parse(text, path), path)
    return { path, test: saved.test, saved }
  } catch (cause) {
    return refused(path, text, cause)
  }
}

/** An error's message without its full stop, to go on with. */
export function errorText(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const found =
      text.trim() === ''
        ? 'it is empty'
        : /^<{7} /m.test(text)
          ? 'it holds a merge conflict'
          : `it is not JSON (${errorText(cause)})`
    throw new Error(`Cannot read ${shownPath(path)}: ${found}.`, { cause })
  }
}

function refused(path: string, text: string, cause: unknown): CounterexampleFile {
  const why = cause instanceof Error ? cause.message : String(cause)
  const problem = new Error(`${why} The file is kept as it is: correct it, or delete it to drop this counterexample.`, {
    cause,
  })
  return { path, test: testIn(text), problem }
}

/** Whose a file is that is not valid, as far as its text shows. */
function testIn(json: string): Partial<SavedTest> {
  if (!json.includes(counterexampleFormat)) return {}
  const test = json.slice(json.indexOf('"test"'))
  const file = textAfter('file', test)
  const suites = listAfter('suites', test)
  const name = textAfter('name', test)
  return {
    ...(file === undefined ? {} : { file }),
    ...(suites === undefined ? {} : { suites }),
    ...(name === undefined ? {} : { name }),
  }
}

const text = String.raw`"(?:[^"\\\n]|\\.)*"`

function textAfter(field: string, json: string): string | undefined {
  const found = jsonAfter(field, text, json)
  return typeof found === 'string' ? found : undefined
}

function listAfter(field: string, json: string): readonly string[] | undefined {
  const found = jsonAfter(field, String.raw`\[\s*(?:${text}\s*,?\s*)*\]`, json)
  return Array.isArray(found) ? found.map(String) : undefined
}

function jsonAfter(field: string, pattern: string, json: string): unknown {
  const found = new RegExp(String.raw`"${field}"\s*:\s*(${pattern})`).exec(json)?.[1]
  try {
    return found === undefined ? undefined : JSON.parse(found)
  } catch {
    return undefined // a bad escape
  }
}

/**
 * Whether a file may be a test's. It is that of the test it names, unless it names another test file that is still
 * there. A file that names no test belongs to the test that its own name is made of, and to every test where its name
 * is made of none.
 */
export function mayBelong(
  { path, test: found }: CounterexampleFile,
  test: TestName & { readonly file: string },
): boolean {
  if (found.name === undefined) {
    const named = /^(.+)-[0-9a-f]{10}(?:-\d+)?\.json$/.exec(basename(path))?.[1]
    return named === undefined || named === slug(joinedName(test))
  }
  if (!isSameTest(test, found)) return false
  return found.file === undefined || found.file === test.file || !existsSync(join(dirname(path), '..', found.file))
}
