// Of what a loop does again and again, three times are kept: the first, the second and the last.
import { expect, test } from 'vitest'
import { withoutRepeats } from '../../src/explore/repeats.ts'
import { bootRoot, invocationRoot, tickRoot, type Address, type Root } from '../../src/scenario/address.ts'
import type { Site } from '../../src/scenario/site.ts'

function site(root: Root, nth: number, parts: Partial<Address> = {}): Site {
  const address: Address = {
    root,
    path: [],
    from: 'shop',
    to: 'bank',
    operation: 'GET /',
    leg: 'request',
    nth,
    ...parts,
  }
  return { kind: 'call', address, repeatable: true, nodes: [], latencyMs: 20, timersMs: [] }
}

const times = [1, 2, 3, 4, 5]

test('of the ticks of one interval', () => {
  const sites = times.map((firing) => site(tickRoot('shop', 0, firing), 1))

  expect(withoutRepeats(sites)).toEqual([sites[0], sites[1], sites[4]])
})

test('of the rounds of a loop that was started at boot', () => {
  const sites = times.map((nth) => site(bootRoot('shop'), nth))

  expect(withoutRepeats(sites)).toEqual([sites[0], sites[1], sites[4]])
})

test('also of what a call of each round causes elsewhere', () => {
  const step = { from: 'shop', to: 'bank', operation: 'GET /' }
  const sites = times.map((nth) => site(bootRoot('shop'), 1, { from: 'bank', to: 'db', path: [{ ...step, nth }] }))

  expect(withoutRepeats(sites)).toEqual([sites[0], sites[1], sites[4]])
})

test.each([
  ['what a client asked for', times.map((nth) => site(invocationRoot('pay', 0), nth))],
  ['ticks of several intervals', times.map((timer) => site(tickRoot('shop', timer, 1), 1))],
  ['calls of several operations', times.map((n) => site(bootRoot('shop'), 1, { operation: `GET /${n}` }))],
  ['calls about several keys', times.map((n) => site(bootRoot('shop'), 1, { key: `order#${n}` }))],
])('all are kept of %s', (_name, sites) => {
  expect(withoutRepeats(sites)).toEqual(sites)
})
