// The caller goes away: somebody closes the tab while an order is carried out. The shop (Express, axios) notices that
// its response is closed, and in the broken one a signal stops what is under way: the card has been charged by then,
// and nothing is reserved. The sound one stops only what it has not begun, and finishes the rest for nobody.
import axios from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { journal, op, saga, serve, type System } from 'two-generals'

/** What stops the second of two calls. */
type Stopping = (left: AbortSignal) => { readonly signal?: AbortSignal }

/** Nobody waits for it any more, so it need not be done. */
export const asTheClientLeaves: Stopping = (signal) => ({ signal })

/** Whoever has begun comes to an end. */
export const never: Stopping = () => ({})

function createShop(stopping: Stopping): Express {
  return express().post('/orders/:order', async ({ params: { order } }, response) => {
    const left = new AbortController()
    response.on('close', () => left.abort())
    try {
      await axios.post(`http://bank/charges/${order}`)
      await axios.post(`http://stock/reservations/${order}`, undefined, stopping(left.signal))
      response.sendStatus(201)
    } catch {
      response.sendStatus(502)
    }
  })
}

const [charged, reserved] = [journal<string>('charged'), journal<string>('reserved')]

const bank = (): Express =>
  express().post('/charges/:order', ({ params }, response) => {
    charged.add(params.order)
    response.sendStatus(201)
  })

const stock = (): Express =>
  express().post('/reservations/:order', ({ params }, response) => {
    reserved.add(params.order)
    response.sendStatus(201)
  })

const buy = op('buy', fc.uuid(), (order) => fetch(`http://shop/orders/${order}`, { method: 'POST' }))

/** A shop, the bank and the stock that it calls, and clients that may leave. */
export function buying(stopping: Stopping): System {
  return {
    nodes: { shop: serve(() => createShop(stopping)), bank: serve(bank), stock: serve(stock) },
    operations: [buy],
    invariants: [saga([{ done: charged.by((order) => order) }, { done: reserved.by((order) => order) }])],
    tolerates: {
      'client -> shop': ['leave', 'lose', 'delay', 'reset', 'refuse', 'lookup'],
      'shop -> bank': ['leave', 'delay', 'slow'],
      'shop -> stock': ['leave', 'delay', 'slow'],
    },
  }
}
