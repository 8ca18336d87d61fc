// Saved counterexamples: small readable files beside the test, run first next time. Loading and saving. Real files:
// never used inside a simulation.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { threadId } from 'node:worker_threads'
import { decodeScenario, encodeScenario } from '../scenario/codec.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import { historyHash } from '../history/history-bytes.ts'
import { hashText } from '../plain/hash-text.ts'
import { checkFormat, fieldsOf, jsonText, readText, type Spot } from '../plain/json.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { failureName, isReasonKind, isSameFailure, type FailureClass } from '../verdict/reason.ts'
import { reasonOfV1 } from './reason-of-v1.ts'

const format = 'two-generals/counterexample'
const version = 2

/** The test that a counterexample belongs to. */
export interface SavedTest {
  /** The test file's name, without folders: it stands one folder up. */
  readonly file: string
  /** As `vitest -t` takes it. */
  readonly name: string
}

/** What went wrong: an invariant, how it failed, and that in one sentence. */
export interface Violated extends FailureClass {
  readonly invariant: string
  readonly text: string
}

/** What is worth saving of a counterexample. */
export interface Finding {
  readonly violated: Violated
  readonly scenario: Scenario
  /** The history's hash when it was saved: another one next time means that the code behaves differently. */
  readonly hash?: string
}

/** A counterexample as it was read from a file. */
export interface SavedCounterexample extends Finding {
  /** The file, absolute. */
  readonly path: string
  readonly test: SavedTest
}

/** What a test finds in its folder. */
export interface Loaded {
  readonly found: readonly SavedCounterexample[]
  /** Files that may be this test's and cannot be used: which, what was found, what to do. They are kept as they are. */
  readonly problems: readonly Error[]
}

/**
 * The saved counterexamples of one test, by file name. Files of other tests are passed over, unless their test file is
 * gone: then a test of the same name has inherited them.
 */
export function loadCounterexamples(testFile: string, testName: string): Loaded {
  const directory = counterexamplesOf(testFile)
  const test = { file: basename(testFile), name: testName }
  try {
    const entries = readEntries(directory).filter((entry) => mayBelong(entry, test, directory))
    return {
      found: entries.flatMap(({ saved }) => (saved === undefined ? [] : [saved])),
      problems: entries.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    }
  } catch (cause) {
    return {
      found: [],
      problems: [
        new Error(`Cannot read the saved counterexamples in ${shownPath(directory)}: ${messageOf(cause)}.`, { cause }),
      ],
    }
  }
}

/**
 * Saves what a test found: one file for a test, an invariant and a class of failure, so that finding it again replaces it. A file
 * that cannot be read, or is not ours, is never replaced. Whenever the process is killed, the old file or the new one
 * is there, whole.
 *
 * @returns the file's path
 * @throws where the scenario cannot be written as JSON, or the folder cannot be written to
 */
export function saveCounterexample(testFile: string, testName: string, finding: Finding): string {
  const directory = counterexamplesOf(testFile)
  const test = { file: basename(testFile), name: testName }
  const text = jsonText(encodeCounterexample(test, finding))
  try {
    mkdirSync(directory, { recursive: true })
    const path = placeOf(directory, test, finding.violated)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceWhole(path, text)
    return path
  } catch (cause) {
    throw new Error(
      `Cannot save the counterexample of "${testName}" in ${shownPath(directory)}: ${messageOf(cause)}. ` +
        'The failure stands, but it will not run first next time: make the folder writable and run the test again.',
      { cause },
    )
  }
}

/** All counterexamples that say they are of a test file, whatever the test. */
export function savedBeside(testFile: string): readonly SavedCounterexample[] {
  const file = basename(testFile)
  return readEntries(counterexamplesOf(testFile)).flatMap(({ saved }) => (saved?.test.file === file ? [saved] : []))
}

/**
 * One file, as `two-generals replay FILE` reads it.
 *
 * @throws where it is not a counterexample that this version reads
 */
