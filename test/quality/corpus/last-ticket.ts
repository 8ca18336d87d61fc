// Two buyers, one ticket (PHENOMENA 19): both read that one is left, both wait for their payment, both get it.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import { noOversell, op, rows, serve, sqlite, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

interface Sale {
  readonly event: string
  readonly buyer: string
}

function system(sound: boolean): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table event (name text primary key, left integer not null)')
  db.exec('create table sale (event text not null, buyer text not null)')
  db.exec("insert into event values ('opera', 1), ('jazz', 2)")
  const left = db.prepare('select left from event where name = ?')
  const set = db.prepare('update event set left = ? where name = ?')
  const take = db.prepare('update event set left = left - 1 where name = ? and left > 0')
  const sell = db.prepare('insert into sale (event, buyer) values (?, ?)')
  const all = db.prepare('select event, buyer from sale')
  const office = async (request: Request): Promise<Response> => {
    const { event, buyer } = (await request.json()) as Sale
    const before = Number(left.get(event)?.['left'])
    if (before < 1) return answer(409)
    const held = await post('https://api.pay.example/v1/holds', { buyer })
    if (!held.ok) return answer(502)
    const taken = sound ? take.run(event).changes : set.run(before - 1, event).changes
    if (taken === 0) return answer(409)
    sell.run(event, buyer)
    return answer(201)
  }
  const buy = op(
    'buy',
    fc.record({ event: fc.constantFrom('opera', 'jazz'), buyer: fc.uuid() }),
    (sale) => post('http://office/', sale),
    { timeout: 5_000 },
  )
  return {
    nodes: { office: serve(() => office) },
    outside: [http.post('https://api.pay.example/v1/holds', () => HttpResponse.json({ id: 'hold_1' }))],
    stores: [sqlite(db, { name: 'db' })],
    operations: [buy],
    invariants: [
      noOversell(
        rows('sale', () => all.all() as unknown as readonly Sale[]).by(({ event }) => event),
        { stock: (event) => (event === 'opera' ? 1 : 2) },
      ),
    ],
  }
}

export const lastTicket: Planted = {
  name: 'two buyers, one ticket',
  depth: 0,
  phenomena: [19],
  system,
  smallest: scenarioOf([
    { operation: 'buy', input: { event: 'opera', buyer: '00000000-0000-1000-8000-000000000000' } },
    { operation: 'buy', input: { event: 'opera', buyer: '00000000-0000-1000-8000-000000000001' }, client: 1 },
  ]),
}
