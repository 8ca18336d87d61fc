// Detects real asynchronous work that is neither simulated nor waited for, by async_hooks, and reports which line of
// the user's code started it. Switched on only while histories run. What the patched functions start natively runs
// outside any context and is not reported.
import { createHook, type AsyncHook } from 'node:async_hooks'
import process from 'node:process'
import { current } from '../context.ts'
import { nativeWork } from './native-work.ts'
import { watchRealDates } from './real-dates.ts'
import { socketWords } from './socket-words.ts'
import { callerOf, timerCaller, userFrame } from './user-frame.ts'

// Connecting is an escape. A socket's handle (TCPWRAP, TLSWRAP) and an HTTP parser are not: msw makes them for calls
// that it answers itself. Nor is listening to a signal.
const network = [
  'TCPCONNECTWRAP',
  'TCPSERVERWRAP',
  'PIPECONNECTWRAP',
  'PIPESERVERWRAP',
  'UDPWRAP',
  'UDPSENDWRAP',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'QUERYWRAP',
  'QUIC_ENDPOINT',
  'PROCESSWRAP',
  'WORKER',
  'FSEVENTWRAP',
  'STATWATCHER',
]

/**
 * Patched functions do not cause these. They come from functions that are not patched, or that were taken from their
 * module before it was patched.
 */
const notWrapped = [
  'FSREQCALLBACK',
  'FSREQPROMISE',
  'FILEHANDLECLOSEREQ',
  'CHECKPRIMEREQUEST',
  'PBKDF2REQUEST',
  'KEYPAIRGENREQUEST',
  'KEYGENREQUEST',
  'KEYEXPORTREQUEST',
  'CIPHERREQUEST',
  'DERIVEBITSREQUEST',
  'HASHREQUEST',
  'RANDOMBYTESREQUEST',
  'RANDOMPRIMEREQUEST',
  'SCRYPTREQUEST',
  'ARGON2REQUEST',
  'SIGNREQUEST',
  'VERIFYREQUEST',
]

/** Work in memory that takes some turns of the event loop, so that the drain has to wait for it. */
const turns = ['BLOBREADER', 'Immediate', 'MESSAGEPORT']

/** How many sockets are remembered at most, with the place that made them: Node connects them a tick later. */
const rememberedSockets = 1000

type ResourceCheck = (type: string, id: number, trigger: number) => void

const resourceChecks: ReadonlyMap<string, ResourceCheck> = new Map<string, ResourceCheck>([
  ...network.map((type): [string, ResourceCheck] => [type, connected]),
  ...notWrapped.map((type): [string, ResourceCheck] => [type, unwrapped]),
  ['TCPWRAP', (_, id) => rememberSocket(id)],
  ['PIPEWRAP', (_, id) => rememberSocket(id)],
  ...turns.map((type): [string, ResourceCheck] => [type, touched]),
  ['Timeout', timed],
])

const sockets = new Map<number, Error>()
let hook: AsyncHook | undefined
let watchers = 0

/** Reports escapes to the Host of their context until the returned function is called. Calls may overlap. */
export function watchEscapes(): () => void {
  watchRealDates()
  if (watchers === 0) {
    void [process.stdout, process.stderr] // sockets, made on first use: a handler must not be blamed for them
    hook ??= createHook(options)
    hook.enable()
  }
  watchers += 1
  let watching = true
  return () => {
    if (!watching) return
    watching = false
    watchers -= 1
    if (watchers > 0) return
    hook?.disable()
    sockets.clear()
  }
}

/** Without promises the hook costs nothing. Node before 24 ignores the option. */
const options: Parameters<typeof createHook>[0] & { readonly trackPromises: boolean } = { init, trackPromises: false }

function init(id: number, type: string, trigger: number): void {
  const watch = resourceChecks.get(type)
  if (watch === undefined) nativeWork(id, type)
  else if (current() !== undefined) watch(type, id, trigger)
}

function rememberSocket(id: number): void {
  sockets.set(id, callerOf(init))
  if (sockets.size <= rememberedSockets) return
  for (const oldest of sockets.keys()) {
    sockets.delete(oldest)
    return
  }
}

function connected(type: string, _: number, trigger: number): void {
  const caller = sockets.get(trigger) ?? callerOf(init)
  report(socketWords(type, caller), userFrame(caller))
}

function unwrapped(type: string): void {
  const caller = callerOf(init)
  if (!isSynchronous(caller))
    report(
      `${type} (not a function that two-generals waits for, or taken from its module before two-generals was imported)`,
      userFrame(caller),
    )
}

function touched(): void {
  current()?.host.touch()
}

/** Reports a timer only where user code started it itself, by a function that it took before the patching. */
function timed(): void {
  const at = timerCaller(callerOf(init))
  if (at !== undefined) report(takenEarly, at)
}

const takenEarly =
  'Timeout (a real timer: taken from its module before two-generals was imported? Then patch them first: write ' +
  "setupFiles: ['two-generals/preload'] in vitest.config.ts)"

/** A function like gzipSync, whose work is done when it returns. */
function isSynchronous(caller: Error): boolean {
  return /^\s*at (?:\S+\.)?(?:\w+Sync|syncBufferWrapper) (?:\[as \w+\] )?\(node:/m.test(caller.stack ?? '')
}

function report(what: string, at: string): void {
  const context = current()
  context?.host.escaped(context, what, at)
}
