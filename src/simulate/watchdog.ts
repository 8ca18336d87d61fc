// The helper thread of stuck.ts, as the text of a script: a file of its own would be .ts here and .js in the package,
// and Node below 22.18 does not load the first. Plain CommonJS, run by Node as it stands. Knows nothing of nodes: what
// it prints is told by the stuck thread.
//
// It asks the watched thread for signs of life. With none for the limit, it lets that thread, in the middle of its
// loop, say where it is: V8's inspector evaluates an expression at the next loop edge or call, also in a microtask, in
// nextTick and in a regular expression.

/** What the script is given. */
export interface WatchdogInput {
  /** Shared with the watched thread: [1 when it has answered, how many histories run in it]. */
  readonly signs: Int32Array
  /** Its `threadId`: 0 is the main thread. */
  readonly thread: number
  readonly limitMs: number
  /** Evaluates to `{ rank, text }` in the watched thread: what is stuck where, the better the higher; 2 is exact. */
  readonly ask: string
  /** What to print when it cannot even say that. */
  readonly unknown: string
}

/** Needs {@link WatchdogInput} as `workerData`, and answers to its messages. */
export const watchdog: string = `'use strict'
const { parentPort, workerData: { signs, thread, limitMs, ask, unknown } } = require('node:worker_threads')
const { writeSync } = require('node:fs')

const toAnswerMs = 5_000 // for the watched thread to say where it is
const toEndMs = 2_000 // for a thread or process to end when told to
const mostSamples = 200 // of a loop between whose turns nothing of the user's is on the stack

let missed = 0
let looking = false

setInterval(() => { // ten to the limit: a laptop that slept through one has not been stuck
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
    if (answer?.result?.value !== undefined) done() // somebody debugs: it may stand at a breakpoint
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

/** Other threads are reached through the main one, and each is asked: those that are not meant answer nothing. */
function askThread(session, heard) {
  const send = (sessionId, expression) => session.post('NodeWorker.sendMessageToWorker', {
    sessionId, message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: evaluate(expression) }),
  })
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => send(sessionId, ask))
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    const sample = JSON.parse(message).result?.result?.value
    if (sample !== undefined) heard(sample, () => send(sessionId, ask), () => {
      send(sessionId, 'process.reallyExit(1)') // process.exit is what vitest forbids
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
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), toEndMs) // somebody listens to SIGTERM, and will never hear it
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
