// A store adapter as somebody else writes one: with the public names alone, held against the exported suite. The code
// under test uses a cache of its own; docs/adapters.md explains the adapter.
import { storeCalled, storeCaller, type Store } from 'two-generals'
import { storeConformance } from 'two-generals/conformance'

class Cache {
  #entries: ReadonlyMap<string, number> = new Map()

  constructor(entries: Iterable<readonly [string, number]>) {
    this.restore(new Map(entries))
  }

  set(key: string, value: number): void {
    this.restore(new Map([...this.#entries, [key, value]]))
  }

  delete(key: string): void {
    this.restore(new Map([...this.#entries].filter(([name]) => name !== key)))
  }

  entries(): readonly (readonly [string, number])[] {
    return [...this.#entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  snapshot(): ReadonlyMap<string, number> {
    return this.#entries
  }

  restore(entries: ReadonlyMap<string, number>): void {
    this.#entries = entries
  }
}

type Content = ReadonlyMap<string, number>

/** Watches a cache: its methods are replaced while the store is attached. */
function cacheStore(cache: Cache, name: string): Store {
  let first: Content | undefined
  /** The content before ghosts wrote. */
  let beforeGhosts: Content | undefined

  const undoGhosts = (): void => {
    if (beforeGhosts !== undefined) cache.restore(beforeGhosts)
    beforeGhosts = undefined
  }

  const reset = (): void => {
    beforeGhosts = undefined
    if (first !== undefined) cache.restore(first)
  }

  /** Carries out one call and reports it, as its caller deserves. */
  const carryOut = <T>(operation: string, values: readonly unknown[], write: boolean, call: () => T): T => {
    const caller = storeCaller()
    if (caller !== 'ghost') undoGhosts()
    else if (write) beforeGhosts ??= cache.snapshot()
    const result = call()
    if (caller === 'live') storeCalled(store, { operation: `${operation} ${name}`, values, write })
    return result
  }

  const store: Store = {
    kind: 'store',
    name,
    attach() {
      if (first !== undefined) throw new Error(`The cache "${name}" is in use by another simulation.`)
      first = cache.snapshot()
      const set = cache.set.bind(cache)
      const remove = cache.delete.bind(cache)
      const entries = cache.entries.bind(cache)
      cache.set = (key, value) => carryOut('set', [key, value], true, () => set(key, value))
      cache.delete = (key) => carryOut('delete', [key], true, () => remove(key))
      cache.entries = () => carryOut('read', [], false, entries)
    },
    detach() {
      if (first === undefined) return
      reset()
      first = undefined
      for (const method of ['set', 'delete', 'entries'] as const) Reflect.deleteProperty(cache, method)
    },
    reset,
    crash: () => undefined, // a write lasts as soon as it is done: nothing is uncommitted
    settle: undoGhosts,
    isOpen: () => false,
  }
  return store
}

storeConformance('a cache', () => {
  const cache = new Cache([['a', 1]])
  return {
    store: cacheStore(cache, 'cache'),
    writes: 'set cache',
    write: (key, value) => cache.set(key, value),
    remove: (key) => cache.delete(key),
    read: () => Object.fromEntries(cache.entries()),
  }
})
