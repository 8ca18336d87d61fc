// Topology changes (PHENOMENA 32): a deploy of the bank brings a process at another address, and its name leads there
// from then on. The first broken shop looked the address up once, as it started, and calls where nobody is any more,
// for ever. The second one looks it up again as it is refused there: where somebody else has got the address, it takes
// their answer for the bank's. The sound one gives the name, which is looked up for each connection.
import dns from 'node:dns'
import http from 'node:http'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { atLeastOnce, contained, journal, op, serve, type System } from 'two-generals'

/** Asks the bank; gives the status of its answer. */
const charge = (host: string, order: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { host, path: `/charges/${order}`, method: 'POST', headers: { host: 'bank' }, timeout: 2_000 }
    const sent = http.request(options, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('timeout', () => sent.destroy(new Error('the bank does not answer')))
    sent.on('error', reject)
    sent.end()
  })

function shopOf(chargeFor: (order: string) => Promise<number>): Express {
  return express().post('/pay/:order', ({ params }, response) => {
    chargeFor(params.order).then(
      (status) => response.sendStatus(status),
      () => response.sendStatus(502),
    )
  })
}

const lookUp = async (): Promise<string> => (await dns.promises.lookup('bank')).address

/** One lookup less for each request. */
export const resolvedOnce = async (): Promise<Express> => {
  const address = await lookUp()
  return shopOf((order) => charge(address, order))
}

/** The same, until nobody is there any more. */
export const resolvedAgain = async (): Promise<Express> => {
  let address = await lookUp()
  return shopOf(async (order) => {
    try {
      return await charge(address, order)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) throw error
      address = await lookUp()
      return charge(address, order)
    }
  })
}

/** Whoever connects looks up. */
export const byName = (): Express => shopOf((order) => charge('bank', order))

const charged = journal<string>('charged')

const bank = (): Express =>
  express().post('/charges/:order', ({ params }, response) => {
    charged.add(params.order)
    response.sendStatus(201)
  })

const pay = op('pay', fc.uuid(), (order) => fetch(`http://shop/pay/${order}`, { method: 'POST' }), { timeout: 5_000 })

/** A shop and its bank. When all faults are over, somebody pays once more. */
export function payingAt(shop: () => Express | Promise<Express>): System {
  return {
    nodes: { shop: serve(shop), bank: serve(bank) },
    operations: [pay],
    probe: [pay],
    invariants: [
      contained('bank', { recoveryMs: 30_000 }),
      atLeastOnce(
        pay.by((order) => order),
        charged.by((order) => order),
      ),
    ],
  }
}
