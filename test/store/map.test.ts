// What a Map or Set owes beyond what every store does: copies, its other methods, and its own properties.
import { describe, expect, onTestFinished, test } from 'vitest'
import { map } from '../../src/store/map.ts'
import { fakeWorld, type FakeWorld } from '../../src/conformance/fake-world.ts'
import { storeConformance } from '../../src/conformance/store-conformance.ts'
import type { Life } from '../../src/simulate/context.ts'
import type { Store } from '../../src/system/store.ts'

storeConformance('map', () => {
  const target = new Map([['a', 1]])
  return {
    store: map(target, { name: 'seen' }),
    writes: 'set seen',
    write: (key, value) => void target.set(key, value),
    remove: (key) => void target.delete(key),
    read: () => Object.fromEntries([...target].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
})

function attached(target: Map<unknown, unknown> | Set<unknown>): { store: Store; world: FakeWorld; shop: Life } {
  const store = map(target)
  void store.attach()
  onTestFinished(() => store.detach())
  const world = fakeWorld([store])
  return { store, world, shop: world.life('shop') }
}

describe('a Map', () => {
  test('gives copies: changing what get, values, entries or forEach gave changes nothing', () => {
    const target = new Map([['a', { n: 1 }]])
    const { world, shop } = attached(target)

    world.run(shop, () => {
      const got = target.get('a')
      if (got !== undefined) got.n = 2
      for (const value of target.values()) value.n = 3
      for (const [, value] of target) value.n = 4
      target.forEach((value) => {
        value.n = 5
      })
      expect(target.get('a')).toEqual({ n: 1 })
    })
  })

  test('takes copies: changing what was set changes nothing', () => {
    const target = new Map<string, { n: number }>()
    const { world, shop } = attached(target)

    world.run(shop, () => {
      const value = { n: 1 }
      target.set('a', value)
      value.n = 2
    })

    expect(target.get('a')).toEqual({ n: 1 })
  })

  test('what a ghost changes in place is undone', () => {
    const target = new Map([['a', { n: 1 }]])
    const { world, shop } = attached(target)

    world.crashAfter('set map')
    world.run(shop, () => {
      target.set('b', { n: 2 })
      for (const key of ['a', 'b']) {
        const value = target.get(key)
        if (value === undefined) continue
        value.n = 9
        target.set(key, value)
      }
    })
    world.settle()

    expect(Object.fromEntries(target)).toEqual({ a: { n: 1 }, b: { n: 2 } })
  })

  test('the test keeps no way into the store by objects it put there before', () => {
    const value = { n: 1 }
    const target = new Map([['a', value]])
    const { store, world, shop } = attached(target)

    value.n = 2

    expect(world.run(shop, () => target.get('a'))).toEqual({ n: 1 })

    const outside = target.get('a')

    if (outside !== undefined) outside.n = 3
    void store.reset()

    expect(target.get('a')).toEqual({ n: 1 })

    if (outside !== undefined) outside.n = 4
    for (const own of target.values()) own.n = 5
    void store.reset()

    expect(target.get('a')).toEqual({ n: 1 })

    void store.detach()

    expect(target.get('a')).toBe(value)
  })

  test('every method is reported, once', () => {
    const target = new Map([['a', 1]])
    const { world, shop } = attached(target)

    world.run(shop, () => {
      expect(target.set('b', 2)).toBe(target)
      expect(target.delete('b')).toBe(true)
      expect(target.delete('b')).toBe(false)
      expect(target.has('a')).toBe(true)
      expect(target.size).toBe(1)
      expect([...target.keys()]).toEqual(['a'])
      expect([...target.values()]).toEqual([1])
      expect([...target.entries()]).toEqual([['a', 1]])
      target.clear()
    })

    expect(world.take()).toEqual([
      'set map !',
      'delete map !',
      'delete map !',
      'has map',
      'size map',
      'keys map',
      'values map',
      'entries map',
      'clear map !',
    ])
  })

  test.runIf('getOrInsert' in Map.prototype)('getOrInsert is a read and a write', () => {
    const target = new Map<string, { n: number }>()
    const { world, shop } = attached(target)
    const call: unknown = Reflect.get(target, 'getOrInsert')

    if (typeof call !== 'function') throw new Error('getOrInsert is gone')
    const given = world.run(shop, () => Reflect.apply(call, target, ['a', { n: 1 }]) as { n: number })
    given.n = 2

    expect(target.get('a')).toEqual({ n: 1 })
    expect(world.take()).toEqual(['has map', 'set map !', 'get map'])
  })

  test('a value that cannot be copied is refused when set, and not stored; a ghost gets no error', () => {
    const target = new Map<string, unknown>()
    const { world, shop } = attached(target)

    world.run(shop, () => {
      expect(() => target.set('a', () => 1)).toThrow(
        /^map\("map"\): the value under "a" cannot be copied .* plain data/,
      )
    })

    expect(target.size).toBe(0)
    expect(world.seen).toEqual([])

    world.kill(shop)
    world.run(shop, () => target.set('a', () => 1))

    expect(world.run(shop, () => target.get('a'))).toBeTypeOf('function')

    world.settle()

    expect(target.size).toBe(0)
  })

  test('first content that cannot be copied is refused, untouched', () => {
    const target = new Map([['a', () => 1]])

    expect(() => map(target).attach()).toThrow(/cannot be copied/)
    expect(target.get('a')?.()).toBe(1)
    expect(Reflect.ownKeys(target)).toEqual([])
  })

  test('detach leaves no property behind', () => {
    const target = new Map([['a', 1]])
    const { store } = attached(target)

    expect(Reflect.ownKeys(target)).toContain('set')
    expect(Object.keys(target)).toEqual([])

    void store.detach()

    expect(Reflect.ownKeys(target)).toEqual([])
    expect(target.size).toBe(1)
  })

  test('another Map is not touched', () => {
    const other = new Map([['x', 1]])
    const { world, shop } = attached(new Map())

    world.run(shop, () => other.set('y', 2))

    expect(world.seen).toEqual([])
  })
})

describe('a Set', () => {
  test('is a store of its items', () => {
    const target = new Set(['a'])
    const { store, world, shop } = attached(target)

    world.crashAfter('add map')
    world.run(shop, () => {
      expect(target.has('a')).toBe(true)
      expect([...target]).toEqual(['a'])
      target.add('b')
      target.delete('a')
      target.add('c')
    })

    expect(world.take()).toEqual(['has map', 'values map', 'add map !'])

    world.settle()

    expect([...target]).toEqual(['a', 'b'])

    void store.reset()

    expect([...target]).toEqual(['a'])

    void store.detach()

    expect(Reflect.ownKeys(target)).toEqual([])
  })

  test('reports the item that was added', () => {
    const target = new Set<string>()
    const { world, shop } = attached(target)

    world.run(shop, () => target.add('order-1'))

    expect(world.seen[0]?.values).toEqual(['order-1'])
  })
})

test('anything else is refused with what was found', () => {
  expect(() => map({ a: 1 } as unknown as Map<string, number>)).toThrow(
    'map("map") takes a Map or a Set; found a Object.',
  )
})
