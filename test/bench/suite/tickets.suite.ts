// Ten tests of a user: a box office of Express that asks another service of Express, by axios, whether the buyer may,
// and keeps its tickets in node:sqlite. Five ways of selling no ticket twice, in one process and in two.
import { DatabaseSync } from 'node:sqlite'
import axios from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { noOversell, op, rows, serve, sqlite, type System } from 'two-generals'
import { testResilience } from 'two-generals/vitest'

interface Purchase {
  readonly buyer: string
}

const db = new DatabaseSync(':memory:')
db.exec(`
  create table event (name text primary key, tickets integer not null, version integer not null);
  create table seat (number integer primary key, buyer text);
  create table sale (number integer primary key, event text not null, buyer text not null);
  insert into event values ('opera', 1, 0);
  insert into seat values (1, null)
`)

const event = db.prepare('select tickets, version from event')
const take = db.prepare('update event set tickets = tickets - 1 where tickets > 0')
const takeVersion = db.prepare('update event set tickets = tickets - 1, version = version + 1 where version = ?')
const takeSeat = db.prepare('update seat set buyer = ? where buyer is null')
const sell = db.prepare("insert into sale values (null, 'opera', ?)")
const sellFirst = db.prepare("insert or ignore into sale values (1, 'opera', ?)")
const sellWhereNone = db.prepare("insert into sale select null, 'opera', ? where not exists (select 1 from sale)")

/** Sells a ticket, and says whether. */
type Way = (buyer: string) => boolean

const ways: Readonly<Record<string, Way>> = {
  'a conditional update': (buyer) => take.run().changes > 0 && sell.run(buyer).changes > 0,
  'a version': (buyer) => {
    const { tickets, version } = event.get() as { tickets: number; version: number }
    return tickets > 0 && takeVersion.run(version).changes > 0 && sell.run(buyer).changes > 0
  },
  'a row for each seat': (buyer) => takeSeat.run(buyer).changes > 0 && sell.run(buyer).changes > 0,
  'a primary key': (buyer) => sellFirst.run(buyer).changes > 0,
  'an insert where there is none': (buyer) => sellWhereNone.run(buyer).changes > 0,
}

function boxOffice(way: Way): Express {
  return express()
    .use(express.json())
    .post('/tickets', async (request, response) => {
      const { buyer } = request.body as Purchase
      const { data } = await axios.get<{ may: boolean }>(`http://members/${buyer}`, { timeout: 2_000 })
      const isSold = data.may && way(buyer)
      response.status(isSold ? 201 : 409).json({ isSold })
    })
}

function members(): Express {
  return express().get('/:buyer', (_, response) => void response.json({ may: true }))
}

const sale = rows('sale', () => db.prepare('select event from sale').all() as unknown as readonly { event: string }[])

function selling(way: Way, instances: number): System {
  const buy = op(
    'buy',
    fc.record({ buyer: fc.uuid() }),
    (purchase: Purchase) => axios.post('http://box-office/tickets', purchase, { validateStatus: null }),
    { timeout: 5_000 },
  )
  return {
    nodes: { 'box-office': serve(() => boxOffice(way), { instances }), members: serve(members) },
    stores: [sqlite(db, { name: 'tickets' })],
    operations: [buy],
    invariants: [
      noOversell(
        sale.by((one) => one.event),
        { stock: 1 },
      ),
    ],
  }
}

for (const [way, sellTo] of Object.entries(ways)) {
  testResilience(`${way}, one process`, selling(sellTo, 1))
  testResilience(`${way}, two processes`, selling(sellTo, 2))
}
