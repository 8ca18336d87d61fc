// Sees real asynchronous work that nothing here simulates or waits for, by async_hooks, and says which line of the
// user's started it. Switched on only while histories run. What the patched functions start runs outside the context:
// not seen.
import { createHook, type AsyncHook } from 'node:async_hooks'
import process from 'node:process'
import { current } from '../context.ts'
import { callerOf, timerCaller, userFrame } from './user-frame.ts'

// A socket's handle (TCPWRAP, TLSWRAP) and an HTTP parser are no escape: msw makes them for calls that it answers
// itself. To connect is. To listen to a signal is none either.
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
 * Patched functions do not show these: they come from others of their kind, or were taken from a module before the
 * patching.
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

/** In memory, but for some turns of the event loop, which the Host must not take for quiet. */
const turns = ['BLOBREADER', 'Immediate', 'MESSAGEPORT']

/** Where a socket is made is remembered until it connects, which Node does a tick later; no more than this many. */
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

/** Reports escapes to the Host of the context they happen in, until the function it gives is called. May overlap. */
export function watchEscapes(): () => void {
  if (watchers === 0) {
    void [process.stdout, process.stderr] // made on first use, as sockets: not to be taken for a handler's
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

/** Node 24 and later can leave promises alone, which makes the hook free; earlier ones ignore the option. */
const options: Parameters<typeof createHook>[0] & { readonly trackPromises: boolean } = { init, trackPromises: false }

function init(id: number, type: string, trigger: number): void {
  const watch = resourceChecks.get(type)
  if (watch !== undefined && current() !== undefined) watch(type, id, trigger)
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
  report(type, userFrame(sockets.get(trigger) ?? callerOf(init)))
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

/** Only a timer that user code starts itself, through a function it took before the patching. */
function timed(): void {
  const at = timerCaller(callerOf(init))
  if (at !== undefined) report('Timeout (a real timer: taken from its module before two-generals was imported?)', at)
}

/** Such as gzipSync, which is done when it returns. */
function isSynchronous(caller: Error): boolean {
  return /^\s*at (?:\S+\.)?(?:\w+Sync|syncBufferWrapper) (?:\[as \w+\] )?\(node:/m.test(caller.stack ?? '')
}

function report(what: string, at: string): void {
  const context = current()
  context?.host.escaped(context, what, at)
}
