// How many requests one dispatcher of undici has under way at an origin: `connections` and `pipelining` of its options.
// Each process has connections of its own.
import { isDead, type Context, type Life } from '../simulate/context.ts'
import { optionOf, processOf } from '../simulate/globals.ts'

/** A place in a connection. */
export interface ConnectionSlot {
  /** Resolves when it is this request's turn. */
  readonly free: Promise<void>
  release(): void
}

interface QueuedRequest extends ConnectionSlot {
  readonly life: Life
  readonly take: () => void
}

/** Requests that are under way or wait, in their order. */
type RequestQueue = QueuedRequest[]

const lines = new WeakMap<object, WeakMap<Life, Map<string, RequestQueue>>>()

/** Takes a place, or queues for one. */
export function connectionOf(dispatcher: object, { life }: Context, origin: string): ConnectionSlot {
  const most = mostAtOnce(dispatcher)
  const { promise: free, resolve: take } = Promise.withResolvers<void>()
  if (most === Infinity) take()
  const line = lineOf(dispatcher, processOf(life), origin)
  const admit = (): void => {
    const open = line.filter((place) => !isDead(place.life)) // an attempt that has ended waits for nothing
    line.splice(0, line.length, ...open)
    for (const place of line.slice(0, most)) place.take()
  }
  const own: QueuedRequest = {
    life,
    free,
    take,
    release: () => {
      const index = line.indexOf(own)
      if (index >= 0) line.splice(index, 1)
      admit()
    },
  }
  line.push(own)
  admit()
  return own
}

function lineOf(dispatcher: object, process: Life, origin: string): RequestQueue {
  const ofDispatcher = lines.get(dispatcher) ?? new WeakMap<Life, Map<string, RequestQueue>>()
  lines.set(dispatcher, ofDispatcher)
  const ofProcess = ofDispatcher.get(process) ?? new Map<string, RequestQueue>()
  ofDispatcher.set(process, ofProcess)
  const line = ofProcess.get(origin) ?? []
  ofProcess.set(origin, line)
  return line
}

/** An Agent and a Pool open as many connections as they need unless told otherwise; a Client has one. */
function mostAtOnce(dispatcher: object): number {
  const connections = dispatcher.constructor.name === 'Client' ? 1 : optionOf(dispatcher, 'connections')
  const pipelining = optionOf(dispatcher, 'pipelining', 'pipelining')
  if (typeof connections !== 'number') return Infinity
  return connections * (typeof pipelining === 'number' && pipelining > 0 ? pipelining : 1)
}
