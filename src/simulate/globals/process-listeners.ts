// What a process hears and how it ends: listeners for SIGTERM, SIGINT and errors that nobody caught, process.exit and
// process.kill. In a simulation they are those of one simulated process; outside they are Node's own. Must not know
// what a signal leads to.
import type { EventEmitter } from 'node:events'
import os from 'node:os'
import process from 'node:process'
import { current, isDead, type Ending, type Life } from '../context.ts'
import { noteListener, ProcessEmitter } from './listeners.ts'
import { processOf } from './process-life.ts'
import { replace, type Callable } from './replace.ts'
import { callerOf, userFrame } from './user-frame.ts'

const signals: ReadonlySet<unknown> = new Set(['SIGTERM', 'SIGINT'])
/** Node emits these itself, in the context of what failed; process-events.ts passes them on. */
const errors: ReadonlySet<unknown> = new Set(['uncaughtException', 'unhandledRejection'])

const listeners = new WeakMap<Life, EventEmitter>()

/** What a process listens for; undefined where it never listened for any of these. */
export function processListeners(life: Life): EventEmitter | undefined {
  return listeners.get(life)
}

function emitterOf(life: Life): EventEmitter {
  const known = listeners.get(life)
  if (known !== undefined) return known
  const made = new ProcessEmitter()
  listeners.set(life, made)
  return made
}

const adding = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const

/** Methods of an emitter that take the name of an event first. */
const methods = [
  ...adding,
  ...(['off', 'removeListener', 'removeAllListeners', 'emit'] as const),
  ...(['listeners', 'rawListeners', 'listenerCount'] as const),
] as const

const ours = new Map<string, unknown>()

/** Patches the process; again where somebody, such as vitest, has put something in place of it. */
export function installProcess(): void {
  for (const name of methods) assert(name, (native) => listening(native, name))
  assert('exit', exiting)
  assert('kill', killing)
}

function assert(name: string, make: (native: Callable) => Callable): void {
  if (ours.has(name) && Reflect.get(process, name) === ours.get(name)) return
  replace([process], name, make)
  ours.set(name, Reflect.get(process, name))
}

function listening(native: Callable, name: (typeof methods)[number]): Callable {
  const adds = adding.some((one) => one === name)
  return function listened(...args) {
    const isOwn = signals.has(args[0]) || (errors.has(args[0]) && name !== 'emit')
    const context = isOwn ? current() : undefined
    const emitter = context === undefined ? undefined : emitterOf(processOf(context.life))
    const result: unknown =
      emitter === undefined ? native.apply(this, args) : Reflect.apply(emitter[name], emitter, args)
    if (adds) noteListener(emitter ?? this, args, listened)
    return result === emitter ? this : result
  }
}

/** Returns, unlike Node's: what runs on is a ghost, of which nothing counts. */
function exiting(native: Callable): Callable {
  return function (...args) {
    const context = current()
    if (context === undefined) return native.apply(this, args)
    if (!isDead(context.life)) context.host.ends(context, 'process.exit')
    return undefined
  }
}

function killing(native: Callable): Callable {
  return function (...args) {
    const context = current()
    const [pid, given = 'SIGTERM'] = args
    if (context === undefined || given === 0) return native.apply(this, args)
    if (isDead(context.life)) return true
    const how = nameOf(given)
    if (pid === process.pid && isEnding(how)) context.host.ends(context, how)
    else {
      const what = pid === process.pid ? `the signal ${how} to its own process` : 'a signal to another process'
      context.host.escaped(context, `${what} (process.kill)`, userFrame(callerOf(Reflect.get(process, 'kill'))))
    }
    return true
  }
}

function isEnding(name: string): name is Exclude<Ending, 'process.exit' | 'closed'> {
  return signals.has(name) || name === 'SIGKILL'
}

function nameOf(given: unknown): string {
  const found = Object.entries(os.constants.signals).find(([, number]) => number === given)
  return found === undefined ? String(given) : found[0]
}
