// Invoice numbers without gaps (PHENOMENA 19, 33): each of two instances reads the highest number and inserts the next
// one. Between the two statements of one, the other may read the same number.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { always, op, rows, serve, sqlite, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table invoice (customer text not null, number integer not null)')
  const highest = db.prepare('select coalesce(max(number), 0) as number from invoice')
  const insert = db.prepare('insert into invoice (customer, number) values (?, ?)')
  const insertNext = db.prepare(
    'insert into invoice (customer, number) select ?, coalesce(max(number), 0) + 1 from invoice',
  )
  const all = db.prepare('select number from invoice')
  const billing = async (request: Request): Promise<Response> => {
    const customer = (await request.json()) as string
    if (sound) insertNext.run(customer)
    else insert.run(customer, Number(highest.get()?.['number']) + 1)
    return answer(201)
  }
  const bill = op('bill', fc.uuid(), (customer) => post('http://billing/', customer), { timeout: 5_000 })
  return {
    nodes: { billing: serve(() => (request) => billing(request), { instances: 2 }) },
    stores: [sqlite(db, { name: 'db' })],
    operations: [bill],
    invariants: [
      always(
        'an invoice has a number of its own',
        rows('invoice', () => all.all() as unknown as readonly { readonly number: number }[]),
        (invoices) => new Set(invoices.map(({ number }) => number)).size === invoices.length,
      ),
    ],
  }
}

export const sameNumber: Planted = {
  name: 'two instances give the same invoice number',
  depth: 0,
  phenomena: [19, 33],
  system,
  smallest: scenarioOf(
    [
      { operation: 'bill', input: '00000000-0000-1000-8000-000000000000' },
      { operation: 'bill', input: '00000000-0000-1000-8000-000000000001', client: 1 },
    ],
    [],
    [{ at: 'bill#0 | client -> billing POST / bill#0 1 | billing -> db insert invoice bill#0 1 reply' }],
  ),
}
