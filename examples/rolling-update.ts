// There is one administrator (PHENOMENA 33): during a rolling update two versions of a shop run side by side on one
// database. Each claims an order before it charges the card. The broken next version claims under a new name, so that
// what the old one has charged is charged again when the retry comes to the new one. The sound one goes on claiming
// under the old name as well, until no old process is left.
import { DatabaseSync } from 'node:sqlite'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { atMostOnce, journal, op, serve, sqlite, type System } from 'two-generals'

const db = new DatabaseSync(':memory:')
db.exec('create table claims (name text primary key)')

/** Whether nobody has claimed this yet. */
const claim = (name: string): boolean => db.prepare('insert or ignore into claims values (?)').run(name).changes === 1

const charged = journal<{ order: string }>('charge')

/** Charges an order once, if what it is given claims it once. */
function shopThatClaims(isFirst: (order: string) => boolean): Express {
  return express().put('/orders/:order', (request, response) => {
    const { order } = request.params
    if (isFirst(order)) charged.add({ order })
    response.sendStatus(204)
  })
}

/** The version that runs. */
const old = (): Express => shopThatClaims((order) => claim(order))
/** Its shops are in several countries by now. */
export const renamed = (): Express => shopThatClaims((order) => claim(`de/${order}`))
/** The same, and the old name counts until the last old process is gone. */
export const expanded = (): Express =>
  shopThatClaims((order) => {
    const isFirst = claim(order)
    claim(`de/${order}`)
    return isFirst
  })

const pay = op('pay', fc.uuid(), (order) => fetch(`http://shop/orders/${order}`, { method: 'PUT' }), { retries: 2 })

/** Two instances of a shop, of which each may be replaced by the next version. */
export function rollingOutTo(next: () => Express): System {
  return {
    nodes: { shop: serve(old, { instances: 2, next }) },
    stores: [sqlite(db)],
    operations: [pay],
    invariants: [atMostOnce(charged.by(({ order }) => order))],
  }
}
