// Events out of order (PHENOMENA 6): a provider tells of a subscription that is created, changed and cancelled, and
// promises no order. What was cancelled is told to be created afterwards; a change from before comes after a newer one.
// Whoever believes what came last, bills a customer who has left; whoever ignores what it does not know yet, forgets
// the cancellation that came first. No fault is needed. The sound twin goes by the version that the event carries,
// never by its arrival.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { ackDurable, journal, monotonic, rows, sqlite, type System } from 'two-generals'
import { deliveries } from 'two-generals/queues'

export interface Event {
  readonly subscription: string
  readonly type: 'created' | 'updated' | 'cancelled'
  /** Counted by the provider, from the creation on. */
  readonly version: number
}

const db = new DatabaseSync(':memory:')
db.exec('create table subscription (id text primary key, state text not null, version integer not null)')

const put = db.prepare('insert or replace into subscription (id, state, version) values (?, ?, ?)')
const create = db.prepare('insert or ignore into subscription (id, state, version) values (?, ?, ?)')
const change = db.prepare('update subscription set state = ?, version = ? where id = ? and version < ?')
const putNewer = db.prepare(`
  insert into subscription (id, state, version) values (?, ?, ?)
  on conflict (id) do update set state = excluded.state, version = excluded.version where excluded.version > version
`)

/** What the subscription was set to, in that order. */
const became = journal<Event>('subscription')
const kept = rows(
  'subscription row',
  () => db.prepare('select id from subscription').all() as unknown as readonly { readonly id: string }[],
)

/** What came last is how it is. */
export function lastArrival(event: Event): void {
  put.run(event.subscription, event.type, event.version)
  became.add(event)
}

/** A change is newer, or is dropped; but a change of what was not created yet finds nothing to change. */
export function createdFirst(event: Event): void {
  const { subscription, type, version } = event
  const { changes } =
    type === 'created' ? create.run(subscription, type, version) : change.run(type, version, subscription, version)
  if (changes === 1) became.add(event)
}

/** The newest version is how it is, whichever way it came. */
export function newestVersion(event: Event): void {
  if (putNewer.run(event.subscription, event.type, event.version).changes === 1) became.add(event)
}

const event: fc.Arbitrary<Event> = fc
  .record({
    subscription: fc.constantFrom('ada', 'bob'),
    life: fc.constantFrom(
      { type: 'created', version: 1 } as const,
      { type: 'updated', version: 2 } as const,
      { type: 'updated', version: 3 } as const,
      { type: 'cancelled', version: 4 } as const,
    ),
  })
  .map(({ subscription, life }) => ({ subscription, ...life }))

/** Subscriptions of two customers: none goes back (the cancellation is the last version), and none is forgotten. */
export function subscribing(handler: (event: Event) => void): System {
  return deliveries(handler, fc.array(event), (deliver) => ({
    stores: [sqlite(db, { name: 'db' })],
    invariants: [
      monotonic(became, ({ subscription }) => subscription, { version: ({ version }) => version }),
      ackDurable(
        deliver.by((e) => e.subscription),
        kept.by((row) => row.id),
      ),
    ],
  }))
}
