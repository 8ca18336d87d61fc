// A wallet that is told of payments by a webhook, on Express and as a Fetch handler, with one mistake each or none.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import {
  authentic,
  exactlyOnce,
  rows,
  serve,
  sqlite,
  stripeSignature,
  webhook,
  type Operation,
  type System,
} from '../../src/index.ts'

export const secret = 'whsec_test'
export const path = '/webhooks/stripe'

export interface Payment {
  readonly id: string
  readonly cents: number
}

/** What a handler does wrong. */
export type Mistake =
  | 'nothing'
  /** Any text is a signature. */
  | 'believes any signature'
  /** The signature may be as old as it likes. */
  | 'forgets the time'
  /** A signature that was right once is right for any body. */
  | 'remembers signatures'
  /** It looks whether it has seen the event, does the work, and then notes that it has. */
  | 'looks before it writes'
  /** It forgets an event after a day. */
  | 'forgets after a day'

const day = 86_400_000
const toleranceMs = 300_000

const db = new DatabaseSync(':memory:')
db.exec('create table seen (id text primary key, at integer)')
db.exec('create table credit (event text, cents integer)')
const isSeen = db.prepare('select 1 from seen where id = ?')
const see = db.prepare('insert or ignore into seen values (?, ?)')
const forget = db.prepare('delete from seen where at < ?')
const addCredit = db.prepare('insert into credit values (?, ?)')

const credit = rows(
  'credit',
  () => db.prepare('select event, cents from credit').all() as unknown as readonly { event: string; cents: number }[],
)

type Receive = (body: string, header: string) => Promise<number>

/** Takes a delivery, and gives the status of the answer. */
function receiver(mistake: Mistake): Receive {
  const verified = new Set<string>()

  function isGenuine(body: string, header: string): boolean {
    const [, at = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? []
    if (signature === '') return false
    if (mistake === 'believes any signature') return true
    if (mistake === 'remembers signatures' && verified.has(header)) return true
    if (mistake !== 'forgets the time' && Math.abs(Date.now() - Number(at) * 1_000) > toleranceMs) return false
    const right = createHmac('sha256', secret).update(`${at}.${body}`).digest()
    if (!timingSafeEqual(Buffer.from(signature, 'hex'), right)) return false
    verified.add(header)
    return true
  }

  return async (body, header) => {
    if (!isGenuine(body, header)) return 400
    const { id, cents } = JSON.parse(body) as Payment
    if (mistake === 'looks before it writes') {
      if (isSeen.get(id) !== undefined) return 200
      await fetch('http://mail/', { method: 'POST', body: id }).catch(() => undefined)
      addCredit.run(id, cents)
      see.run(id, Date.now())
      return 200
    }
    db.exec('begin immediate')
    if (mistake === 'forgets after a day' || mistake === 'forgets the time') forget.run(Date.now() - day)
    if (see.run(id, Date.now()).changes === 1) addCredit.run(id, cents)
    db.exec('commit')
    return 200
  }
}

function onExpress(mistake: Mistake): Express {
  const receive = receiver(mistake)
  const app = express()
  app.post(path, express.raw({ type: 'application/json' }), (request, response, next) => {
    const body: Buffer = request.body
    receive(body.toString(), request.get('stripe-signature') ?? '').then((status) => response.sendStatus(status), next)
  })
  return app
}

function onFetch(mistake: Mistake): (request: Request) => Promise<Response> {
  const receive = receiver(mistake)
  return async (request) => {
    const status = await receive(await request.text(), request.headers.get('stripe-signature') ?? '')
    return new Response(null, { status })
  }
}

export const payment: fc.Arbitrary<Payment> = fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 9 }) })

export const stripe: Operation<Payment> = webhook('stripe', payment, {
  to: `POST http://shop${path}`,
  sign: stripeSignature(secret),
})

/** @param claims what it claims: by default, both */
const once = exactlyOnce(
  stripe.by(({ id }) => id),
  credit.by(({ event }) => event),
)

export function wallet(mistake: Mistake, on: 'Express' | 'Fetch', claims: 'both' | 'authentic' = 'both'): System {
  return {
    nodes: {
      shop: on === 'Express' ? serve(() => onExpress(mistake)) : serve(() => onFetch(mistake)),
      mail: serve(() => () => new Response()),
    },
    stores: [sqlite(db, { name: 'db' })],
    operations: [stripe],
    invariants: [
      ...(claims === 'authentic' ? [] : [once]),
      authentic(
        stripe.as(({ id, cents }) => ({ key: id, content: cents })),
        credit,
        ({ event, cents }) => ({ key: event, content: cents }),
      ),
    ],
  }
}
