// One test of a framework that explores a system: its saved counterexamples first, its report, and what it saves. Knows
// the shape of a test in vitest, and does not import it.
import { relative } from 'node:path'
import { assessmentTitles, type AssessOptions, type Assessment } from './assessment.ts'
import { seedOf } from './explore/seed-of.ts'
import { assertNumber, assertOptions } from './plain/options.ts'
import { startStopwatch } from './plain/stopwatch.ts'
import { renamedSince } from './saved/known-names.ts'
import { onlyScenario, onlyText } from './saved/only-scenario.ts'
import { orphans } from './saved/orphans.ts'
import { assessSaved } from './assess-saved.ts'
import { findingsOnly, judgedBy, type FindingsOnly } from './findings/findings-only.ts'
import { formatFindings } from './findings/format-findings.ts'
import { withOracles } from './oracle/oracles.ts'
import { assessOpen } from './property.ts'
import { loadCounterexamples } from './saved/load-counterexamples.ts'
import { saveCounterexample } from './saved/save-counterexample.ts'
import { findingOf } from './saved/saved-counterexample.ts'
import { joinedName, testNameOf, type TestName } from './plain/test-name.ts'
import { isFirstOfItsName, mayBeOfAnother, sameNameText, testsOf, type TestTask } from './saved/tests-of-file.ts'
import { openGiven, type GivenSystem } from './open-given.ts'
import { formatAssessment } from './report/format-assessment.ts'
import { calledIn, packageName, pointedError, type UserCall } from './report/pointed-error.ts'
import { hasColour } from './report/has-colour.ts'
import { pageWidth } from './report/page-width.ts'
import { replayCommand } from './report/replay-command.ts'
import { startedWith } from './report/started-with.ts'
import { defaultTimeoutMs, runId } from './report/vitest-settings.ts'
import { SetupError } from './simulate/setup-error.ts'
import { inTurn } from './simulate/turns.ts'

/** Options of a resilience test, in vitest's and fast-check's names. */
export interface ResilienceOptions {
  /**
   * Random histories; the fault-free ones, every single fault, and shrinking are extra.
   *
   * @default what `fc.configureGlobal` says, else 100
   */
  readonly numRuns?: number
  /**
   * Also runs all sets of up to so many faults on the smallest workload: 1 for every single fault (which is always
   * done), 2 for every pair as well, 3 for every set of three. How many there are, and how long they take, is printed
   * before they are run. A test that time leaves before they are done is red, and says how long all of them need. The
   * idea is the small scope of Jackson and Damon 1996, "Elements of Style": most bugs show in some small case.
   *
   * @default every single fault
   * @example testResilience('an order is charged once', { exhaustive: 2, timeout: 120_000 }, system)
   */
  readonly exhaustive?: 1 | 2 | 3
  /**
   * What every random choice is derived from. The environment variable TWO_GENERALS_SEED (a number, or `random`)
   * overrides it.
   *
   * @default by the test's name
   */
  readonly seed?: number
  /**
   * In milliseconds of real time, without waiting for other tests of the worker; 0 for no limit. Exploring and
   * shrinking end at 80 % of it. What time decides, and what not, stands in docs/suites.md.
   *
   * @default a minute, or vitest's `testTimeout` where that is longer or 0
   */
  readonly timeout?: number
}

const known: Record<keyof ResilienceOptions, true> = { numRuns: true, exhaustive: true, seed: true, timeout: true }

/** @throws if an option is unknown, or of another kind */
export function assertResilienceOptions(name: string, options: ResilienceOptions): void {
  assertOptions(`testResilience(${JSON.stringify(name)})`, options, known)
  assertNumber('numRuns', options.numRuns, 'a whole number from 0')
  assertNumber('exhaustive', options.exhaustive, '1, 2 or 3')
  assertNumber('seed', options.seed, 'a whole number')
  if (options.timeout !== Infinity) assertNumber('timeout', options.timeout, 'milliseconds from 0')
}

/** What a test of vitest knows of itself. */
export interface RunningTest {
  readonly task: TestTask & {
    readonly file: Pick<TestTask, 'tasks'> & { readonly filepath: string; readonly projectName?: string | undefined }
  }
  readonly signal: AbortSignal
  readonly skip: (note: string) => never
  /** Not in every version. */
  readonly annotate?: (message: string, type: string) => unknown
  readonly expect: (value: unknown) => { toBe(expected: unknown): void }
}

/** The share of the limit that exploring and shrinking may use: the rest is for the report. */
const shareOfTimeout = 0.8

