// The store adapter for a Map or a Set that plays the part of a durable store. Patches that one instance with own
// properties, and the code under test keeps using it. Knows nothing of databases.
import { isDeepStrictEqual } from 'node:util'
import { storeCaller, storeCalled, storeChanges, storeReads } from '../simulate/store-call.ts'
import { assertOptions, assertType } from '../plain/options.ts'
import type { Store } from '../system/store.ts'
import { copyStored } from './stored-copy.ts'

/** Options of {@link map}. */
export interface MapOptions {
  /** Its name in stories and addresses. @default 'map' */
  readonly name?: string
  /** It may be read from a replica that lags. @default false */
  readonly replica?: boolean
}

/**
 * A Map or Set as a durable store: it survives crashes. What a crashed node still writes in the rest of its synchronous
 * code is undone. Directly after every call the node may crash. Every history starts from the content found.
 *
 * Inside a simulation it stores and returns *copies* of a Map's values (`structuredClone`), since no object identity
 * survives a process: changing what `get` returned changes nothing until it is `set` again. Keys, and a Set's items,
 * are not copied: use strings and numbers. Iterating reads everything at once. A Set's `union` and similar methods do
 * not count as reads.
 *
 * @throws where a value cannot be copied (functions, sockets), or its copy would lose the class of an instance, however
 *   deep: when the store is attached, or when the value is set. Dates, bytes, Maps, Sets and plain errors are kept.
 * @example
 * const seen = new Map<string, { amount: number }>()
 * stores: [map(seen, { name: 'seen' })]
 */
export function map(target: Map<unknown, unknown> | Set<unknown>, options: MapOptions = {}): Store {
  assertOptions('map()', options, { name: true, replica: true } satisfies Record<keyof MapOptions, true>)
  assertType('map(): name', options.name, 'string', 'a text')
  assertType('map(): replica', options.replica, 'boolean', 'true or false')
  const name = options.name ?? 'map'
  requireTarget(target, name)
  let attached: AttachedMap | undefined
  const store: Store = {
    kind: 'store',
    name,
    faults: options.replica === true ? ['stale'] : [],
    attach() {
      if (attached !== undefined)
        throw new Error(
          `map("${name}"): it is in use by another simulation at this moment. Tests that share a store cannot ` +
            'run at once: not in describe.concurrent, or give each its own.',
        )
      attached = attachMap(store, collectionOf(target, name))
    },
    detach() {
      if (attached === undefined) return
      attached.detach()
      attached = undefined
    },
    reset: () => attached?.reset(),
    crash: (_, running) => {
      if (running) attached?.cover()
    },
    settle: () => attached?.settle(),
    isOpen: () => attached?.isCovered() ?? false,
    remember: () => attached?.remember(),
    content: () => {
      const entries = attached?.remember() ?? []
      return { [name]: target instanceof Map ? entries : entries.map(([item]) => item) }
    },
    // The cast holds: `remember` made this value
    early: (remembered, read) =>
      attached === undefined ? read() : attached.early(remembered as readonly MapEntry[], read),
  }
  return store
}

function requireTarget(target: unknown, name: string): void {
  if (target instanceof Map || target instanceof Set) return
  const found = typeof target === 'object' && target !== null ? `a ${target.constructor.name}` : typeof target
  throw new Error(`map("${name}") takes a Map or a Set; found ${found}.`)
}

interface AttachedMap {
  cover(): void
  settle(): void
  isCovered(): boolean
  remember(): readonly MapEntry[]
  early<T>(remembered: readonly MapEntry[], read: () => T): T
  reset(): void
  detach(): void
}

type MapEntry = readonly [key: unknown, value: unknown]

/** A Map or a Set with one interface: items of a Set are keys. All calls are native ones. */
interface Collection {
  readonly target: object
  readonly isMap: boolean
  /** `isNew`: the value is set, not read. */
  readonly copy: (value: unknown, key: unknown, who: Who, isNew: boolean) => unknown
  entries(): MapEntry[]
  has(key: unknown): boolean
  get(key: unknown): unknown
  put(key: unknown, value: unknown): void
  remove(key: unknown): boolean
  clear(): void
  size(): number
}

/** Bound before anything is patched. The own methods of a subclass count as native. */
function collectionOf(target: Map<unknown, unknown> | Set<unknown>, name: string): Collection {
  const copy: Collection['copy'] = (value, key, who, isNew) => copyStored(value, key, name, who, isNew)
  const shared = {
    target,
    copy,
    has: target.has.bind(target),
    remove: target.delete.bind(target),
    clear: target.clear.bind(target),
    entries: target.entries.bind(target),
    // The casts hold: Map and Set both have a size
    size: () => Reflect.get(Object.getPrototypeOf(target) as object, 'size', target) as number,
  }
  if (target instanceof Map) {
    return {
      ...shared,
      isMap: true,
      entries: () => [...shared.entries()],
      get: target.get.bind(target),
      put: target.set.bind(target),
    }
  }
  return {
    ...shared,
    isMap: false,
    entries: () => [...shared.entries()],
    get: (key) => key,
    put: target.add.bind(target),
  }
}

