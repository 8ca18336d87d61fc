// Ten tests of a user: a checkout of Express, which charges by axios at a bank of Express and keeps its orders in
// node:sqlite. Five ways of keeping an order once, each under a client that asks once and one that asks again.
import { DatabaseSync } from 'node:sqlite'
import axios from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { atMostOnce, exactlyOnce, op, rows, serve, sqlite, type System } from 'two-generals'
import { testResilience } from 'two-generals/vitest'

interface Order {
  readonly order: string
  readonly amount: number
}

const db = new DatabaseSync(':memory:')
db.exec(`
  create table orders (reference text primary key, amount integer not null);
  create table charges (reference text primary key, amount integer not null)
`)

const saved = db.prepare('select amount from orders where reference = ?')
const insert = db.prepare('insert into orders values (?, ?)')
const insertOrIgnore = db.prepare('insert or ignore into orders values (?, ?)')
const upsert = db.prepare('insert into orders values (?, ?) on conflict (reference) do update set amount = ?')
const insertWhereNone = db.prepare(
  'insert into orders select ?, ? where not exists (select 1 from orders where reference = ?)',
)
const charge = db.prepare('insert or ignore into charges values (?, ?)')

const ways: Readonly<Record<string, (order: Order) => void>> = {
  'insert or ignore': ({ order, amount }) => void insertOrIgnore.run(order, amount),
  'on conflict do update': ({ order, amount }) => void upsert.run(order, amount, amount),
  'insert where there is none': ({ order, amount }) => void insertWhereNone.run(order, amount, order),
  'looks and writes in a transaction': ({ order, amount }) => {
    db.exec('begin immediate')
    if (saved.get(order) === undefined) insert.run(order, amount)
    db.exec('commit')
  },
  'looks and writes at once': ({ order, amount }) => {
    if (saved.get(order) === undefined) insertOrIgnore.run(order, amount)
  },
}

function shop(save: (order: Order) => void): Express {
  return express()
    .use(express.json())
    .post('/orders', async (request, response) => {
      const order = request.body as Order
      await axios.post('http://bank/charges', order, { timeout: 2_000 })
      save(order)
      response.status(201).json({ saved: order.order })
    })
}

function bank(): Express {
  return express()
    .use(express.json())
    .post('/charges', (request, response) => {
      const { order, amount } = request.body as Order
      charge.run(order, amount)
      response.json({ charged: order })
    })
}

function shopping(save: (order: Order) => void, retries: number): System {
  const pay = op(
    'pay',
    fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }),
    (order: Order) => axios.post('http://shop/orders', order),
    { retries, timeout: 5_000 },
  )
  const table = (name: string) =>
    rows(name, () => db.prepare(`select reference from ${name}`).all() as unknown as readonly { reference: string }[])
  const asked = pay.by(({ order }) => order)
  const once = (name: string) => {
    const kept = table(name).by(({ reference }) => reference)
    return retries === 0 ? atMostOnce(kept) : exactlyOnce(asked, kept)
  }
  return {
    nodes: { shop: serve(() => shop(save)), bank: serve(bank) },
    stores: [sqlite(db, { name: 'ledger' })],
    operations: [pay],
    invariants: ['orders', 'charges'].map(once),
  }
}

for (const [way, save] of Object.entries(ways)) {
  testResilience(`${way}, asked once`, shopping(save, 0))
  testResilience(`${way}, asked again`, shopping(save, 2))
}
