// Two generals (PHENOMENA 10): they win if both attack at dawn, and lose if one attacks alone; their messengers may be
// caught. General A orders, B acknowledges, A acknowledges that, n times in all, and then each attacks. Whoever sends
// the last messenger attacks without knowing that it arrived, so that for every n one lost messenger, the last, is
// enough (Akkoyunlu et al. 1975, Gray 1978). No number of acknowledgements helps. The sound twin needs no last
// messenger: the decision is written down once, in a durable place, and each general asks there until it knows. What it
// gives up is the hour: both attack in the end, not at dawn.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { atLeastOnce, eventually, journal, op, serve, sqlite, type Invariant, type System } from 'two-generals'

interface Attack {
  readonly general: 'a' | 'b'
  readonly day: string
}

const attack = journal<Attack>('attack')

const together: Invariant = eventually('both attack or neither', attack, (attacks) =>
  [...Map.groupBy(attacks, ({ day }) => day).values()].every(
    (ofDay) => new Set(ofDay.map(({ general }) => general)).size === 2,
  ),
)

const days = fc.record({ day: fc.uuid() })

interface Day {
  readonly day: string
}

/** A messenger there, and one back with the acknowledgement. Undefined where either was caught. */
async function send(url: string, body: object, method = 'POST'): Promise<Response | undefined> {
  const answer = await fetch(url, { method, body: JSON.stringify(body), signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  )
  return answer?.ok === true ? answer : undefined
}

/**
 * The general who orders. Message 0 is the order; every other one acknowledges the one before: A sends the even ones, B
 * the odd ones.
 */
function generalA(acknowledgements: number): Hono {
  return new Hono().post('/dawn', async (c) => {
    const { day } = await c.req.json<Day>()
    for (let message = 0; message <= acknowledgements; message += 2) {
      if (message === acknowledgements) attack.add({ general: 'a', day }) // nobody will acknowledge this one
      if ((await send(`http://b/${message === 0 ? 'order' : 'acknowledgement'}`, { day, message })) === undefined)
        return c.json({ day }, 503)
      if (message + 1 === acknowledgements) attack.add({ general: 'a', day })
    }
    return c.json({ day })
  })
}

/** The general who obeys: attacks when it has the last acknowledgement, or sends it. */
function generalB(acknowledgements: number): Hono {
  return new Hono().post('/*', async (c) => {
    const { day, message } = await c.req.json<Day & { readonly message: number }>()
    if (message === acknowledgements || message + 1 === acknowledgements) attack.add({ general: 'b', day })
    return c.json({ day })
  })
}

/** "Attack if acknowledged n times." Messengers are caught; nothing else goes wrong. */
export function acknowledging(n: number): System {
  return {
    nodes: { a: serve(() => generalA(n)), b: serve(() => generalB(n)) },
    operations: [op('dawn', days, (day) => fetch('http://a/dawn', { method: 'POST', body: JSON.stringify(day) }))],
    invariants: [together],
    tolerates: ['lose'],
  }
}

const db = new DatabaseSync(':memory:')
db.exec('create table decision (day text primary key)')

const decide = db.prepare('insert or ignore into decision (day) values (?)')
const decided = db.prepare('select day from decision where day = ?')

/** Where the decision is: made once, and never taken back. */
const council = new Hono()
  .put('/decisions/:day', (c) => {
    decide.run(c.req.param('day'))
    return c.json({ attack: true })
  })
  .get('/decisions/:day', (c) =>
    decided.get(c.req.param('day')) === undefined ? c.json({ attack: 'unknown' }, 404) : c.json({ attack: true }),
  )

/** Attacks when it knows that it is decided, and not before. A decides; B only asks. */
function patient(general: 'a' | 'b', method: 'PUT' | 'GET'): Hono {
  return new Hono().post('/dawn', async (c) => {
    const { day } = await c.req.json<Day>()
    const answer = await fetch(`http://council/decisions/${day}`, { method, signal: AbortSignal.timeout(5_000) }).catch(
      () => undefined,
    )
    if (answer?.ok !== true) return c.json({ error: 'not known yet' }, 503)
    attack.add({ general, day })
    return c.json({ day })
  })
}

const attempts = 60

/** Wakes a general every few seconds until it has attacked. */
async function wake(general: 'a' | 'b', day: Day): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(`http://${general}/dawn`, day)
    if (answer !== undefined) return answer
    if (attempt === attempts) throw new Error(`nobody knows whether ${general} attacks`)
    await new Promise((resolve) => setTimeout(resolve, 5_000))
  }
}

const dawn = op('dawn', days, async (day) => {
  const [answer] = await Promise.all([wake('a', day), wake('b', day)])
  return answer
})

/**
 * One decision, in one place, asked for until it is known. Anything may go wrong, as long as somebody wakes the
 * generals until both have attacked.
 */
export const deciding: System = {
  nodes: { a: serve(() => patient('a', 'PUT')), b: serve(() => patient('b', 'GET')), council: serve(() => council) },
  stores: [sqlite(db, { name: 'decisions' })],
  operations: [dawn],
  invariants: [
    together,
    atLeastOnce(
      dawn.by(({ day }) => day),
      attack.by(({ day }) => day),
    ),
  ],
  tolerates: { except: ['leave'] },
}
