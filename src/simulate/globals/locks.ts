// navigator.locks (W3C Web Locks) in a simulation, if this version of Node has it. Each process has its own lock
// manager, which ends with the process. The callback of a granted lock runs as a step of its own. Calls that Node would
// refuse go to Node, so that errors are its own.
import { rootText } from '../../scenario/address-text.ts'
import { current, isDead, neverSettles, outsideContext, type Context, type Life } from '../context.ts'
import { processOf } from './process-life.ts'
import { callerOf } from './user-frame.ts'
import { replace } from './replace.ts'

/**
 * Patches the methods of LockManager rather than the global, so that code that has kept `navigator.locks` uses the same
 * locks.
 */
export function installLocks(): void {
  const manager: unknown = Reflect.get(globalThis.navigator, 'locks')
  if (typeof manager !== 'object' || manager === null) return
  const prototype = Object.getPrototypeOf(manager) as object // the prototype of LockManager, which is not a global
  replace(
    [prototype],
    'request',
    (native) =>
      function (...args) {
        const context = current()
        if (context === undefined) return native.apply(this, args)
        const asked = readArguments(args)
        if (asked === undefined) return outsideContext(() => native.apply(this, args))
        return isDead(context.life) ? neverSettles() : request(context, asked)
      },
  )
  replace(
    [prototype],
    'query',
    (native) =>
      function () {
        const context = current()
        if (context === undefined) return native.call(this)
        return isDead(context.life) ? neverSettles() : Promise.resolve(snapshotOf(context.life))
      },
  )
}

type LockMode = 'exclusive' | 'shared'

/** The arguments of a call of `request`. */
interface LockArguments {
  readonly name: string
  readonly mode: LockMode
  readonly ifAvailable: boolean
  readonly steal: boolean
  readonly signal: AbortSignal | undefined
  readonly callback: (lock: Lock | null) => unknown
}

interface LockRequest extends LockArguments {
  readonly context: Context
  /** Who asked for it; undefined where nobody asks for what is left open. */
  readonly caller: Error | undefined
  /** To be called as it is released. */
  closed: (() => void) | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The arguments, or `undefined` if Node would refuse them. */
function readArguments([name, given, last]: readonly unknown[]): LockArguments | undefined {
  const callback = last ?? given
  const options = last === undefined || given === undefined ? {} : given
  if (typeof callback !== 'function' || typeof options !== 'object') return undefined
  // The cast holds: reading any property of an object is allowed, and the values are checked below
  const {
    mode = 'exclusive',
    ifAvailable,
    steal,
    signal,
  } = { ...options } as Partial<Record<keyof LockArguments, unknown>>
  const takes = Boolean(steal)
  const tries = Boolean(ifAvailable)
  if ((mode !== 'exclusive' && mode !== 'shared') || String(name).startsWith('-')) return undefined
  if (takes && (tries || mode === 'shared')) return undefined
  if (signal !== undefined && (!(signal instanceof AbortSignal) || signal.aborted || takes || tries)) return undefined
  return {
    name: String(name),
    mode,
    ifAvailable: tries,
    steal: takes,
    signal,
    callback: callback as LockArguments['callback'],
  }
}

/** The locks of one process, and the requests that wait, oldest first. */
interface Locks {
  held: LockRequest[]
  pending: LockRequest[]
}

const locksOfProcess = new WeakMap<Life, Locks>()

/**
 * The locks of the process that a life belongs to. Locks of lives that have ended are released: an attempt of a client
 * can end while the client's process goes on.
 */
function locksOf(life: Life): Locks {
  const process = processOf(life)
  const locks = locksOfProcess.get(process) ?? { held: [], pending: [] }
  locksOfProcess.set(process, locks)
  locks.held = locks.held.filter(({ context }) => !isDead(context.life))
  locks.pending = locks.pending.filter(({ context }) => !isDead(context.life))
  return locks
}

function request(context: Context, asked: LockArguments): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const caller = context.host.opened === undefined ? undefined : callerOf(request)
  const own: LockRequest = { ...asked, context, caller, closed: undefined, resolve, reject }
  const locks = locksOf(context.life)
  if (own.steal) steal(locks, own)
  else if (own.ifAvailable && !isFree(locks, own, locks.pending)) start(locks, own, null)
  else enqueue(locks, own)
  return promise
}

