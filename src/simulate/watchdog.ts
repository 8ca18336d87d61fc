// The helper thread of stuck.ts, as the text of a script. A file of its own would be .ts here and .js in the package,
// and Node below 22.18 cannot load .ts files. Plain CommonJS that Node runs unchanged. It knows nothing of nodes: the
// stuck thread provides the text to print.
//
// The helper asks the watched thread for signs of life. Where none comes within the limit, it asks that thread where it
// is: V8's inspector evaluates an expression at the next loop iteration or call, also in the middle of a microtask, of
// nextTick and of a regular expression.

/** What the script is given. */
export interface WatchdogInput {
  /** Shared with the watched thread: [1 when it has answered, number of histories running in it]. */
  readonly signs: Int32Array
  /** Its `threadId`: 0 is the main thread. */
  readonly thread: number
  readonly limitMs: number
  /** Evaluated in the watched thread: `{ rank, text }`, what is stuck and where. The highest rank wins; 2 is exact. */
  readonly ask: string
  /** The text to print when the thread gives no answer. */
  readonly unknown: string
}

/** The script. Needs {@link WatchdogInput} as `workerData`; the parent has to answer its messages. */
export const watchdog: string = `'use strict'
const { parentPort, workerData: { signs, thread, limitMs, ask, unknown } } = require('node:worker_threads')
const { writeSync } = require('node:fs')

const toAnswerMs = 5_000 // how long the watched thread has to report where it is
const toEndMs = 2_000 // how long a thread or process has to end
const mostSamples = 200 // for a loop whose stack rarely shows a line of the user's

let missed = 0
let looking = false

setInterval(() => { // ten within the limit: a laptop that slept through one was not stuck
  if (looking) return
  if (signs[0] === 1) {
    signs[0] = 0
    missed = 0
    parentPort.postMessage('alive?')
  } else if (signs[1] === 0) missed = 0
  else if (++missed >= 10) look()
}, limitMs / 10)

function look() {
  looking = true
  let best = { rank: 0, text: unknown }
  let samples = 0
  let over = false
  const session = connect()
  const done = (end) => {
    if (over) return
    over = true
    clearTimeout(givingUp)
    if (end !== undefined && signs[0] === 0) {
      print(best.text)
      return end()
    }
    session?.disconnect()
    looking = false
    missed = 0
  }
  const givingUp = setTimeout(() => done(killProcess), toAnswerMs)
  const heard = (sample, again, end) => {
    if (sample.rank >= best.rank) best = sample
    if (signs[0] === 1 || best.rank === 2 || ++samples >= mostSamples) done(end)
    else setTimeout(() => { if (!over) again() }, 1 + samples % 7)
  }
  session?.post('Runtime.evaluate', evaluate("process.getBuiltinModule('node:inspector').url()"), (_, answer) => {
    if (answer?.result?.value !== undefined) done() // a debugger is attached: the thread may be at a breakpoint
    else if (thread === 0) askMain(session, heard)
    else askThread(session, heard)
  })
}

function connect() {
  try {
    const { Session } = require('node:inspector')
    const session = new Session()
    session.connectToMainThread()
    return session
  } catch {
    return undefined // a Node without inspector
  }
}

function askMain(session, heard) {
  const again = () => session.post('Runtime.evaluate', evaluate(ask), (_, answer) => {
    const sample = answer?.result?.value
    if (sample !== undefined) heard(sample, again, killProcess)
  })
  again()
}

/** Other threads are reached through the main one. Each is asked, and only the watched one gives an answer. */
function askThread(session, heard) {
  const send = (sessionId, expression) => session.post('NodeWorker.sendMessageToWorker', {
    sessionId, message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: evaluate(expression) }),
  })
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => send(sessionId, ask))
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    const sample = JSON.parse(message).result?.result?.value
    if (sample !== undefined) heard(sample, () => send(sessionId, ask), () => {
      send(sessionId, 'process.reallyExit(1)') // vitest forbids process.exit
      setTimeout(killProcess, toEndMs)
    })
  })
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
}

function evaluate(expression) {
  return { expression: expression + '\\n//# sourceURL=node:internal/two-generals', returnByValue: true, silent: true }
}

function killProcess() {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), toEndMs) // a listener for SIGTERM could never run
}

function print(text) {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return writeSync(2, text + '\\n') // process.stderr goes through the watched thread
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10) // a full pipe
    }
  }
}
`
