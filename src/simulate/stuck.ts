// Code that loops for ever, synchronously or from microtask to microtask, lets nothing else run, not even a test's own
// timeout. Each thread that simulates has a helper thread (watchdog.ts). When signs of life are missing, the helper
// asks the stuck thread which node is stuck and where, prints it and ends the thread. Histories do not show any of
// this.
import process from 'node:process'
import { threadId, Worker } from 'node:worker_threads'
import { current, outsideContext, type Context } from './context.ts'
import { blame, callerOf } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'
import { watchdog, type WatchdogInput } from './watchdog.ts'

/**
 * How long code may keep everything else from running before it counts as stuck, in milliseconds of real time. The
 * environment variable TWO_GENERALS_STUCK_MS overrides it.
 */
const defaultLimitMs = 10_000

/**
 * Where the helper thread finds the function to call. On `process`, which belongs to the thread even where vitest runs
 * tests in contexts of `node:vm`.
 */
const sampleKey = 'two-generals.stuck'

interface LoopWatch {
  /** [1 as a sign of life, number of running histories]: shared with the helper thread. */
  readonly signs: Int32Array
  /** Belongs to the copy of this module that started a history last. */
  sample: () => Sample
}

interface Sample {
  /** How good it is. 2: a line of the user's own code; 1: a line of a package; 0: no line is known. */
  readonly rank: number
  readonly text: string
}

type Running = () => Context | undefined

let loopWatch: LoopWatch | undefined
let limitMs: number | undefined
/** The signs of `loopWatch`, once that exists. */
let signs: Int32Array = new Int32Array(2)
/** One for each running history: what gives the context of its current step. */
const runningHistories = new Set<Running>()

/**
 * Watches this thread until the returned function is called. Calls may overlap.
 *
 * @param running gives the context to blame for code that has none
 * @throws SetupError where TWO_GENERALS_STUCK_MS is not a number
 */
export function watchForLoops(running: Running): () => void {
  limitMs ??= limitOf(process.env['TWO_GENERALS_STUCK_MS'])
  if (limitMs === 0) return () => undefined
  loopWatch ??= loopWatchOf(limitMs)
  loopWatch.sample = sample
  signs = loopWatch.signs
  runningHistories.add(running)
  stepBegins()
  countHistories(1)
  return () => {
    if (runningHistories.delete(running)) countHistories(-1)
  }
}

/** Gives a sign of life. The event loop itself may not turn between two steps, so that it gives none. */
export function stepBegins(): void {
  signs[0] = 1
}

function countHistories(by: number): void {
  signs[1] = (signs[1] ?? 0) + by
}

function limitOf(given: string | undefined): number {
  if (given === undefined || given === '') return defaultLimitMs
  if (/^\d+$/.test(given)) return Number(given)
  throw new SetupError(`TWO_GENERALS_STUCK_MS is "${given}"; give milliseconds of real time, or 0 for no limit.`)
}

function loopWatchOf(afterMs: number): LoopWatch {
  const symbol = Symbol.for(sampleKey)
  const known = Reflect.get(process, symbol) as LoopWatch | undefined // nobody else uses this symbol
  if (known !== undefined) return known
  const made: LoopWatch = { signs: new Int32Array(new SharedArrayBuffer(8)), sample }
  Reflect.defineProperty(process, symbol, { value: made })
  outsideContext(() => startWatchdog(made, afterMs))
  return made
}

function startWatchdog({ signs: shared }: LoopWatch, afterMs: number): void {
  const ask =
    `process.getBuiltinModule('node:worker_threads').threadId === ${threadId} ? ` +
    `process[Symbol.for('${sampleKey}')]?.sample() : undefined`
  const workerData: WatchdogInput = {
    signs: shared,
    thread: threadId,
    limitMs: afterMs,
    ask,
    unknown: stuckText('something', ' where no line is known, as in a long SQL statement'),
  }
  try {
    const worker = new Worker(watchdog, { eval: true, workerData, execArgv: [], env: {}, name: 'two-generals' })
    worker.on('message', () => {
      shared[0] = 1
    })
    worker.on('error', () => undefined)
    worker.unref()
  } catch {
    // A Node that is not allowed to start threads (--permission) can still run histories.
  }
}

/** Called by the inspector, in the middle of the stuck code. */
function sample(): Sample {
  const context = current() ?? [...runningHistories].at(-1)?.()
  const found = blame(callerOf(sample))
  const who = context === undefined ? 'code outside every node' : `node "${context.life.node}"`
  const where = found === undefined ? '' : ` at ${found.at}`
  return { rank: frameRanks[found?.whose ?? 'node'], text: stuckText(who, where, context?.id) }
}

const frameRanks = { user: 2, package: 1, node: 0 } as const

function stuckText(who: string, where: string, doing?: string): string {
  const context = doing === undefined ? '' : ` (in ${doing})`
  const ended = threadId === 0 ? 'process' : 'worker'
  return (
    `two-generals: ${who} is stuck${where}${context}. Nothing else could run for ${(limitMs ?? 0) / 1_000} s of ` +
    'real time, as in an endless loop, which cannot be ' +
    `stopped from within: this ${ended} is ended. Let the loop end, or wait with a timer. If the work is real, ` +
    'raise TWO_GENERALS_STUCK_MS (0: no limit).'
  )
}
