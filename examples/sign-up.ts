// A sign-up in two statements (PHENOMENA 13), and nobody has written down what must hold: the handlers, one operation
// after the other and undisturbed, are the specification. A crash between the statements, and the retry finds the
// account and answers ok: an account without its credit. The sound twin writes both in one transaction.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { op, serve, sqlite, type System } from 'two-generals'
import { asIfAlone } from 'two-generals/as-if-alone'

const db = new DatabaseSync(':memory:')
db.exec(
  'create table accounts (id text primary key, email text unique); create table credits (account text, cents int)',
)
const find = db.prepare('select id from accounts where email = ?')
const open = db.prepare('insert into accounts values (?, ?)')
const credit = db.prepare('insert into credits values (?, 500)')

/** Opens an account, and then credits it. */
export const inTwoSteps: Hono = new Hono().post('/accounts', async (c) => {
  const email = await c.req.text()
  if (find.get(email) !== undefined) return c.json({ welcome: 'back' })
  const id = crypto.randomUUID()
  open.run(id, email)
  credit.run(id)
  return c.json({ id }, 201)
})

/** Does both or neither. */
export const atOnce: Hono = new Hono().post('/accounts', async (c) => {
  const email = await c.req.text()
  if (find.get(email) !== undefined) return c.json({ welcome: 'back' })
  const id = crypto.randomUUID()
  db.exec('begin')
  try {
    open.run(id, email)
    credit.run(id)
    db.exec('commit')
  } catch (error) {
    db.exec('rollback')
    throw error
  }
  return c.json({ id }, 201)
})

const signUp = op(
  'signUp',
  fc.constantFrom('ada@example.com', 'bob@example.com'),
  (email) => fetch('http://accounts.example/accounts', { method: 'POST', body: email }),
  { retries: 2, timeout: 5_000 },
)

/** Sign-ups, without a claim of their own. */
export function signingUp(app: Hono): System {
  return {
    nodes: { accounts: serve(() => app, { at: 'http://accounts.example' }) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [signUp],
    invariants: [asIfAlone()],
  }
}