export function readCounterexample(path: string): SavedCounterexample {
  const { saved, problem } = readEntry(resolve(path))
  if (saved === undefined) throw problem ?? new Error(`Bug: ${path} was neither read nor refused.`)
  return saved
}

/** The test file that a saved counterexample belongs to, absolute. */
export function testFileOf(saved: SavedCounterexample): string {
  return join(dirname(saved.path), '..', saved.test.file)
}

/** What to save of a shrunk failure. */
export function findingOf({ violation, scenario, history }: Counterexample): Finding {
  const { invariant, reason } = violation
  const { kind, of, text } = reason
  const violated = { invariant, kind, ...(of === undefined ? {} : { of }), text }
  return { violated, scenario, hash: historyHash(history) }
}

/** The folder for the counterexamples of a test file. */
export function counterexamplesOf(testFile: string): string {
  return join(dirname(resolve(testFile)), '__counterexamples__')
}

// One file.

function encodeCounterexample(test: SavedTest, { violated, scenario, hash }: Finding): unknown {
  if (scenario.plan.kind !== 'listed') throw new Error('Bug: only listed plans are saved; list what was drawn first.')
  const { invariant, kind, of, text } = violated
  return {
    format,
    version,
    test: { file: test.file, name: test.name },
    violated: { invariant, kind, ...(of === undefined ? {} : { of }), text },
    scenario: encodeScenario(scenario),
    ...(hash === undefined ? {} : { hash }),
  }
}

function decodeCounterexample(json: unknown, path: string): SavedCounterexample {
  const spot: Spot = { json, path: '', doing: `Cannot read ${shownPath(path)}` }
  checkFormat(spot, format, version)
  const at = fieldsOf(spot, ['format', 'version', 'test', 'violated', 'scenario'], ['hash'], 'a counterexample')
  const hash = at('hash')
  return {
    path,
    test: readTest(at('test')),
    violated: at('version').json === 1 ? readViolatedV1(at('violated')) : readViolated(at('violated')),
    scenario: decodeScenario(at('scenario').json, shownPath(path), 'scenario'),
    ...(hash.json === undefined ? {} : { hash: readText(hash) }),
  }
}

function readViolated(spot: Spot): Violated {
  const at = fieldsOf(spot, ['invariant', 'kind', 'text'], ['of'])
  const { json: kind } = at('kind')
  if (!isReasonKind(kind))
    throw new Error(
      `${spot.doing}: ${at('kind').path} is ${JSON.stringify(kind)}, which is no kind of failure. ` +
        'Was it changed by hand, or written by a newer two-generals?',
    )
  const of = at('of').json === undefined ? {} : { of: readText(at('of'), true) }
  return { invariant: readText(at('invariant')), kind, ...of, text: readText(at('text'), true) }
}

/** Version 1 named a failure by one string. */
function readViolatedV1(spot: Spot): Violated {
  const at = fieldsOf(spot, ['invariant', 'class', 'text'])
  const invariant = readText(at('invariant'))
  return { invariant, ...reasonOfV1(invariant, readText(at('class'), true)), text: readText(at('text'), true) }
}

function readTest(spot: Spot): SavedTest {
  const at = fieldsOf(spot, ['file', 'name'])
  const file = readText(at('file'))
  if (/[\\/]/.test(file)) {
    throw new Error(
      `${spot.doing}: ${at('file').path} is ${JSON.stringify(file)}. Expected a file's name without folders: it ` +
        'stands one folder up.',
    )
  }
  return { file, name: readText(at('name'), true) }
}

// A folder of them.

/** A file, read or refused. */
interface Entry {
  readonly path: string
  /** As far as it could be told. */
  readonly test: Partial<SavedTest>
  readonly saved?: SavedCounterexample
  readonly problem?: Error
}

/** Temporary files, and whatever does not end in `.json`, are passed over. */
function readEntries(directory: string): readonly Entry[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => name.endsWith('.json') && !name.startsWith('.'))
  return names.sort().map((name) => readEntry(join(directory, name)))
}

