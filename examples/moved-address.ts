// Topology changes (PHENOMENA 32): a deploy of the bank brings a process at another address, and its name leads there
// from then on. The broken shop looked the address up once, as it started, and calls where nobody is any more, for
// ever. The sound one gives the name, which is looked up for each connection.
import dns from 'node:dns'
import http from 'node:http'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { contained, op, serve, type System } from 'two-generals'

/** Asks the bank; gives the status of its answer. */
const charge = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { host, path: '/charges', method: 'POST', headers: { host: 'bank' }, timeout: 2_000 }
    const sent = http.request(options, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('timeout', () => sent.destroy(new Error('the bank does not answer')))
    sent.on('error', reject)
    sent.end()
  })

function shopOf(bank: string): Express {
  return express().post('/pay', (_, response) => {
    charge(bank).then(
      (status) => response.sendStatus(status),
      () => response.sendStatus(502),
    )
  })
}

/** One lookup less for each request. */
export const resolvedOnce = async (): Promise<Express> => shopOf((await dns.promises.lookup('bank')).address)
/** Whoever connects looks up. */
export const byName = (): Express => shopOf('bank')

const bank = (): Express => express().post('/charges', (_, response) => void response.sendStatus(201))

const pay = op('pay', fc.constant(null), () => fetch('http://shop/pay', { method: 'POST' }), { timeout: 5_000 })

/** A shop and its bank. When all faults are over, somebody pays once more. */
export function payingAt(shop: () => Express | Promise<Express>): System {
  return {
    nodes: { shop: serve(shop), bank: serve(bank) },
    operations: [pay],
    probe: [pay],
    invariants: [contained('bank', { recoveryMs: 30_000 })],
  }
}
