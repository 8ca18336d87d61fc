// Webhooks (PHENOMENA 5, 31): a provider tells of payments, at least once, and signs what it sends; everybody else may
// send something to the same URL. Whoever only looks for a signature, credits what an attacker forged. Whoever forgets
// an event after a day, credits it again when the provider delivers it after 25 hours, signed anew. The sound twin
// compares the signature of the raw body in constant time, takes none that is older than five minutes by its own clock,
// and keeps the event's id for ever, in the same transaction as the credit.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { authentic, exactlyOnce, rows, serve, sqlite, stripeSignature, webhook, type System } from 'two-generals'

interface Payment {
  readonly id: string
  readonly cents: number
}

interface Credit {
  readonly event: string
  readonly cents: number
}

const secret = 'whsec_example'
const oldestMs = 300_000
const dayMs = 86_400_000

const db = new DatabaseSync(':memory:')
db.exec('create table seen (event text primary key, atMs integer not null)')
db.exec('create table credit (event text not null, cents integer not null)')

const see = db.prepare('insert or ignore into seen (event, atMs) values (?, ?)')
const forget = db.prepare('delete from seen where atMs < ?')
const add = db.prepare('insert into credit (event, cents) values (?, ?)')
const credit = rows('credit', () => db.prepare('select event, cents from credit').all() as unknown as readonly Credit[])

/** Credits an event that it does not remember, and remembers it. */
function credited({ id, cents }: Payment, rememberMs: number): void {
  db.exec('begin immediate')
  if (rememberMs < Infinity) forget.run(Date.now() - rememberMs)
  if (see.run(id, Date.now()).changes === 1) add.run(id, cents)
  db.exec('commit')
}

const form = /^t=(\d+),v1=([0-9a-f]{64})$/

/** It is there. */
function hasSignature(header: string): boolean {
  return form.test(header)
}

/** It is that of this body, by somebody who knows the secret, a short while ago. */
function isGenuine(header: string, body: Buffer): boolean {
  const [, at = '', signature = ''] = form.exec(header) ?? []
  if (Math.abs(Date.now() - Number(at) * 1_000) > oldestMs || signature === '') return false
  const right = createHmac('sha256', secret).update(`${at}.`).update(body).digest()
  return timingSafeEqual(Buffer.from(signature, 'hex'), right)
}

function wallet(accepts: (header: string, body: Buffer) => boolean, rememberMs: number): Express {
  const app = express()
  app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), (request, response) => {
    const body = request.body as Buffer
    const isAccepted = accepts(request.get('stripe-signature') ?? '', body)
    if (isAccepted) credited(JSON.parse(body.toString()) as Payment, rememberMs)
    response.sendStatus(isAccepted ? 200 : 400)
  })
  return app
}

/** Any signature will do. */
export const trusting = (): Express => wallet(hasSignature, Infinity)

/** An event is forgotten after a day. */
export const forgetful = (): Express => wallet(isGenuine, dayMs)

/** Genuine, fresh, and once. */
export const careful = (): Express => wallet(isGenuine, Infinity)

const stripe = webhook('stripe', fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 1_000 }) }), {
  to: 'POST http://wallet/webhooks/stripe',
  sign: stripeSignature(secret),
})

/** Each credit comes from an event of the provider, and each event gives one credit. */
export function paying(boot: () => Express): System {
  return {
    nodes: { wallet: serve(boot) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [stripe],
    invariants: [
      authentic(
        stripe.as(({ id, cents }) => ({ key: id, content: cents })),
        credit,
        ({ event, cents }) => ({ key: event, content: cents }),
      ),
      exactlyOnce(
        stripe.by(({ id }) => id),
        credit.by(({ event }) => event),
      ),
    ],
  }
}