function attachMap(store: Store, content: Collection): AttachedMap {
  const found = content.entries()
  const first = copies(content, found, true)
  let before: readonly MapEntry[] | undefined
  const settle = (): void => {
    if (before === undefined) return
    fill(content, before)
    before = undefined
  }
  // The entries are enough: values are copies that nobody else holds, so a ghost can replace them but not change them.
  const cover = (): void => {
    settle()
    before = content.entries()
  }
  const reset = (): void => {
    before = undefined
    fill(content, copies(content, first, false))
  }
  const unpatch = patch(store, content, () => (before === undefined ? cover() : undefined), settle)
  reset()
  return {
    cover,
    settle,
    reset,
    isCovered: () => before !== undefined,
    remember: () => content.entries(),
    early(remembered, read) {
      const now = content.entries()
      fill(content, remembered)
      try {
        return read()
      } finally {
        fill(content, now)
      }
    },
    detach() {
      unpatch()
      fill(content, found)
    },
  }
}

function copies({ isMap, copy }: Collection, entries: readonly MapEntry[], isNew: boolean): readonly MapEntry[] {
  return isMap ? entries.map(([key, value]) => [key, copy(value, key, 'outside', isNew)]) : entries
}

function fill(content: Collection, entries: readonly MapEntry[]): void {
  content.clear()
  for (const [key, value] of entries) content.put(key, value)
}

/** Hides the target's methods behind own properties. Returns what removes those again. */
function patch(store: Store, content: Collection, coverGhost: () => void, settle: () => void): () => void {
  const { target, isMap } = content
  const calls = storeCalls(content, (operation, values, changes, act) => {
    const who = storeCaller()
    if (who === 'ghost') coverGhost()
    if (who !== 'live') return act(who)
    settle()
    const write = typeof changes === 'function'
    const idle = write && !changes()
    if (changes !== undefined) storeChanges(store)
    const asked = { operation: `${operation} ${store.name}`, values }
    const result = changes === undefined ? storeReads(store, () => act(who), asked) : act(who)
    const access = { ...asked, write, idle, isKeyed: true }
    storeCalled(store, write ? access : { ...access, gave: { value: result } })
    return result
  })
  const own = new Map<string | symbol, PropertyDescriptor>(Object.entries(Object.getOwnPropertyDescriptors(calls)))
  own.set(Symbol.iterator, { value: isMap ? calls.entries : calls.values })
  const names = [...own.keys()].filter((name) => name in target)
  for (const name of names)
    Object.defineProperty(target, name, { ...own.get(name), configurable: true, enumerable: false })
  return () => {
    for (const name of names) Reflect.deleteProperty(target, name)
  }
}

type Who = ReturnType<typeof storeCaller>
/** Carries out one call: a ghost's is undone later, a live one is reported to the simulation. */
type Around = <T>(operation: string, values: readonly unknown[], changes: Changes, act: (who: Who) => T) => T
/** Whether a write will change anything. Undefined for a read; `first`: a read that is one step with the next write. */
type Changes = (() => boolean) | 'first' | undefined

const noChange: Changes = undefined

/** Whether the same value is stored already: a poller that writes it again makes no progress. */
function isThere(content: Collection, key: unknown, value: unknown): boolean {
  return content.has(key) && isDeepStrictEqual(content.get(key), value)
}

interface StoreCalls {
  readonly entries: () => IteratorObject<MapEntry>
  readonly values: () => IteratorObject<unknown>
}

function storeCalls(content: Collection, around: Around): StoreCalls {
  const { target, isMap } = content
  const given = (value: unknown, key: unknown, who: Who, isNew = false): unknown =>
    isMap && who !== 'outside' ? content.copy(value, key, who, isNew) : value
  const all = <T>(operation: string, part: (entry: [key: unknown, value: unknown]) => T): readonly T[] =>
    around(operation, [], noChange, (who) =>
      content.entries().map(([key, value]) => part([key, given(value, key, who)])),
    )
  const get = (key: unknown): unknown => around('get', [key], noChange, (who) => given(content.get(key), key, who))
  const has = (key: unknown): boolean => around('has', [key], noChange, () => content.has(key))
  const put = (operation: string, key: unknown, value: unknown): object =>
    around(
      operation,
      isMap ? [key, value] : [key],
      () => !isThere(content, key, value),
      (who) => {
        content.put(key, given(value, key, who, true))
        return target
      },
    )
  const insert = (key: unknown, make: () => unknown): unknown => {
    if (!around('has', [key], 'first', () => content.has(key))) put('set', key, make())
    return get(key)
  }
  const calls = {
    has,
    get,
    set: (key: unknown, value: unknown) => put('set', key, value),
    add: (item: unknown) => put('add', item, item),
    delete: (key: unknown) =>
      around(
        'delete',
        [key],
        () => content.has(key),
        () => content.remove(key),
      ),
    clear: () =>
      around(
        'clear',
        [],
        () => content.size() > 0,
        () => content.clear(),
      ),
    getOrInsert: (key: unknown, value: unknown) => insert(key, () => value),
    getOrInsertComputed: (key: unknown, make: (key: unknown) => unknown) => insert(key, () => make(key)),
    entries: () => all('entries', (entry): MapEntry => entry).values(),
    keys: () => all('keys', ([key]) => key).values(),
    values: () => all('values', ([, value]) => value).values(),
    forEach: (visit: (value: unknown, key: unknown, target: object) => void, self?: unknown) => {
      for (const [key, value] of all('entries', (entry) => entry)) visit.call(self, value, key, target)
    },
    get size() {
      return around('size', [], noChange, () => content.size())
    },
  }
  return calls
}
