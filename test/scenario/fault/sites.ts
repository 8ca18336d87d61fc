// Sites as the kernel produces them, for the tests of single kinds: one payment is simulated on the perfect network,
// and its sites are handed out. A test may change the numbers of a site, never its shape.
import { DatabaseSync } from 'node:sqlite'
import type { Leg } from '../../../src/scenario/address.ts'
import type { BootSite, CallSite, Site, StoreSite } from '../../../src/scenario/site.ts'
import { sqlite } from '../../../src/store/sqlite/sqlite.ts'
import type { System } from '../../../src/system/system.ts'
import { serve } from '../../../src/transport/serve.ts'
import { act, nothingToJudge, runOnce, scenarioOf } from '../../simulate/systems.ts'

const database = new DatabaseSync(':memory:')
database.exec('create table orders (id integer primary key)')

const paying: System = {
  nodes: {
    shop: serve(() => async () => {
      await fetch('http://bank/charges', { method: 'POST' })
      database.prepare('select count(*) from orders').get()
      database.prepare('insert into orders default values').run()
      return new Response(null, { status: 204 })
    }),
    bank: serve(() => () => new Response(null, { status: 204 })),
  },
  stores: [sqlite(database, { name: 'db' })],
  operations: [act('pay', () => fetch('http://shop/orders', { method: 'POST' }))],
  invariants: [nothingToJudge],
}

/** All sites of the payment, in order. */
export const paymentSites: readonly Site[] = (await runOnce(paying, scenarioOf(paying), { collect: true })).sites

function siteWhere<S extends Site>(fits: (site: Site) => site is S): S {
  const site = paymentSites.find(fits)
  if (site === undefined) throw new Error(`The payment has no such site: ${JSON.stringify(paymentSites)}`)
  return site
}

/**
 * A leg of the call from shop to bank, `POST /charges`. Both ends are nodes of the user's, nobody delivers at least
 * once, no timer waits, and the reply has no body.
 */
export function callSite(leg: Leg, more: Partial<Omit<CallSite, 'kind'>> = {}): CallSite {
  const site = siteWhere(
    (one): one is CallSite => one.kind === 'call' && one.address.to === 'bank' && one.address.leg === leg,
  )
  return { ...site, ...more }
}

/** Directly after shop's `insert orders`. */
export const writeSite: StoreSite = siteWhere(
  (one): one is StoreSite => one.kind === 'store' && one.write && one.address.leg === 'reply',
)

/** As shop's `insert orders` is about to be carried out. */
export const refusalSite: StoreSite = siteWhere(
  (one): one is StoreSite => one.kind === 'store' && one.address.leg === 'request',
)

/** Directly after shop's `select orders`. */
export const readSite: StoreSite = siteWhere((one): one is StoreSite => one.kind === 'store' && !one.write)

/** The first boot of shop. */
export const bootSite: BootSite = siteWhere((one): one is BootSite => one.kind === 'boot' && one.address.to === 'shop')
