// MessageChannel in a simulation: two ports in one process. A message is cloned when it is posted, and delivered as a
// step of its own in the sender's context. As in Node, a port starts with its first 'message' listener. Ports cannot be
// transferred.
import workerThreads from 'node:worker_threads'
import { current, isDead, type Context } from '../context.ts'
import { imitate, put } from './replace.ts'

/**
 * Patches MessageChannel, the global and that of node:worker_threads. Channels made outside a simulation are native.
 */
export function installMessageChannel(): void {
  const Native = globalThis.MessageChannel
  function SimulatedMessageChannel(): object {
    const context = current()
    // Throws what the native throws: a class needs new
    if (new.target === undefined) return Reflect.apply(Native, undefined, []) as never
    // The casts hold: constructing a class gives an object, and a function's prototype is one
    if (context === undefined) return Reflect.construct(Native, [], new.target) as object
    return channel(context, new.target.prototype as object)
  }
  imitate(SimulatedMessageChannel, Native)
  Reflect.defineProperty(SimulatedMessageChannel, 'prototype', { value: Native.prototype, writable: false })
  if (workerThreads.MessageChannel === Native) put(workerThreads, 'MessageChannel', SimulatedMessageChannel)
  put(globalThis, 'MessageChannel', SimulatedMessageChannel)
}

function channel(context: Context, prototype: object): object {
  const port1 = new SimulatedPort(context)
  const port2 = new SimulatedPort(context)
  port1.join(port2)
  port2.join(port1)
  return Object.create(prototype, {
    port1: { value: port1, enumerable: true },
    port2: { value: port2, enumerable: true },
  }) as object // Object.create is typed as any
}

type PortListener = (value: unknown) => void

/** One end. Extends EventTarget as Node's own does. `on`, `once` and `off` pass the bare value to listeners. */
class SimulatedPort extends EventTarget {
  readonly #owner: Context
  #peer: SimulatedPort | undefined
  #started = false
  #ref = false
  readonly #waiting: (() => void)[] = []
  readonly #wrapped = new Map<PortListener, (event: Event) => void>()
  #onmessage: ((event: Event) => void) | null = null

  constructor(owner: Context) {
    super()
    this.#owner = owner
  }

  join(peer: SimulatedPort): void {
    this.#peer = peer
  }

  postMessage(value: unknown, transfer?: Transferable[] | StructuredSerializeOptions): void {
    const options = Array.isArray(transfer) ? { transfer } : transfer
    const data: unknown = structuredClone(value, options)
    const poster = current() ?? this.#owner
    this.#peer?.receive(poster, () => new MessageEvent('message', { data }))
  }

  /** Delivers an event once the port has started, as a step of its own. */
  receive(poster: Context, make: () => Event): void {
    if (isDead(poster.life) || isDead(this.#owner.life)) return
    const deliver = (): void =>
      void poster.host.soon(poster, () => this.#peer !== undefined && this.dispatchEvent(make()))
    if (this.#started) deliver()
    else this.#waiting.push(deliver)
  }

  start(): void {
    this.#started = true
    for (const deliver of this.#waiting.splice(0)) deliver()
  }

  /** Closes both ends. What was posted but not delivered is lost. */
  close(): void {
    const ends = [this, this.#peer]
    const context = current() ?? this.#owner
    if (this.#peer === undefined || isDead(context.life)) return
    for (const end of ends) end?.leave(context)
  }

  leave(context: Context): void {
    this.#peer = undefined
    this.#waiting.length = 0
    context.host.soon(context, () => this.dispatchEvent(new Event('close')))
  }

  get onmessage(): ((event: Event) => void) | null {
    return this.#onmessage
  }

  set onmessage(handler: ((event: Event) => void) | null) {
    if (this.#onmessage !== null) this.removeEventListener('message', this.#onmessage)
    this.#onmessage = typeof handler === 'function' ? handler : null
    if (this.#onmessage !== null) this.addEventListener('message', this.#onmessage)
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...args)
    if (args[0] !== 'message') return
    this.#ref = true
    this.start()
  }

  on(type: string, listener: PortListener): this {
    return this.#listen(type, listener, false)
  }

  once(type: string, listener: PortListener): this {
    return this.#listen(type, listener, true)
  }

  off(type: string, listener: PortListener): this {
    this.removeEventListener(type, this.#wrapped.get(listener) ?? null)
    return this
  }

  addListener(type: string, listener: PortListener): this {
    return this.on(type, listener)
  }

  removeListener(type: string, listener: PortListener): this {
    return this.off(type, listener)
  }

  #listen(type: string, listener: PortListener, once: boolean): this {
    const wrapped =
      this.#wrapped.get(listener) ??
      ((event: Event): void => listener(event instanceof MessageEvent ? event.data : event))
    this.#wrapped.set(listener, wrapped)
    this.addEventListener(type, wrapped, { once })
    return this
  }

  ref(): void {
    this.#ref = true
  }

  unref(): void {
    this.#ref = false
  }

  hasRef(): boolean {
    return this.#ref
  }
}
