// Patches the globals, once per worker. Each patched function looks for the current context. Without one the native
// function runs unchanged; otherwise the context's Host decides. The files in globals/ know nothing of histories,
// faults or the scheduler.
import { syncBuiltinESMExports } from 'node:module'
import { installAbort } from './globals/abort.ts'
import { installBroadcastChannel } from './globals/broadcast-channel.ts'
import { installConsole } from './globals/console.ts'
import { installDate } from './globals/date.ts'
import { fakesInPlace, reassert, watching } from './globals/fake-timers.ts'
import { installLocks } from './globals/locks.ts'
import { installMessageChannel } from './globals/message-channel.ts'
import { awaitModules } from './globals/module-loading.ts'
import { installPerformance } from './globals/performance.ts'
import { installProcess } from './globals/process-listeners.ts'
import { installRandom } from './globals/randomness.ts'
import { installRealWork } from './globals/real-work.ts'
import { installRequestClone } from './globals/request-clone.ts'
import { installResponse, reassertResponse } from './globals/response.ts'
import { installTemporal } from './globals/temporal.ts'
import { installTimersPromises } from './globals/timers-promises.ts'
import { installTimers } from './globals/global-timers.ts'
import { installWrites } from './globals/writes.ts'
import { installZlibStreams } from './globals/zlib-streams.ts'

export { chosenDispatcher, installDispatchers, optionOf } from './globals/dispatchers.ts'
export { watchEscapes } from './globals/escapes.ts'
export { fakeTimersMessage } from './globals/fake-timers.ts'
export { assertFetch, nativeFetch, restoreFetch } from './globals/global-fetch.ts'
export { installListeners } from './globals/listeners.ts'
export { nullBodyStatuses, takeText, textOf } from './globals/response.ts'
export { platformClass } from './globals/platform-class.ts'
export { processOf } from './globals/process-life.ts'
export { put, replace, type Callable } from './globals/replace.ts'
export { socketWords, wordsOfModule } from './globals/socket-words.ts'
export { blame, callerOf, userFrame, userFrames, userLine } from './globals/user-frame.ts'
export { listenForCrashes, type CrashKind, type OnCrash } from './globals/process-events.ts'

let installed = false

/**
 * Patches the globals of this worker. Later calls only replace again what was set back to the native in between.
 *
 * Does nothing while fake timers are in place: `fakeTimersMessage` then reports them.
 */
export function install(): void {
  installConsole()
  installProcess()
  awaitModules()
  if (installed) {
    reassertResponse()
    return reassert()
  }
  if (fakesInPlace()) return
  installed = true
  watching(() => {
    installDate()
    installTimers()
    installPerformance()
  })
  installResponse()
  installRequestClone()
  installTemporal()
  installTimersPromises()
  installRandom()
  installAbort()
  installMessageChannel()
  installBroadcastChannel()
  installLocks()
  installRealWork()
  installZlibStreams()
  installWrites()
  syncBuiltinESMExports() // so that named imports of node: modules see the replacements
}
