// Clocks disagree (PHENOMENA 16): a customer changes the address, later changes it again, each time through another
// server. Each stamps the change with its own clock, and the largest stamp wins. One clock is a minute fast, so the
// newer change carries the smaller stamp and is dropped, though it was answered ok. The sound twin compares no clocks:
// the storage counts versions, and whoever writes last, wins.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { always, journal, op, serve, sqlite, type System } from 'two-generals'

const db = new DatabaseSync(':memory:')
db.exec(`
  create table address (
    customer text primary key, street text not null, stamp integer not null, version integer not null
  );
  insert into address values ('ada', '', 0, 0)
`)

const writeStamped = db.prepare("update address set street = ?, stamp = ? where customer = 'ada' and stamp <= ?")
const writeVersion = db.prepare("update address set street = ?, version = version + 1 where customer = 'ada'")

/**
 * Each change that is answered ok, in the order in which the storage saw them, and whether it is kept: it is newer than
 * all before.
 */
const answered = journal<{ readonly street: string; readonly kept: boolean }>('change')

function server(write: (street: string) => boolean): Hono {
  return new Hono().put('/address', async (c) => {
    const { street } = await c.req.json<{ street: string }>()
    answered.add({ street, kept: write(street) })
    return c.json({ street })
  })
}

/** The larger timestamp wins; the other change is dropped, and nobody is told. */
export const lastWriteWins: Hono = server((street) => {
  const now = Date.now()
  return writeStamped.run(street, now, now).changes === 1
})

/** The storage says what comes later. */
export const versioned: Hono = server((street) => writeVersion.run(street).changes === 1)

/** Changes the address through one server, then through the other. */
const move = op(
  'move',
  fc.record({
    first: fc.constantFrom('Elm Street', 'Oak Street'),
    second: fc.constantFrom('Main Street', 'High Street'),
  }),
  async ({ first, second }) => {
    await fetch('http://left/address', { method: 'PUT', body: JSON.stringify({ street: first }) })
    return fetch('http://right/address', { method: 'PUT', body: JSON.stringify({ street: second }) })
  },
)

/** One customer, two servers, whichever twin they are. Only clocks are wrong, by a minute at most. */
export function moving(app: Hono): System {
  return {
    nodes: { left: serve(() => app), right: serve(() => app) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [move],
    invariants: [always('the newest change is kept', answered, (changes) => changes.every(({ kept }) => kept))],
    tolerates: ['skew'],
  }
}
