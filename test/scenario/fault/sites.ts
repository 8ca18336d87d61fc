// Sites written by hand, for the tests of single kinds: a call from shop to bank, a write of shop, shop's boot.
import { rootOf } from '../../address-of.ts'
import { bootAddress, type Address } from '../../../src/scenario/address.ts'
import type { Site } from '../../../src/scenario/site.ts'

/** Both ends are nodes of the user's; nobody delivers at least once; no timer waits. */
export function httpSite(leg: Address['leg'], more: Partial<Site> = {}): Site {
  return {
    address: { root: rootOf('pay#0'), path: [], from: 'shop', to: 'bank', operation: 'POST /charges', leg, nth: 1 },
    channel: 'http',
    method: 'POST',
    atLeastOnce: false,
    nodes: ['shop', 'bank'],
    write: false,
    latencyMs: 20,
    timersMs: [],
    ...more,
  }
}

/** Directly after a call on a store. */
export function storeSite(more: Partial<Site> = {}): Site {
  return {
    address: {
      root: rootOf('pay#0'),
      path: [],
      from: 'shop',
      to: 'db',
      operation: 'insert orders',
      leg: 'reply',
      nth: 1,
    },
    channel: 'store',
    method: '',
    atLeastOnce: false,
    nodes: ['shop'],
    write: true,
    latencyMs: 0,
    timersMs: [],
    ...more,
  }
}

export const bootSite: Site = {
  address: bootAddress('shop'),
  channel: 'boot',
  method: '',
  atLeastOnce: false,
  nodes: ['shop'],
  write: false,
  latencyMs: 0,
  timersMs: [],
}
