// Sessions of D1: what a replica that lags may answer, and what it may not, since a session never goes back behind what
// it has seen.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { always, op, rows, serve, type System } from '../../src/index.ts'
import { d1, type D1, type D1DatabaseSession } from '../../src/stores.ts'
import { act, breaks, node, nothingToJudge, oneAfterTheOther, runOnce, under } from '../simulate/systems.ts'
import * as fc from 'fast-check'

function open(replica = true): D1 {
  const db = new DatabaseSync(':memory:')
  db.exec("create table stock (article text primary key, pieces integer); insert into stock values ('lamp', 2)")
  return d1(db, { name: 'DB', replica })
}

const look = async (on: Pick<D1, 'prepare'>): Promise<number> =>
  (await on.prepare('select pieces from stock').first<number>('pieces')) ?? NaN
const take = (on: Pick<D1, 'prepare'>): Promise<unknown> => on.prepare('update stock set pieces = pieces - 1').run()

/** What code saw that runs after others have written twice. */
async function seen(code: (DB: D1) => Promise<unknown>, label?: string, replica = true): Promise<unknown> {
  const DB = open(replica)
  let ended: unknown
  const shop = node(async () => {
    ended = await code(DB)
  })
  const writer = node(async () => {
    await take(DB)
    await take(DB)
  })
  const system: System = {
    nodes: { shop, writer },
    stores: [DB.store],
    operations: ['writer', 'shop'].map((name) => act(name, () => fetch(`http://${name}/`, { method: 'POST' }))),
    invariants: [nothingToJudge],
  }
  await under(system, label, oneAfterTheOther('writer', 'shop'))
  return ended
}

const stale = 'stale request of select stock'

describe('a read in a session', () => {
  test.each<[name: string, start: string | undefined]>([
    ['that may begin anywhere', 'first-unconstrained'],
    ['by default', undefined],
    ['with an empty bookmark', ' '],
  ])('%s may miss a write', async (_, start) => {
    expect(await seen((DB) => look(DB.withSession(start)), stale)).toBe(1)
    expect(await seen((DB) => look(DB.withSession(start)))).toBe(0)
  })

  test.each<[name: string, code: (DB: D1) => Promise<unknown>]>([
    ['that begins at the primary', (DB) => look(DB.withSession('first-primary'))],
    ['that has written', async (DB) => ofWriter(DB.withSession())],
    ['that goes on where one has ended', async (DB) => look(DB.withSession(await bookmarkOf(DB)))],
    ['no session', (DB) => look(DB)],
  ])('%s cannot', async (_, code) => {
    await expect(seen(code, stale)).rejects.toThrow('No single fault is')
  })

  test('no replica, no stale read', async () => {
    await expect(seen((DB) => look(DB.withSession()), stale, false)).rejects.toThrow('No single fault is')
  })
})

async function ofWriter(session: D1DatabaseSession): Promise<number> {
  await take(session)
  return look(session)
}

async function bookmarkOf(DB: D1): Promise<string> {
  const session = DB.withSession('first-primary')
  await session.batch([session.prepare('select * from stock')])
  return session.getBookmark() ?? ''
}

test('bookmarks: none before the first answer, then they sort as what was seen; what is none is refused', async () => {
  const marks = await seen(async (DB) => {
    const session = DB.withSession()
    const told = [session.getBookmark()]
    for (let again = 0; again < 2; again++) {
      await take(session)
      told.push(session.getBookmark())
    }
    return told
  })
  const [none, ...later] = marks as readonly [null, ...string[]]

  expect(none).toBeNull()
  expect(later.map((mark) => mark.slice(0, 9))).toEqual(['00000003-', '00000004-'])
  expect(later.toSorted()).toEqual(later)
  expect(open().withSession(later[0]).getBookmark()).toBe(later[0])
  expect(() => open().withSession('yesterday')).toThrow('D1_ERROR: "yesterday" is no bookmark of this database.')
})

/** Sells a lamp where it sees one. */
function selling(start: 'first-primary' | 'first-unconstrained'): System {
  const DB = open()
  const shop = serve(() => async () => {
    const session = DB.withSession(start)
    if ((await look(session)) < 1) return new Response(null, { status: 409 })
    await take(session)
    return new Response(null, { status: 201 })
  })
  const stock = rows('stock', async () => [{ pieces: await look(DB) }])
  return {
    nodes: { shop },
    stores: [DB.store],
    operations: [op('buy', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [always('no lamp is sold that is not there', stock, (all) => all.every(({ pieces }) => pieces >= 0))],
  }
}

test('who looks anywhere sells what is gone, and who looks at the primary first does not', async () => {
  const buys = oneAfterTheOther('buy', 'buy', 'buy')
  expect(await breaks(selling('first-unconstrained'), buys)).toEqual(
    expect.arrayContaining(['stale request of select stock']),
  )
  expect(await breaks(selling('first-primary'), buys)).not.toContain('stale request of select stock')
})

test('histories begin with the first version', async () => {
  const marks: unknown[] = []
  const DB = open()
  const shop = node(async () => {
    const session = DB.withSession()
    await take(session)
    marks.push(session.getBookmark())
  })
  const system: System = {
    nodes: { shop },
    stores: [DB.store],
    operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
  for (let again = 0; again < 2; again++) await runOnce(system)

  expect(marks).toHaveLength(2)
  expect(marks[0]).toBe(marks[1])
})
