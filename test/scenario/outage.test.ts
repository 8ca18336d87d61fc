import { expect, test } from 'vitest'
import type { Address, PathStep } from '../../src/scenario/address.ts'
import { outageAt, outageSite } from '../../src/scenario/outage.ts'
import { callSite } from './fault/sites.ts'

const { address: first } = callSite('request')
const seeds = Array.from({ length: 4_000 }, (_, seed) => seed)
const struck = (address: Address, seed: number, name = 'lose'): boolean =>
  outageAt(outageSite(address), { seed, name, rate: 0.02 }) !== undefined

/** Of the seeds whose outages strike the one, the share in which they strike the other. */
function together(one: Address, other: Address): number {
  const found = seeds.filter((seed) => struck(one, seed))
  return found.filter((seed) => struck(other, seed)).length / found.length
}

const attempt = (nth: number): Address => ({ ...first, nth })

test('strikes at about its rate, the same for the same seed', () => {
  const found = seeds.filter((seed) => struck(first, seed))
  expect(found.length / seeds.length).toBeGreaterThan(0.008)
  expect(found.length / seeds.length).toBeLessThan(0.02)
  expect(seeds.filter((seed) => struck(first, seed))).toEqual(found)
  expect(seeds.some((seed) => outageAt(outageSite(first), { seed, name: 'lose', rate: 0 }) !== undefined)).toBe(false)
})

test('strikes the next attempts mostly too, but no fourth', () => {
  for (const nth of [2, 3]) expect(together(first, attempt(nth))).toBeGreaterThan(0.5)
  expect(together(first, attempt(4))).toBeLessThan(0.2)
})

test('strikes within the next attempts of an outer call, and in the next operation that does the same', () => {
  const [step] = first.path
  if (step === undefined || first.root.kind !== 'operation') throw new Error('the call has no outer call')
  const outer: PathStep = { ...step, nth: 2 }
  expect(together(first, { ...first, path: [outer] })).toBeGreaterThan(0.5)
  expect(together(first, { ...first, root: { ...first.root, invocation: 1 } })).toBeGreaterThan(0.5)
})

test('strikes the same calls to others mostly, and nothing else', () => {
  expect(together(first, { ...first, to: 'mirror' })).toBeGreaterThan(0.5)
  for (const other of [{ leg: 'reply' }, { operation: 'GET /charges' }, { from: 'client' }] as const)
    expect(together(first, { ...first, ...other })).toBeLessThan(0.2)
  expect(seeds.filter((seed) => struck(first, seed) && struck(first, seed, 'crash')).length).toBeLessThan(10)
})

test('all that one outage strikes has one name, so that it is struck in the same way', () => {
  for (const seed of seeds) {
    const [one, two] = [first, { ...first, to: 'mirror' }].map((at) =>
      outageAt(outageSite(at), { seed, name: 'lose', rate: 0.02 }),
    )
    if (one !== undefined && two !== undefined) expect(two).toBe(one)
  }
})
