// The two generations of undici's handlers behind one interface: onConnect, onHeaders, onData, ... up to undici 7, and
// onRequestStart, onResponseStart, onResponseData, ... from then on. Knows nothing of requests.

/** What becomes of a request, as undici's handlers hear it. */
export interface DispatchListener {
  started(): void
  headed(head: ResponseHead): void
  /** Gives what to wait for where the handler wants a pause. */
  received(bytes: Uint8Array): Promise<void> | undefined
  ended(trailers: ResponseHead['headers']): void
  failed(error: unknown): void
}

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
}

/** Whatever methods a handler has: each generation leaves some out. */
type UndiciHandler = Readonly<Partial<Record<string, (...args: readonly unknown[]) => unknown>>>

/** Speaks to a handler in the words of its generation; it may call `abort` with a reason. */
export function listenerOf(given: object, abort: (reason: unknown) => void): DispatchListener {
  const handler = given as UndiciHandler
  const gate = new Gate()
  return handler['onRequestStart'] === undefined ? older(handler, gate, abort) : newer(handler, gate, abort)
}

function older(handler: UndiciHandler, gate: Gate, abort: (reason: unknown) => void): DispatchListener {
  const resume = (): void => gate.open()
  return {
    started: () => handler['onConnect']?.(abort, {}),
    headed: ({ status, statusText, headers }) => {
      handler['onResponseStarted']?.()
      if (handler['onHeaders']?.(status, rawOf(headers), resume, statusText) === false) gate.shut()
    },
    received: (bytes) => {
      if (handler['onData']?.(Buffer.from(bytes)) === false) gate.shut()
      return gate.opened
    },
    ended: (trailers) => handler['onComplete']?.(rawOf(trailers)),
    failed: (error) => handler['onError']?.(error),
  }
}

function newer(handler: UndiciHandler, gate: Gate, abort: (reason: unknown) => void): DispatchListener {
  const controller = {
    aborted: false,
    reason: undefined as unknown,
    rawHeaders: [] as readonly Buffer[],
    rawTrailers: [] as readonly Buffer[],
    get paused(): boolean {
      return gate.isShut
    },
    pause: (): void => gate.shut(),
    resume: (): void => gate.open(),
    abort(reason: unknown): void {
      if (controller.aborted) return
      controller.aborted = true
      controller.reason = reason
      abort(reason)
    },
  }
  return {
    started: () => handler['onRequestStart']?.(controller, {}),
    headed: ({ status, statusText, headers }) => {
      controller.rawHeaders = rawOf(headers)
      handler['onResponseStarted']?.()
      handler['onResponseStart']?.(controller, status, headersByName(headers), statusText)
    },
    received: (bytes) => {
      handler['onResponseData']?.(controller, Buffer.from(bytes))
      return gate.opened
    },
    ended: (trailers) => {
      controller.rawTrailers = rawOf(trailers)
      handler['onResponseEnd']?.(controller, headersByName(trailers))
    },
    failed: (error) => handler['onResponseError']?.(controller, error),
  }
}

function rawOf(headers: ResponseHead['headers']): readonly Buffer[] {
  return headers.flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')])
}

/** A header that stands there more than once is a list. */
function headersByName(headers: ResponseHead['headers']): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(headers, ([name]) => name)).map(([name, all = []]) => {
      const [first = '', ...more] = all.map(([, value]) => value)
      return [name, more.length === 0 ? first : [first, ...more]]
    }),
  )
}

/** Whether a handler takes more bytes now. */
class Gate {
  #shut: PromiseWithResolvers<void> | undefined

  get isShut(): boolean {
    return this.#shut !== undefined
  }

  get opened(): Promise<void> | undefined {
    return this.#shut?.promise
  }

  shut(): void {
    this.#shut ??= Promise.withResolvers()
  }

  open(): void {
    this.#shut?.resolve()
    this.#shut = undefined
  }
}
