// A host small enough to be seen through: one queue by (time, sequence), real work released in order of its start.
import { Clock, epochMs } from '../../src/simulate/clock.ts'
import {
  isDead,
  within,
  type Context,
  type Ending,
  type Host,
  type Life,
  type VirtualTimer,
} from '../../src/simulate/context.ts'
import { mix32 } from '../../src/plain/random.ts'
import { rootOf } from '../address-of.ts'

interface Entry {
  atMs: number
  seq: number
  run: () => void
}

interface Work {
  done: boolean
  release: () => void
}

/** Steps before giving up. */
const turns = 100_000
/**
 * How long real work may take, in milliseconds: turns come fast on some Nodes, and the work slowly on a busy machine.
 */
const workCapMs = 20_000

export class FakeHost implements Host {
  readonly healed = false
  readonly extent = { expects: (): void => undefined }
  readonly overheard: Map<string, unknown[]> = new Map()
  nowMs = 0
  touched = 0
  readonly log: string[] = []
  readonly escapes: { what: string; at: string }[] = []
  #seq = 0
  #draws = 0
  #queue: Entry[] = []
  readonly #works: Work[] = []

  context(node = 'shop'): Context {
    const life: Life = { node, clock: new Clock(), dead: false, paused: undefined, incarnation: 1 }
    return {
      host: this,
      life,
      root: rootOf(`boot(${node})`),
      path: [],
      id: node,
      invocation: -1,
      cause: 0,
      counts: new Map<string, number>(),
      sends: undefined,
    }
  }

  refuses(): boolean {
    return false
  }

  fail(error: Error): void {
    throw error
  }

  wallMs(life: Life): number {
    return Math.floor(life.clock.wallMs(this.nowMs))
  }

  timerMs(life: Life): number {
    return life.clock.timerMs(this.nowMs)
  }

  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer {
    let entry: Entry | undefined
    let kept = true
    const start = (): void => {
      entry = { atMs: this.nowMs + delayMs, seq: this.#seq++, run }
      this.#queue.push(entry)
    }
    const cancel = (): void => {
      this.#queue = this.#queue.filter((other) => other !== entry)
      entry = undefined
    }
    const run = (): void => {
      entry = undefined
      if (periodic) start()
      if (!isDead(context.life)) within(context, callback)
    }
    start()
    const refresh = (): void => {
      cancel()
      start()
    }
    return {
      cancel,
      refresh,
      keep: (ref) => {
        kept = ref
      },
      spentIf: () => undefined,
      get kept() {
        return kept
      },
      get active() {
        return entry !== undefined
      },
    }
  }

  works(_: Context, what: string): () => void {
    const entry: Work = { done: false, release: () => undefined }
    this.log.push(`start ${what}`)
    this.#works.push(entry)
    return () => {
      entry.done = true
    }
  }

  soon(context: Context, callback: () => void): VirtualTimer {
    return this.arm(context, 0, callback, false)
  }

  async await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T> {
    this.log.push(`start ${what}`)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const entry: Work = { done: false, release: () => resolve(undefined) }
    this.#works.push(entry)
    const settled = (): void => {
      entry.done = true
    }
    void Promise.resolve(work).then(settled, settled)
    await promise
    this.log.push(`release ${what} on ${context.life.node}`)
    return work
  }

  draw(_context: Context, source: string): number {
    this.log.push(source)
    return mix32(++this.#draws * 0x9e3779b1)
  }

  escaped(_context: Context, what: string, at: string): void {
    this.escapes.push({ what, at })
  }

  effect(_context: Context, name: string): undefined {
    this.log.push(name)
  }

  fetch(): Promise<Response> {
    return Promise.reject(new Error('This host has no network.'))
  }

  changing(): void {}

  reading<T>(_context: Context, _store: unknown, read: () => T): T {
    return read()
  }

  stored(): void {
    throw new Error('This host has no stores.')
  }

  noted(_context: Context, journal: string): void {
    this.log.push(journal)
  }

  printed(_context: Context, text: string): void {
    this.log.push(text)
  }

  ends(context: Context, how: Ending): void {
    this.log.push(`${context.life.node} ends: ${how}`)
  }

  touch(): void {
    this.touched += 1
  }

  /** Steps until nothing is due by `untilMs` and no work is open. */
  async run(untilMs = 60_000): Promise<void> {
    const endMs = performance.now() + workCapMs
    for (let turn = 0; turn < turns && performance.now() < endMs; turn++) {
      await turnOver()
      const first = this.#works[0]
      if (first !== undefined) {
        if (first.done) this.#works.shift()?.release()
        else turn -= 1
        continue
      }
      const entry = this.#queue.toSorted((a, b) => a.atMs - b.atMs || a.seq - b.seq)[0]
      if (entry === undefined || entry.atMs > untilMs) return
      this.#queue = this.#queue.filter((other) => other !== entry)
      this.nowMs = Math.max(this.nowMs, entry.atMs)
      entry.run()
    }
    throw new Error('The real work took too many turns.')
  }
}

/** Runs code in a fresh host's context and drives it to quiet; gives the code's result. */
export async function simulated<T>(
  code: (host: FakeHost, context: Context) => T | Promise<T>,
  node?: string,
): Promise<T> {
  const host = new FakeHost()
  const context = host.context(node)
  const result = within(context, async () => code(host, context))
  await host.run()
  return Promise.race([
    result,
    turnOver()
      .then(turnOver)
      .then(() => {
        throw new Error('The code is still pending at quiet.')
      }),
  ])
}

/** One native turn of the event loop: called outside any context. */
export async function turnOver(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  await new Promise<void>((resolve) => setImmediate(resolve))
}

export { epochMs }
