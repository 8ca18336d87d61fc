// Statements that were prepared before the driver was patched. A file of its own: the patch is made once a worker.
import { globSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { fakeWorld } from '../../src/conformance/fake-world.ts'

const [one, two] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')]
for (const db of [one, two]) db.exec('CREATE TABLE t (a)')
const native = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(one), 'prepare')?.value as unknown
const insert = one.prepare('INSERT INTO t VALUES (?)')
const count = one.prepare('SELECT count(*) AS n FROM t')
const begin = one.prepare('BEGIN')
const commit = one.prepare('COMMIT')

test('such a statement belongs to the only registered database', () => {
  const store = sqlite(one)

  void store.attach()

  expect(Reflect.get(Object.getPrototypeOf(one) as object, 'prepare')).not.toBe(native)

  const world = fakeWorld([store])

  world.crashAfter('insert t')
  world.run(world.life('shop'), () => {
    insert.run(1)
    begin.run()
    insert.run(2)
    commit.run()
  })
  world.settle()

  expect(world.take()).toEqual(['insert t !'])
  expect(count.get()).toEqual({ n: 1 })

  void store.detach()

  expect(count.get()).toEqual({ n: 0 })
})

test('with two registered it is an error; a ghost gets none, and writes nothing', () => {
  const stores = [sqlite(one, { name: 'one' }), sqlite(two, { name: 'two' })]

  for (const store of stores) void store.attach()
  const world = fakeWorld(stores)
  const shop = world.life('shop')

  world.run(shop, () => {
    expect(() => insert.run(1)).toThrow(
      'sqlite: it is unclear which database this statement belongs to: "INSERT INTO t VALUES (?)". ' +
        'It was prepared before the test began, and 2 databases are registered ("one", "two"). Prepare it in ' +
        "the node's boot.",
    )
  })
  world.kill(shop)
  world.run(shop, () => expect(insert.run(1)).toEqual({ changes: 0, lastInsertRowid: 0 }))
  for (const store of stores) void store.detach()

  expect(count.get()).toEqual({ n: 0 })
})

test('with none registered it goes straight to the native', () => {
  const world = fakeWorld([])

  world.run(world.life('shop'), () => insert.run(1))

  expect(count.get()).toEqual({ n: 1 })
})

test('the adapter imports node:sqlite for its types only, so that importing it needs no SQLite', () => {
  const folder = new URL('../../src/store/sqlite/', import.meta.url).pathname
  const imports = globSync('*.ts', { cwd: folder }).flatMap(
    (file) => readFileSync(folder + file, 'utf8').match(/^.*(?:from|import|require)\b.*node:sqlite'.*$/gm) ?? [],
  )

  expect(imports.length).toBeGreaterThan(0)
  for (const line of imports) expect(line).toMatch(/^import type /)
})
