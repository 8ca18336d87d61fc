// Listeners that code adds to emitters, to signals and to the process, where somebody asks what is left of them.
// Patched at the first such question only. What Node and this package add themselves is not looked at.
import { EventEmitter, getEventListeners } from 'node:events'
import process from 'node:process'
import { current, isDead } from '../context.ts'
import { put, replace, type Callable } from './replace.ts'
import { callerOf, isCalledByOthers } from './user-frame.ts'

/** What a simulated process listens to, in the place of Node's `process`. */
export class ProcessEmitter extends EventEmitter {}

let installed = false

/** Patches emitters and event targets of this worker, once. */
export function installListeners(): void {
  if (installed) return
  installed = true
  // `once` and its like end in these two
  replace([EventEmitter.prototype], 'on', noting)
  put(EventEmitter.prototype, 'addListener', Reflect.get(EventEmitter.prototype, 'on'))
  replace([EventEmitter.prototype], 'prependListener', noting)
  replace([EventTarget.prototype], 'addEventListener', noting)
}

function noting(native: Callable): Callable {
  return function adding(...args) {
    const result = native.apply(this, args)
    noteListener(this, args, adding)
    return result
  }
}

/** Tells the simulation of a listener that was added. `below`: what added it. */
export function noteListener(target: unknown, [type, listener]: readonly unknown[], below: Callable): void {
  const context = installed ? current() : undefined
  if (context?.host.opened === undefined || isDead(context.life) || !isCalledByOthers(below)) return
  if (!(target instanceof EventEmitter || target instanceof EventTarget)) return
  const [name, given] = [String(type), listener as () => void] // compared only
  const times = (): number => {
    if (!(target instanceof EventEmitter)) return getEventListeners(target, name).filter((one) => one === given).length
    const all = [target.listeners(type as string), target.rawListeners(type as string)]
    return Math.max(...all.map((some) => some.filter((one) => one === given).length))
  }
  const nth = times()
  context.host.opened(context, {
    kind: 'listener',
    what: `a listener for "${name}" of ${wordsOf(target)}`,
    caller: callerOf(below),
    on: target,
    isLeft: () => times() >= nth,
    key: [target, name, given, nth],
  })
}

function wordsOf(target: EventEmitter | EventTarget): string {
  if (target === process || target instanceof ProcessEmitter) return 'the process'
  const { name } = target.constructor
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}
