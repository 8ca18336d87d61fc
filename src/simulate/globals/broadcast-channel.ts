// BroadcastChannel in a simulation. A message is cloned and goes to the other channels with the same name in the same
// process, in order, each delivery as a step of its own. Other nodes, instances and incarnations do not receive it.
// Outside a simulation the native class works as always.
import { transferableAbortController } from 'node:util'
import workerThreads from 'node:worker_threads'
import { current, isDead, type Context, type Life } from '../context.ts'
import { processOf } from './process-life.ts'
import { imitate, put, replace, type Callable } from './replace.ts'
import { callerOf, userFrame } from './user-frame.ts'

/**
 * Patches the constructor, and the methods of the prototype. Simulated and native channels share that prototype, so
 * that `instanceof` and subclasses work.
 */
export function installBroadcastChannel(): void {
  const Native = globalThis.BroadcastChannel
  // Node's own EventTarget, even if jsdom has replaced the global
  const Base = Object.getPrototypeOf(Native) as typeof EventTarget
  const prototype: object = Native.prototype
  function SimulatedBroadcastChannel(...args: unknown[]): object {
    const context = current()
    // throws, as a class called without `new` does
    if (new.target === undefined) return Reflect.apply(Native, undefined, args) as never
    // The cast holds: constructing a class gives an object
    if (context === undefined || args.length === 0) return Reflect.construct(Native, args, new.target) as object
    const target = Reflect.construct(Base, [], new.target) as EventTarget // the cast holds: Base constructs it
    open(target, { name: String(args[0]), owner: context })
    return target
  }
  imitate(SimulatedBroadcastChannel, Native)
  Object.setPrototypeOf(SimulatedBroadcastChannel, Base)
  Reflect.defineProperty(SimulatedBroadcastChannel, 'prototype', { value: prototype, writable: false })
  put(prototype, 'constructor', SimulatedBroadcastChannel)
  put(workerThreads, 'BroadcastChannel', SimulatedBroadcastChannel)
  put(globalThis, 'BroadcastChannel', SimulatedBroadcastChannel)
  installMethods(prototype)
}

function installMethods(prototype: object): void {
  const nativeName = Object.getOwnPropertyDescriptor(prototype, 'name')
  Reflect.defineProperty(prototype, 'name', {
    ...nativeName,
    get(this: object) {
      return channels.get(this)?.name ?? (nativeName?.get?.call(this) as unknown)
    },
  })
  replace(
    [prototype],
    'postMessage',
    (native) =>
      function (...args) {
        const channel = channels.get(this as object)
        if (channel !== undefined) return post(this as object, channel, args)
        refuseInside()
        return native.apply(this, args)
      },
  )
  replace([prototype], 'close', (native) => simulatedOr(native, close))
  for (const name of ['ref', 'unref']) replace([prototype], name, (native) => simulatedOr(native, (target) => target))
}

interface Channel {
  readonly name: string
  readonly owner: Context
}

/** The channels made in a simulation. */
const channels = new WeakMap<object, Channel>()

/** The open channels of each process, in the order in which they were made. */
const openInProcess = new WeakMap<Life, Set<EventTarget>>()

function openBeside({ owner }: Channel): Set<EventTarget> {
  const process = processOf(owner.life)
  const targets = openInProcess.get(process) ?? new Set()
  openInProcess.set(process, targets)
  return targets
}

function open(target: EventTarget, channel: Channel): void {
  channels.set(target, channel)
  openBeside(channel).add(target)
}

function close(target: object, channel: Channel): void {
  openBeside(channel).delete(target as EventTarget) // the cast holds: it is a BroadcastChannel
}

/**
 * Each receiver gets a copy, and handles it in the life that opened the channel. In the history the sender is its
 * cause.
 */
function post(sender: object, channel: Channel, args: readonly unknown[]): void {
  if (args.length === 0) throw new TypeError('The "message" argument must be specified')
  const beside = openBeside(channel)
  if (!beside.has(sender as EventTarget)) throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError')
  const message: unknown = structuredClone(args[0])
  const poster = current() ?? channel.owner
  if (isDead(poster.life)) return
  for (const target of beside) {
    const receiver = channels.get(target)
    if (target === sender || receiver?.name !== channel.name || isDead(receiver.owner.life)) continue
    poster.host.soon({ ...poster, life: receiver.owner.life }, () => {
      if (beside.has(target)) target.dispatchEvent(messageEvent(structuredClone(message)))
    })
  }
}

/** In jsdom and happy-dom the global event classes are not Node's, and Node's EventTarget rejects their instances. */
function messageEvent(data: unknown): Event {
  if (MessageEvent.prototype instanceof NodeEvent) return new MessageEvent('message', { data })
  return Object.defineProperty(new NodeEvent('message'), 'data', { value: data, enumerable: true })
}

const NodeEvent = nodeEvent()

function nodeEvent(): typeof Event {
  const controller = transferableAbortController() // Node's own, whatever the global is
  let seen = Event
  // the cast holds: it is the class of an event
  controller.signal.addEventListener('abort', (event) => (seen = event.constructor as typeof Event))
  controller.abort()
  return seen
}

function simulatedOr(native: Callable, simulated: (target: object, channel: Channel) => unknown): Callable {
  return function (...args) {
    const channel = channels.get(this as object)
    return channel === undefined ? native.apply(this, args) : simulated(this as object, channel)
  }
}

/** Refuses a native channel inside a simulation: it would reach the whole real process, in real time. */
function refuseInside(): void {
  const context = current()
  if (context === undefined || isDead(context.life)) return
  context.host.escaped(
    context,
    'BroadcastChannel (a channel that was opened outside the simulation, or by a constructor that was taken before ' +
      'two-generals was imported)',
    userFrame(callerOf(refuseInside)),
  )
}
