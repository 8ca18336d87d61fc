// One suite for every durable store: what an adapter owes the simulation.
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Life } from '../simulate/context.ts'
import type { Store } from '../system/store.ts'
import { fakeWorld, type FakeWorld } from './fake-world.ts'

/** A store with the code that uses it: keys and numbers. */
export interface StoreSubject {
  readonly store: Store
  readonly write: (key: string, value: number) => void
  readonly remove: (key: string) => void
  /** All content, in order of keys. */
  readonly read: () => Record<string, number>
  /** The operation that `write` is, as the story names it. */
  readonly writes: string
}

/**
 * Declares vitest tests that hold a store adapter against what the simulation expects of it: calls are reported once,
 * directly after they took effect; a crash keeps what was written before it and undoes what a dead life writes after
 * it; `reset` and `detach` restore the first content.
 *
 * @param make gives a store that holds `{ a: 1 }` and is not attached
 * @example
 * storeConformance('my cache', () => {
 *   const cache = new Cache([['a', 1]])
 *   return {
 *     store: myAdapter(cache), writes: 'set cache', write: (key, value) => cache.set(key, value),
 *     remove: (key) => cache.delete(key), read: () => Object.fromEntries(cache.entries()),
 *   }
 * })
 */
export function storeConformance(name: string, make: () => StoreSubject): void {
  describe(`${name}, as every store`, () => {
    const attached = (): StoreSubject & { world: FakeWorld; shop: Life } => {
      const subject = make()
      void subject.store.attach()
      onTestFinished(() => subject.store.detach())
      const world = fakeWorld([subject.store])
      return { ...subject, world, shop: world.life('shop') }
    }

    test('code outside a simulation is not reported', () => {
      const { world, write, read } = attached()

      write('b', 2)

      expect(read()).toEqual({ a: 1, b: 2 })
      expect(world.seen).toEqual([])
    })

    test('a live write is reported once, after it took effect, with its values apart from its operation', () => {
      const { world, shop, write, read, writes, store } = attached()

      world.run(shop, () => write('key-1', 12_345))

      expect(world.seen).toMatchObject([
        { operation: writes, write: true, open: false, store: store.name, node: 'shop' },
      ])
      expect(world.seen[0]?.operation).not.toMatch(/key-1|12345/)
      expect(world.seen[0]?.values).toContain('key-1')
      expect(read()).toEqual({ a: 1, 'key-1': 12_345 })
    })

    test('a live read is reported as a read', () => {
      const { world, shop, read } = attached()

      expect(world.run(shop, read)).toEqual({ a: 1 })
      expect(world.seen.length).toBeGreaterThan(0)
      expect(world.seen.every((call) => !call.write)).toBe(true)
    })

    test('a crash between two writes of one synchronous stretch keeps the first and undoes the second', () => {
      const { world, shop, write, read, writes, store } = attached()

      world.crashAfter(writes)
      world.run(shop, () => {
        write('b', 2)
        write('c', 3)
        expect(read()).toEqual({ a: 1, b: 2, c: 3 }) // the ghost believes in what it does
      })

      expect(world.seen).toHaveLength(1)

      world.settle()

      expect(read()).toEqual({ a: 1, b: 2 })
      expect(store.isOpen()).toBe(false)
    })

    test('finally of a crashed stretch runs, and its writes do not count', () => {
      const { world, shop, write, remove, read, writes } = attached()
      let ran = false

      world.crashAfter(writes)
      world.run(shop, () => {
        try {
          write('lock', 1)
        } finally {
          remove('lock')
          ran = true
        }
      })
      world.settle()

      expect(ran).toBe(true)
      expect(read()).toEqual({ a: 1, lock: 1 })
    })

    test('a ghost that goes on in a later drain is undone too', () => {
      const { world, shop, write, read } = attached()

      world.kill(shop)
      world.settle()
      world.run(shop, () => write('b', 2))
      world.settle()
      world.run(shop, () => write('c', 3))
      world.settle()

      expect(world.seen).toEqual([])
      expect(read()).toEqual({ a: 1 })
    })

    test('the next live call does not see what a ghost did, and is not undone with it', () => {
      const { world, shop, write, read, writes } = attached()
      const next = world.life('next')

      world.crashAfter(writes)
      world.run(shop, () => {
        write('b', 2)
        write('c', 3)
      })

      expect(world.run(next, read)).toEqual({ a: 1, b: 2 })

      world.run(shop, () => write('d', 4))
      world.run(next, () => write('e', 5))
      world.run(shop, () => write('f', 6))
      world.settle()

      expect(read()).toEqual({ a: 1, b: 2, e: 5 })
    })

    test('a death between stretches keeps what was written', () => {
      const { world, shop, write, read } = attached()

      world.run(shop, () => write('b', 2))
      world.kill(shop)
      world.settle()

      expect(read()).toEqual({ a: 1, b: 2 })
    })

    test('two lives crash in one drain', () => {
      const { world, shop, write, read, writes } = attached()
      const next = world.life('next')

      world.crashAfter(writes)
      world.run(shop, () => {
        write('b', 2)
        write('c', 3)
      })
      world.crashAfter(writes)
      world.run(next, () => {
        write('d', 4)
        write('e', 5)
      })
      world.run(shop, () => write('f', 6))
      world.settle()

      expect(read()).toEqual({ a: 1, b: 2, d: 4 })
    })

    test('a read that comes before a change sees what was there, and changes nothing', () => {
      const { world, shop, write, read, store } = attached()
      if (store.early === undefined) return

      world.run(shop, () => write('b', 2))
      world.run(shop, () => write('a', 3))
      world.holdBack()

      expect(world.run(world.life('audit'), read)).toEqual({ a: 1, b: 2 })
      expect(read()).toEqual({ a: 3, b: 2 })
      expect(store.isOpen()).toBe(false)
    })

    test('reset gives the first content again, as often as asked', () => {
      const { world, shop, write, remove, read, store } = attached()

      for (let round = 0; round < 3; round++) {
        world.run(shop, () => {
          write('a', round + 7)
          write('b', 2)
        })
        void store.reset()
        expect(read()).toEqual({ a: 1 })
        world.run(shop, () => remove('a'))
        expect(read()).toEqual({})
        void store.reset()
        expect(read()).toEqual({ a: 1 })
      }
    })

    test('reset undoes a ghost that nobody settled', () => {
      const { world, shop, write, read, writes, store } = attached()

      world.crashAfter(writes)
      world.run(shop, () => {
        write('b', 2)
        write('c', 3)
      })
      void store.reset()
      world.settle()

      expect(read()).toEqual({ a: 1 })
      expect(store.isOpen()).toBe(false)
    })

    test('detach puts the content back and stops watching; a second one does nothing', () => {
      const { world, shop, write, read, store } = attached()

      world.run(shop, () => write('b', 2))
      void store.detach()
      void store.detach()
      world.take()

      expect(read()).toEqual({ a: 1 })

      world.run(shop, () => write('c', 3))

      expect(world.seen).toEqual([])
      expect(read()).toEqual({ a: 1, c: 3 })
    })

    test('it can be attached again after detach, but not before', () => {
      const { world, shop, write, read, store } = attached()

      expect(() => store.attach()).toThrow(/in use by another simulation/)

      void store.detach()
      write('b', 2)
      void store.attach()
      world.run(shop, () => write('c', 3))
      void store.reset()

      expect(read()).toEqual({ a: 1, b: 2 })
    })

    test('an engine that refuses writes throws as its driver does, answers reads, and changes nothing', ({ skip }) => {
      const { world, shop, write, read, store } = attached()
      skip(store.faults?.includes('readonly') !== true, 'its engine refuses no writes')

      world.refuseWrites()

      expect(() => world.run(shop, () => write('b', 2))).toThrow(Error)
      expect(world.run(shop, read)).toEqual({ a: 1 })
    })

    test('what was remembered can be put in the place of what is there', ({ skip }) => {
      const { world, shop, write, read, store } = attached()
      skip(store.restore === undefined, 'it loses no commits')

      const remembered = store.remember?.()
      world.run(shop, () => write('b', 2))
      store.restore?.(remembered)

      expect(read()).toEqual({ a: 1 })
    })

    test('a store that is not attached bears crash, settle and reset', () => {
      const { store, read } = make()

      store.crash({}, true)
      store.crash({}, false)
      store.settle()
      void store.reset()

      expect(store.isOpen()).toBe(false)
      expect(read()).toEqual({ a: 1 })
    })
  })
}
