// A lock in Redis, by SET NX PX (PHENOMENA 15): two workers share one document. One takes the lock and is held up for
// longer than that lasts: it sleeps, or its answer is late. Redis lets the lock expire, another worker takes it and
// writes; then the first goes on as if nothing had happened, and writes over that. Asking Redis once more before the
// write helps little, since the sleep may come after the answer. The sound twin gets a number that grows with the lock,
// and the storage refuses any number lower than one it has seen (Kleppmann 2016,
// https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html). The server's disk is safe here
// (`appendfsync always`): it forgets no number.
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { Redis } from 'ioredis'
import { always, op, rows, serve, type System } from 'two-generals'
import { redis } from 'two-generals/redis'

const lockMs = 3_000

/** Takes the lock where nobody has it, and counts its holders. */
const take = "if redis.call('set', 'lock', ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('incr', 'holders') end"
const release = "if redis.call('get', 'lock') == ARGV[1] then return redis.call('del', 'lock') end"

/** What the storage does with the number of a holder: it writes what it is told to, or checks it first. */
const trusting = "return redis.call('rpush', 'writes', ARGV[1])"
const fencing =
  "if tonumber(redis.call('lindex', 'writes', -1) or 0) <= tonumber(ARGV[1]) then " +
  "return redis.call('rpush', 'writes', ARGV[1]) end"

/** Takes the lock, works for a moment, well within the time it has, and writes. */
function worker(client: Redis, write: string): Hono {
  return new Hono().post('/work', async (c) => {
    const owner = crypto.randomUUID()
    const holder = await client.eval(take, 0, owner, lockMs)
    if (holder === null) return c.json({ error: 'somebody else is at work' }, 503)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const written = await client.eval(write, 0, Number(holder))
    await client.eval(release, 0, owner)
    return written === null ? c.json({ error: 'the lock is over' }, 409) : c.json({ holder })
  })
}

const work = op('work', fc.constantFrom('left', 'right'), async (name) => {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`http://${name}/work`, { method: 'POST', signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    )
    if (answer?.ok === true || attempt === 4) return answer ?? new Response(null, { status: 503 })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
})

/** Two workers, one document, one Redis. The judge looks at what the storage accepted. */
export function working(storage: 'trusting' | 'fencing'): System {
  const store = redis({ appendfsync: 'always' })
  const writes = rows('write', () => {
    const accepted = store.value('writes')
    return Array.isArray(accepted) ? accepted.map(Number) : []
  })
  const boot = async (): Promise<Hono> => {
    const client = new Redis({ host: 'cache.internal' }).on('error', () => undefined) // it connects again by itself
    await client.ping().catch(() => undefined)
    return worker(client, storage === 'fencing' ? fencing : trusting)
  }
  return {
    nodes: { left: serve(boot), right: serve(boot) },
    stores: [store],
    operations: [work],
    invariants: [
      always('no write comes after that of a later holder', writes, (holders) =>
        holders.every((holder, index) => holder >= (holders[index - 1] ?? 0)),
      ),
    ],
  }
}
