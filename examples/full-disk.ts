// A store that answers reads and refuses writes (PHENOMENA 12): the disk is full. "Saved" is answered all the same,
// since the error of the write only went to the log. The sound twin says that nothing was saved.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { atLeastOnce, op, rows, serve, sqlite, type System } from 'two-generals'

const db = new DatabaseSync(':memory:')
db.exec('create table notes (id text primary key)')
const insert = db.prepare('insert or ignore into notes values (?)')

/** Logs what went wrong, and answers as always. */
export const logged: Hono = new Hono().post('/notes', async (c) => {
  try {
    insert.run(await c.req.text())
  } catch (error) {
    console.warn('could not save a note', error)
  }
  return c.json({ saved: true }, 201)
})

/** Says so: whoever sent the note keeps it, and sends it again. */
export const told: Hono = new Hono().post('/notes', async (c) => {
  try {
    insert.run(await c.req.text())
  } catch {
    return c.json({ saved: false }, 503)
  }
  return c.json({ saved: true }, 201)
})

const save = op('save', fc.uuid(), (id) => fetch('http://notes/notes', { method: 'POST', body: id }), { retries: 1 })
const note = rows('note', () => db.prepare('select id from notes').all() as unknown as readonly { id: string }[])

/** Notes that are saved in one way or the other. */
export function saving(app: Hono): System {
  return {
    nodes: { notes: serve(() => app) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [save],
    invariants: [
      atLeastOnce(
        save.by((id) => id),
        note.by(({ id }) => id),
      ),
    ],
  }
}
