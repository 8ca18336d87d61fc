// A zombie (PHENOMENA 15): two workers share one document under a lease. One takes the lease, is paused for longer than
// that lasts, and goes on as if nothing had happened: it writes over what the next holder wrote. No clock can help it,
// since nothing tells it that it slept. The sound twin gives each holder a number that grows, and the storage refuses
// any number lower than one it has seen (Kleppmann 2016).
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { journal, mutualExclusion, op, serve, sqlite, type System } from 'two-generals'

const leaseMs = 3_000

const db = new DatabaseSync(':memory:')
db.exec(`
  create table lease (name text primary key, token integer not null, until integer not null);
  create table document (name text primary key, token integer not null);
  insert into lease values ('document', 0, 0);
  insert into document values ('document', 0)
`)

const takeLease = db.prepare(
  "update lease set token = token + 1, until = ? where name = 'document' and until <= ? returning token",
)
const write = db.prepare("update document set token = ? where name = 'document'")
const writeFenced = db.prepare("update document set token = ? where name = 'document' and token <= ?")

/** What the storage accepted, by the token of its writer. */
const written = journal<number>('written')

/** Whoever asks while nobody holds the lease gets it, under the next token. */
function take(): number | undefined {
  const now = Date.now()
  const token = takeLease.get(now + leaseMs, now)?.['token']
  return token === undefined ? undefined : Number(token)
}

/** Takes the lease, works for a moment, well within the time it has, and writes. */
function worker(save: (token: number) => boolean): Hono {
  return new Hono().post('/work', async (c) => {
    const token = take()
    if (token === undefined) return c.json({ error: 'somebody else is at work' }, 503)
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (!save(token)) return c.json({ error: 'the lease is over' }, 409)
    written.add(token)
    return c.json({ token })
  })
}

/** The storage writes what it is told to. */
export const trusting: Hono = worker((token) => write.run(token).changes === 1)

/** The storage refuses a token that is lower than one it has seen. */
export const fencing: Hono = worker((token) => writeFenced.run(token, token).changes === 1)

const work = op('work', fc.constantFrom('left', 'right'), async (name) => {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`http://${name}/work`, { method: 'POST', signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    )
    if (answer?.ok === true || attempt === 4) return answer ?? new Response(null, { status: 503 })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
})

/** Two workers, one document. The judge looks at what the storage accepted. */
export function working(app: Hono): System {
  return {
    nodes: { left: serve(() => app), right: serve(() => app) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [work],
    invariants: [mutualExclusion(written, { token: (token) => token })],
    tolerates: ['pause'],
  }
}
