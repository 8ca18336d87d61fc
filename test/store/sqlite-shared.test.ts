// Several lives on one connection: a crash undoes what its own life has open and leaves alone what others have.
import { describe, expect, test } from 'vitest'
import { openShop, put } from './sqlite-shop.ts'

describe('a death between stretches', () => {
  test('rolls back what its incarnation had open', () => {
    const { db, store, world, shop, ids } = openShop()

    world.run(shop, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })

    expect(store.isOpen()).toBe(true)

    world.kill(shop)

    expect(store.isOpen()).toBe(false)
    expect(ids()).toEqual([])
  })

  test('leaves alone what another has open on the same connection', () => {
    const { db, world, shop, next, ids } = openShop()

    world.run(shop, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    world.run(next, () => put(db, 'b')) // falls into the open transaction, as it would in reality
    world.kill(next)
    world.run(shop, () => db.exec('COMMIT'))

    expect(ids()).toEqual(['a', 'b'])
    expect(world.seen.every((call) => call.open || call.operation === 'commit')).toBe(true)
  })

  test('leaves alone what code outside has open since', () => {
    const { db, store, world, shop } = openShop()

    world.run(shop, () => db.exec('BEGIN; COMMIT'))
    db.exec('BEGIN')
    world.kill(shop)

    expect(store.isOpen()).toBe(true)
  })

  test('an attempt opens for its client, and dies with it', () => {
    const { db, world, ids } = openShop()
    const client = world.life('client#0')

    world.run({ ...world.life('client#0'), within: client }, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    world.kill(client)

    expect(ids()).toEqual([])
  })
})

describe("a ghost inside another's transaction", () => {
  test.each(['COMMIT', 'ROLLBACK', 'BEGIN', 'RELEASE s', 'ROLLBACK TO s', 'SAVEPOINT s; RELEASE s'])(
    '%s neither ends nor undoes it',
    (sql) => {
      const { db, store, world, shop, next, ids } = openShop()

      world.run(shop, () => {
        db.exec('SAVEPOINT s')
        put(db, 'a')
      })
      world.crashAfter('insert orders')
      world.run(next, () => {
        put(db, 'b')
        put(db, 'c')
        db.exec(sql)
        put(db, 'd')
      })
      world.settle()

      expect(store.isOpen()).toBe(true)

      world.run(shop, () => db.exec('RELEASE s'))

      expect(ids()).toEqual(['a', 'b'])
    },
  )
})

test('whoever has a transaction open may crash while the ghost of another is in it', () => {
  const { db, store, world, shop, next, ids } = openShop()

  world.run(shop, () => {
    db.exec('BEGIN')
    put(db, 'a')
  })
  next.dead = true
  store.crash(next, true)
  world.run(next, () => put(db, 'b'))
  shop.dead = true
  store.crash(shop, true) // at a call on another store: none here has settled the ghost
  world.run(shop, () => db.exec('COMMIT'))
  world.settle()

  expect(store.isOpen()).toBe(false)
  expect(ids()).toEqual([])
})

test('two lives may crash in one drain without a live call between them', () => {
  const { db, store, world, shop, next, ids } = openShop()

  for (const life of [shop, next]) {
    life.dead = true
    store.crash(life, true)
    world.run(life, () => put(db, life.node))
  }
  world.settle()

  expect(store.isOpen()).toBe(false)
  expect(ids()).toEqual([])
})

test('after reset, settle touches nothing that is open since', () => {
  const { db, store, world, shop } = openShop()

  world.crashAfter('insert orders')
  world.run(shop, () => {
    put(db, 'a')
    put(db, 'b')
  })
  void store.reset()
  db.exec('BEGIN')
  store.settle()

  expect(store.isOpen()).toBe(true)
})