/** Takes the lock from its holder. The holder's code goes on, but its request is rejected. */
function steal(locks: Locks, own: LockRequest): void {
  for (const { name, reject } of locks.held)
    if (name === own.name) reject(new DOMException('The operation was aborted', 'AbortError'))
  locks.held = locks.held.filter(({ name }) => name !== own.name)
  hold(locks, own)
}

function enqueue(locks: Locks, own: LockRequest): void {
  const { signal } = own
  locks.pending.push(own)
  grant(locks)
  if (locks.pending.includes(own)) tellsWait(locks, own)
  const abort = (): void => {
    if (!locks.pending.includes(own)) return // granted
    locks.pending = locks.pending.filter((other) => other !== own)
    own.reject(signal?.reason)
    grant(locks)
  }
  signal?.addEventListener('abort', abort, { once: true })
}

/** A line for the story, since a lock is no event. */
function tellsWait({ held, pending }: Locks, own: LockRequest): void {
  const holder = [...held, ...pending].find((other) => other !== own && other.name === own.name)
  const of = holder === undefined ? '' : ` of ${rootText(holder.context.root)}`
  own.context.host.printed(own.context, `waits for lock "${own.name}"${of}`)
  told.add(own)
}

/** Requests of which the story says that they wait. */
const told = new WeakSet<LockRequest>()

/** Grants the requests that can be granted, first come, first served. */
function grant(locks: Locks): void {
  const waiting: LockRequest[] = []
  for (const own of locks.pending) {
    if (isFree(locks, own, waiting)) hold(locks, own)
    else waiting.push(own)
  }
  locks.pending = waiting
}

function isFree({ held }: Locks, { name, mode }: LockRequest, earlier: readonly LockRequest[]): boolean {
  const hinders = (other: LockRequest): boolean =>
    other.name === name && (mode === 'exclusive' || other.mode === 'exclusive')
  return !held.some(hinders) && !earlier.some((other) => other.name === name)
}

function hold(locks: Locks, own: LockRequest): void {
  locks.held.push(own)
  const { context, caller } = own
  if (caller !== undefined) own.closed = context.host.opened?.(context, { kind: 'lock', what: 'a lock', caller })
  if (told.has(own)) own.context.host.printed(own.context, `gets lock "${own.name}"`)
  start(locks, own, new Lock(own.name, own.mode))
}

/** Runs the callback as a step of its own; the lock is held until what it returns has settled. */
function start(locks: Locks, own: LockRequest, lock: Lock | null): void {
  const release = (): void => {
    own.closed?.()
    if (isDead(own.context.life) || !locks.held.includes(own)) return // stolen
    locks.held = locks.held.filter((other) => other !== own)
    grant(locks)
  }
  const run = async (): Promise<unknown> => own.callback(lock)
  own.context.host.soon(own.context, () => {
    run().finally(release).then(own.resolve, own.reject)
  })
}

function snapshotOf(life: Life): LockManagerSnapshot {
  const { held, pending } = locksOf(life)
  const process = processOf(life)
  const clientId = `${process.node}-${process.instance ?? 1}-${process.incarnation}`
  const info = ({ name, mode }: LockRequest): LockInfo => ({ name, mode, clientId })
  return { held: held.map(info), pending: pending.map(info) }
}

/** The lock that the callback receives. */
class Lock {
  readonly #name: string
  readonly #mode: LockMode

  constructor(name: string, mode: LockMode) {
    this.#name = name
    this.#mode = mode
  }

  get name(): string {
    return this.#name
  }

  get mode(): LockMode {
    return this.#mode
  }

  get [Symbol.toStringTag](): string {
    return 'Lock'
  }
}
