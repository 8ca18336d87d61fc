// Code that loops for ever, in one synchronous stretch or from microtask to microtask, lets nothing else run, not even
// a test's own timeout. A helper thread (watchdog.ts), one for each thread that simulates, misses its signs of life,
// has it say which node is stuck where, and ends it. Shows nowhere in a history.
import process from 'node:process'
import { threadId, Worker } from 'node:worker_threads'
import { current, outsideContext, type Context } from './context.ts'
import { blame, callerOf } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'
import { watchdog, type WatchdogInput } from './watchdog.ts'

/**
 * How long nothing else may run before it counts as stuck, in milliseconds of real time, unless TWO_GENERALS_STUCK_MS
 * says otherwise.
 */
const defaultLimitMs = 10_000

/**
 * Where the helper thread finds what to ask: on `process`, which is the thread's own also where vitest runs tests in
 * contexts of `node:vm`.
 */
const sampleKey = 'two-generals.stuck'

interface LoopWatch {
  /** [1 as a sign of life, how many histories run]: shared with the helper thread. */
  readonly signs: Int32Array
  /** Of the copy of this module that began a history last. */
  sample: () => Sample
}

interface Sample {
  /** 2: in the user's own code; 1: in a package's; 0: nowhere that has a line. */
  readonly rank: number
  readonly text: string
}

type Running = () => Context | undefined

let loopWatch: LoopWatch | undefined
let limitMs: number | undefined
/** Those of `watch`, once it is there. */
let signs: Int32Array = new Int32Array(2)
/** One for each history that runs. */
const runningHistories = new Set<Running>()

/**
 * Watches this thread until the function it gives is called. May overlap.
 *
 * @param running who is to blame for code without a context
 * @throws SetupError where TWO_GENERALS_STUCK_MS is no number
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

/** A sign of life. Between two steps the event loop need not turn, and gives no sign of life itself. */
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
    // A Node that may start no thread (--permission) runs histories all the same.
  }
}

/** Called by the inspector in the middle of what is stuck. */
function sample(): Sample {
  const context = current() ?? [...runningHistories].at(-1)?.()
  const found = blame(callerOf(sample))
  const who = context === undefined ? 'code outside every node' : `node "${context.life.node}"`
  const where = found === undefined ? '' : ` at ${found.at}`
  return { rank: ranks[found?.whose ?? 'node'], text: stuckText(who, where, context?.id) }
}

const ranks = { user: 2, package: 1, node: 0 } as const

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
