// Uncaught exceptions and unhandled rejections while histories run. The listeners that were there before (vitest's) are
// set aside, called for errors that belong to no history, and put back in their order at the end.
import process from 'node:process'
import { current, outsideContext, type Context } from '../context.ts'

/** What crashed. */
export type CrashKind = 'uncaught exception' | 'unhandled rejection'

/** Called with a crash and the context it happened in. Returns whether it belongs to its history. */
export type OnCrash = (kind: CrashKind, error: unknown, context: Context | undefined) => boolean

type Event = 'uncaughtException' | 'unhandledRejection'
type ProcessListener = (...args: unknown[]) => void

const crashKinds: Readonly<Record<Event, CrashKind>> = {
  uncaughtException: 'uncaught exception',
  unhandledRejection: 'unhandled rejection',
}
const events: readonly Event[] = ['uncaughtException', 'unhandledRejection']
const ours: Readonly<Record<Event, ProcessListener>> = {
  uncaughtException: (...args) => dispatchCrash('uncaughtException', args),
  unhandledRejection: (...args) => dispatchCrash('unhandledRejection', args),
}

const crashHandlers: OnCrash[] = []
const setAside: Record<Event, ProcessListener[]> = { uncaughtException: [], unhandledRejection: [] }
const emitter: NodeJS.EventEmitter = process

/** Handles crashes until the returned function is called. Calls may overlap: each history is asked, oldest first. */
export function listenForCrashes(onCrash: OnCrash): () => void {
  const entry: OnCrash = (...crash) => onCrash(...crash)
  if (crashHandlers.push(entry) === 1) events.forEach(takeOver)
  return () => {
    const index = crashHandlers.indexOf(entry)
    if (index === -1) return
    crashHandlers.splice(index, 1)
    if (crashHandlers.length === 0) events.forEach(giveBack)
  }
}

function takeOver(event: Event): void {
  setAside[event] = listenersOf(event)
  emitter.removeAllListeners(event)
  emitter.on(event, ours[event])
}

/** Listeners that were added in the meantime stay, behind those that were there before. */
function giveBack(event: Event): void {
  const added = listenersOf(event).filter((listener) => listener !== ours[event])
  emitter.removeAllListeners(event)
  for (const listener of [...setAside[event], ...added]) emitter.on(event, listener)
  setAside[event] = []
}

/** As registered, so that a listener added by `once` keeps its wrapper. */
function listenersOf(event: Event): ProcessListener[] {
  return emitter.rawListeners(event) as ProcessListener[] // typed as Function by Node
}

function dispatchCrash(event: Event, args: unknown[]): void {
  const context = current()
  const owned = outsideContext(() => crashHandlers.some((onCrash) => onCrash(crashKinds[event], args[0], context)))
  if (!owned) outsideContext(() => callHost(event, args))
}

/** As Node does it: a rejection without listeners is an uncaught exception, and one of those ends the process. */
function callHost(event: Event, args: unknown[]): void {
  const listeners = [...setAside[event]]
  if (listeners.length === 0) {
    if (event === 'unhandledRejection' && setAside.uncaughtException.length > 0)
      return callHost('uncaughtException', [args[0], 'unhandledRejection'])
    throw args[0]
  }
  for (const listener of listeners) {
    if (Reflect.has(listener, 'listener')) setAside[event] = setAside[event].filter((other) => other !== listener)
    listener.apply(process, args)
  }
}
