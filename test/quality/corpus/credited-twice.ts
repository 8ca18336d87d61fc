// A wallet that credits what a webhook says (PHENOMENA 5): the provider delivers at least once, and each delivery
// counts.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { always, rows, sqlite, type System } from '../../../src/index.ts'
import { deliveries } from '../../../src/queues.ts'
import type { Planted } from '../planted.ts'
import { scenarioOf } from '../scenario-of.ts'

interface Credit {
  readonly id: string
  readonly cents: number
}

function system(sound: boolean): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table entry (id text, cents integer not null)')
  db.exec('create table seen (id text primary key)')
  const see = db.prepare('insert or ignore into seen (id) values (?)')
  const credit = db.prepare('insert into entry (id, cents) values (?, ?)')
  const all = db.prepare('select id, cents from entry')
  const receive = ({ id, cents }: Credit): void => {
    db.exec('begin immediate')
    try {
      const isNew = see.run(id).changes === 1
      if (isNew || !sound) credit.run(id, cents)
      db.exec('commit')
    } catch (error) {
      db.exec('rollback') // else it would stay open, and each later delivery would fail
      throw error
    }
  }
  return deliveries(receive, fc.array(fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 10_000 }) })), {
    stores: [sqlite(db, { name: 'db' })],
    invariants: [
      always(
        'an event is credited once',
        rows('entry', () => all.all() as unknown as readonly Credit[]),
        (entries) => new Set(entries.map(({ id }) => id)).size === entries.length,
      ),
    ],
  })
}

export const creditedTwice: Planted = {
  name: 'a webhook is delivered twice',
  depth: 1,
  phenomena: [5],
  system,
  smallest: scenarioOf(
    [{ operation: 'deliver', input: { id: '00000000-0000-1000-8000-000000000000', cents: 1 } }],
    [
      {
        kind: 'duplicate',
        at: 'deliver#0 | client -> handler deliver events id#0 1 request',
        after: 'reply',
        gapMs: 10,
      },
    ],
  ),
}