function pointedAtAll(errors: readonly Error[], at: UserCall): Error {
  return pointedError(errors.map(({ message }) => message).join('\n'), at, packageName)
}

/** What makes a test pass: that no invariant is violated or, for a defect that is known, that one is. */
export type Expected = 'holds' | 'violated'

/** A test as it was declared. */
interface Declared<C> {
  readonly options: ResilienceOptions
  readonly system: GivenSystem<C>
  readonly at: UserCall
  readonly expects: Expected
}

/** Explores, and passes or throws what is shown to the user. */
export async function verify<C extends RunningTest>(context: C, declared: Declared<C>): Promise<void> {
  const { task } = context
  const { at } = declared
  const before = failedBefore.get(task)
  if (before !== undefined) throw before
  reportOrphans(task.file)
  if (!isFirstOfItsName(task)) throw pointedError(sameNameText(testNameOf(task)), at, packageName)
  const only = process.env['TWO_GENERALS_ONLY'] ?? ''
  await inTurn(() => (only === '' ? verifyAlone(context, declared) : verifyOnly(only, context, declared)))
}

/** Says once a run which test TWO_GENERALS_ONLY names: it may be none of those that run. Called for each test. */
export function announceOnly(): void {
  const only = process.env['TWO_GENERALS_ONLY'] ?? ''
  const text = only === '' ? undefined : onlyText(only, runId())
  if (text !== undefined) console.warn(text)
}

/**
 * Runs one saved scenario in the test that it belongs to. All other tests are skipped. A known defect is no exception:
 * who asks for its scenario wants to see the story.
 */
async function verifyOnly<C extends RunningTest>(path: string, context: C, { system, at }: Declared<C>): Promise<void> {
  const { task } = context
  const test = { ...testNameOf(task), testFile: task.file.filepath }
  const only = onlyScenario(path, test, testsOf(task.file), runId())
  if (only.kind === 'broken') throw pointedError(only.text, at, packageName)
  if (only.kind !== 'run') return context.skip(only.text)
  const { saved } = only
  const { simulation, lookedAt: looked } = await openGiven(system, context, at, Infinity)
  try {
    const unknown = renamedSince(saved, simulation.system)
    if (unknown.length > 0) throw pointedAtAll(unknown, at)
    const assessment = await assessSaved(
      looked === undefined ? simulation : judgedBy(simulation, looked.lookouts),
      saved,
    )
    const place = { test: task.name, file: calledIn(task.file.filepath, at), replay: replayOf(task, ''), saved: path }
    const text = formatAssessment(assessment, place, { colour: hasColour(), width: pageWidth() })
    if (assessment.kind === 'violated') throw pointedError(text, at, assessmentTitles.violated)
    context.expect(assessment.kind).toBe('holds')
    console.warn(text)
  } catch (error) {
    throw atTheirLine(error, at)
  } finally {
    await simulation.close()
  }
}

async function verifyAlone<C extends RunningTest>(context: C, declared: Declared<C>): Promise<void> {
  const { task } = context
  const { options, system, at, expects } = declared
  const name = testNameOf(task)
  const { timeout = defaultTimeoutMs() } = options
  const limitMs = timeout > 0 ? timeout : Infinity
  const stopwatch = startStopwatch()
  const { found, problems } = loadCounterexamples(task.file.filepath, name)
  if (problems.length > 0) throw pointedAtAll(problems, at)
  const { simulation, lookedAt: looked } = await openGiven(system, context, at, limitMs)
  try {
    const saved = found.filter(
      (one) => !mayBeOfAnother(one, name, testsOf(task.file)) || renamedSince(one, simulation.system).length === 0,
    )
    const unknown = saved.flatMap((one) => renamedSince(one, simulation.system))
    if (unknown.length > 0) throw pointedAtAll(unknown, at)
    const how = {
      ...assessOptions(options, joinedName(name)),
      timeLimitMs: limitMs * shareOfTimeout - stopwatch.elapsedMs(),
      stopped: () => context.signal.aborted,
      announce: (text: string) => console.warn(`${task.name}: ${text}`),
      saved,
    }
    if (looked === undefined)
      return report(context, await withOracles(await assessOpen(simulation, how), simulation), at, expects)
    reportFindings(context, await findingsOnly(simulation, looked, how), at, expects)
  } catch (error) {
    throw atTheirLine(error, at)
  } finally {
    await simulation.close()
  }
}

