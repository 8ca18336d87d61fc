// An idempotency key returns the original result (PHENOMENA 37): whoever sends a transfer again under its key gets the
// answer of the first time, as Stripe documents it, and a key that comes with another amount is refused. Express,
// Drizzle and better-sqlite3. One twin remembers the answer a statement too late, one remembers only that the key was
// used; the sound one keeps transfer and answer in one transaction.
import Database from 'better-sqlite3'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import express, { type Express, type RequestHandler, type Response } from 'express'
import * as fc from 'fast-check'
import { atMostOnce, idempotentReplay, op, rows, serve, sqlite, type System } from 'two-generals'

interface Transfer {
  readonly to: string
  readonly cents: number
}

const database = new Database(':memory:')
database.exec(`
  create table transfers (id integer primary key, key text not null, recipient text not null, cents integer not null);
  create table answers (key text primary key, transfer text not null, answer text not null)
`)
const db = drizzle(database)
const transfers = sqliteTable('transfers', {
  id: integer().primaryKey(),
  key: text().notNull(),
  recipient: text().notNull(),
  cents: integer().notNull(),
})
const answers = sqliteTable('answers', {
  key: text().primaryKey(),
  transfer: text().notNull(),
  answer: text().notNull(),
})

/** What is answered: the number of the transfer, and how much was sent in all until then. */
function send(key: string, { to, cents }: Transfer): string {
  const { id } = db.insert(transfers).values({ key, recipient: to, cents }).returning({ id: transfers.id }).get()
  const all = db
    .select({ cents: sql<number>`sum(${transfers.cents})` })
    .from(transfers)
    .get()
  return JSON.stringify({ id, sentInAll: all?.cents })
}

const known = (key: string) => db.select().from(answers).where(eq(answers.key, key)).get()

const remember = (key: string, transfer: Transfer, answer: string): void => {
  db.insert(answers)
    .values({ key, transfer: JSON.stringify(transfer), answer })
    .onConflictDoNothing()
    .run()
}

/** Keyed by the request's header, and read from its body. */
const asked = (request: Parameters<RequestHandler>[0]): readonly [string, Transfer] => [
  request.get('idempotency-key') ?? '',
  request.body as Transfer,
]

/** Gives the answer of the first time, or refuses what is no repetition. */
function give(response: Response, found: Omit<typeof answers.$inferSelect, 'key'>, transfer: Transfer): void {
  if (found.transfer === JSON.stringify(transfer)) response.status(201).type('json').send(found.answer)
  else response.status(422).json({ error: 'this key was used for another transfer' })
}

/** Sends, and then remembers the answer: who dies in between sends again. */
export const remembersLater: RequestHandler = (request, response) => {
  const [key, transfer] = asked(request)
  const before = known(key)
  if (before !== undefined) return give(response, before, transfer)
  const answer = send(key, transfer)
  remember(key, transfer, answer)
  response.status(201).type('json').send(answer)
}

/** Sends once for each key. What it answers to the second request, its client has never seen. */
export const knowsTheKey: RequestHandler = (request, response) => {
  const [key, transfer] = asked(request)
  const found = db.transaction(() => {
    const before = known(key)
    if (before !== undefined) return { ...before, answer: '{"repeated":true}' }
    remember(key, transfer, '')
    return { transfer: JSON.stringify(transfer), answer: send(key, transfer) }
  })
  give(response, found, transfer)
}

/** The transfer, its key and its answer are one transaction; the key belongs to this transfer alone. */
export const keepsTheAnswer: RequestHandler = (request, response) => {
  const [key, transfer] = asked(request)
  const found = db.transaction(() => {
    const before = known(key)
    if (before !== undefined) return before
    const answer = send(key, transfer)
    remember(key, transfer, answer)
    return { transfer: JSON.stringify(transfer), answer }
  })
  give(response, found, transfer)
}

const bank = (handler: RequestHandler): Express => express().use(express.json()).post('/transfers', handler)

/** Few keys, so that some come again, now and then for another amount. */
const transfer = op(
  'transfer',
  fc.record({ key: fc.constantFrom('k-1', 'k-2', 'k-3'), to: fc.constant('Ada'), cents: fc.constantFrom(5, 7) }),
  ({ key, ...body }) =>
    fetch('http://bank/transfers', {
      method: 'POST',
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  { retries: 2, timeout: 5_000 },
)
const sent = rows('transfer', () => db.select().from(transfers).all())

/** A key sends once, and always gets the same answer, whichever twin is the bank. */
export function transferring(handler: RequestHandler): System {
  return {
    nodes: { bank: serve(() => bank(handler)) },
    stores: [sqlite(database, { name: 'ledger' })],
    operations: [transfer],
    invariants: [atMostOnce(sent.by((one) => one.key)), idempotentReplay(transfer.by(({ key }) => key))],
  }
}