function readEntry(path: string): Entry {
  let text = ''
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
    const saved = decodeCounterexample(parse(text, path), path)
    return { path, test: saved.test, saved }
  } catch (cause) {
    const found =
      cause instanceof Error && cause.message.startsWith('Cannot read ')
        ? cause.message
        : `Cannot read ${shownPath(path)}: ${messageOf(cause)}.`
    return {
      path,
      test: guessTest(text),
      problem: new Error(`${found} The file is kept as it is: correct it, or delete it to drop this counterexample.`, {
        cause,
      }),
    }
  }
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
          : `it is not JSON (${messageOf(cause)})`
    throw new Error(`Cannot read ${shownPath(path)}: ${found}.`, { cause })
  }
}

/** Whose a file is that cannot be read: a broken file should trouble its own test only. */
function guessTest(text: string): Partial<SavedTest> {
  if (!text.includes(format)) return {}
  const test = text.slice(text.indexOf('"test"'))
  const file = textAfter('file', test)
  const name = textAfter('name', test)
  return { ...(file === undefined ? {} : { file }), ...(name === undefined ? {} : { name }) }
}

function textAfter(field: string, text: string): string | undefined {
  const found = new RegExp(`"${field}"\\s*:\\s*("(?:[^"\\\\\\n]|\\\\.)*")`).exec(text)?.[1]
  try {
    return found === undefined ? undefined : String(JSON.parse(found))
  } catch {
    return undefined // a bad escape
  }
}

/**
 * A file that tells nothing belongs to the test after which it is named, and to every test where it is named after
 * none.
 */
function mayBelong({ path, test: found }: Entry, test: SavedTest, directory: string): boolean {
  if (found.name === undefined) {
    const named = /^(.+)-[0-9a-f]{10}(?:-\d+)?\.json$/.exec(basename(path))?.[1]
    return named === undefined || named === slug(test.name)
  }
  if (found.name !== test.name) return false
  return found.file === undefined || found.file === test.file || !existsSync(join(directory, '..', found.file))
}

const maxNames = 100

/** The file that holds this violation already, whatever its name; else the first free name. */
function placeOf(directory: string, test: SavedTest, violated: Violated): string {
  const isSame = (entry: Entry): boolean =>
    entry.saved !== undefined &&
    mayBelong(entry, test, directory) &&
    entry.saved.violated.invariant === violated.invariant &&
    isSameFailure(entry.saved.violated, violated)
  const same = readEntries(directory).find(isSame)
  if (same !== undefined) return same.path
  const name = `${slug(test.name)}-${shortHash([test.file, test.name, violated.invariant, failureName(violated)])}`
  for (let n = 1; n <= maxNames; n++) {
    const path = join(directory, `${name}${n === 1 ? '' : `-${n}`}.json`)
    if (!existsSync(path) || isSame(readEntry(path))) return path // another process may have made it since
  }
  throw new Error(
    `${name}.json and ${maxNames - 1} names like it are taken by files that cannot be read; correct or delete some`,
  )
}

function shortHash(parts: readonly string[]): string {
  return hashText(JSON.stringify(parts)).padStart(10, '0').slice(-10)
}

/**
 * Writes beside the file, then renames: readers see the old file or the new one. A temporary file that a kill leaves
 * behind is passed over.
 */
function replaceWhole(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${threadId}.tmp`)
  try {
    writeFileSync(temporary, text, { flush: true })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

const maxSlugBytes = 80

/**
 * A test's name as part of a file's name: letters and digits of any script, at most 80 bytes. Different names may give
 * one slug; the hash behind it tells their files apart.
 *
 * @example slug('an order is charged / once 💸') // 'an-order-is-charged-once'
 */
export function slug(name: string): string {
  const words = name
    .toWellFormed()
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
  let cut = ''
  for (const char of words.replace(/^-/, '')) {
    if (Buffer.byteLength(cut + char) > maxSlugBytes) break
    cut += char
  }
  return cut.replace(/-$/, '') || 'test'
}

export function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
}