/** What was seen was seen: vitest's `retry` asks again in vain. Only what time decided may change. */
const failedBefore = new WeakMap<object, Error>()

/** Files whose orphans were reported: once is enough. */
const reported = new WeakSet<object>()

function reportOrphans(file: RunningTest['task']['file']): void {
  if (reported.has(file)) return
  reported.add(file)
  for (const text of orphans(file.filepath, testsOf(file))) console.warn(text)
}

/** Whatever is wrong with a system is reported at the line that declares the test. */
function assessOptions({ numRuns, exhaustive, seed }: ResilienceOptions, name: string): AssessOptions {
  return {
    seed: seedOf(process.env['TWO_GENERALS_SEED'], seed, name),
    ...(numRuns === undefined ? {} : { numRuns }),
    ...(exhaustive === undefined ? {} : { exhaustive }),
  }
}

/** Passes, or throws the story of the failure, which is saved. */
function report(context: RunningTest, assessment: Assessment, at: UserCall, expects: Expected): void {
  const { task } = context
  const name = testNameOf(task)
  const place = { test: task.name, file: calledIn(task.file.filepath, at) }
  const style = { colour: hasColour(), width: pageWidth() }
  if (assessment.kind === 'holds') {
    if (expects === 'violated')
      throw pointedError(notViolatedText(formatAssessment(assessment, place)), at, packageName)
    context.expect(assessment.kind).toBe('holds') // an assertion, for `expect.requireAssertions`
    void context.annotate?.(formatAssessment(assessment, place), 'two-generals')
    if (assessment.remarks.length > 0) console.warn(formatAssessment(assessment, place, style))
    return
  }
  const failed = (text: string): Error => {
    const error = pointedError(text, at, assessmentTitles[assessment.kind])
    if (assessment.kind !== 'inconclusive') failedBefore.set(task, error)
    return error
  }
  if (assessment.kind !== 'violated') throw failed(formatAssessment(assessment, place, style))
  const remarks = [...assessment.remarks]
  const saved = save(task.file.filepath, name, assessment, remarks)
  const found = { ...place, replay: replayOf(task, place.file), ...(saved === undefined ? {} : { saved }) }
  if (expects === 'holds') throw failed(formatAssessment({ ...assessment, remarks }, found, style))
  context.expect(assessment.kind).toBe('violated')
  void context.annotate?.(formatAssessment({ ...assessment, remarks }, found), 'two-generals')
}

/** Passes, since nothing was judged, and says so. What is wrong with the set-up fails as always. */
function reportFindings(context: RunningTest, found: FindingsOnly, at: UserCall, expects: Expected): void {
  const { task } = context
  const { assessment } = found
  const place = { test: task.name, file: calledIn(task.file.filepath, at) }
  if (assessment.kind === 'broken') throw pointedError(assessment.text, at, assessmentTitles.broken)
  if (expects === 'violated')
    throw pointedError('testResilience.fails: the system has no invariants, so nothing can fail.', at, packageName)
  context.expect(found.findings).toBe(found.findings) // an assertion, for `expect.requireAssertions`
  void context.annotate?.(formatFindings(found, place), 'two-generals')
  console.warn(formatFindings(found, place, { colour: hasColour(), width: pageWidth() }))
}

function notViolatedText(assessed: string): string {
  return (
    'testResilience.fails: no invariant is violated any more. If the defect is mended, remove `.fails`; if it is ' +
    `not, it was not found.\n${assessed}`
  )
}

/** @param place `checkout.test.ts:12` */
function replayOf(task: RunningTest['task'], place: string): string {
  const { file } = task
  const line = /:(\d+)$/.exec(place)?.[1]
  const { filepath, projectName: project } = file
  const [test, tests] = [testNameOf(task), testsOf(file)]
  return replayCommand({ file: filepath, test, tests, line, project, given: startedWith() })
}

function save(
  file: string,
  name: TestName,
  { counterexample }: Extract<Assessment, { readonly kind: 'violated' }>,
  remarks: string[],
): string | undefined {
  try {
    return relative(process.cwd(), saveCounterexample(file, name, findingOf(counterexample)))
  } catch (error) {
    // Part of the report: the failure itself must not be lost because it could not be saved
    remarks.push(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** What went wrong outside a history is shown at the user's line; what vitest itself has thrown stays as it is. */
function atTheirLine(error: unknown, at: UserCall): unknown {
  if (!(error instanceof SetupError)) return error
  const shown = pointedError(error.message, at, packageName)
  if (error.cause !== undefined) shown.cause = error.cause
  return shown
}
