// What the engines of stores do of their own: at which sites, and in which words.
import { expect, test } from 'vitest'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { deliveryOf, describeFault, faultsAt, faultWords, milderFaults } from '../../../src/scenario/fault/registry.ts'
import { reachOf } from '../../../src/scenario/fault/reach.ts'
import type { StoreSite } from '../../../src/scenario/site.ts'
import { bootSite, callSite, readSite, refusalSite, writeSite } from './sites.ts'

const replicaSite: StoreSite = { ...readSite, address: { ...readSite.address, leg: 'request' }, engine: 'stale' }
const unsyncedSite: StoreSite = { ...writeSite, engine: 'unsynced' }

test('each strikes where its engine is asked, or has just committed, and nowhere else', () => {
  const kinds = ['readonly', 'stale', 'unsynced'] as const
  const at = (site: Parameters<typeof faultsAt>[1]): readonly string[] =>
    kinds.filter((kind) => faultsAt(kind, site).length > 0)

  expect([refusalSite, replicaSite, unsyncedSite].map(at)).toStrictEqual([['readonly'], ['stale'], ['unsynced']])
  expect([readSite, writeSite, bootSite, callSite('request'), callSite('reply')].flatMap(at)).toStrictEqual([])
  expect(at(callSite('request', { engine: 'readonly' }))).toStrictEqual(['readonly'])
})

test('a store takes no writes until it is healed, or for a while', () => {
  const [fault, ...others] = faultsAt('readonly', refusalSite)
  if (fault?.kind !== 'readonly') throw new Error('none')
  const short = { ...fault, forMs: 3_000 }

  expect(others).toStrictEqual([])
  expect([fault, short].map(faultWords)).toStrictEqual(['db takes no writes', 'db takes no writes, for 3 s'])
  expect(describeFault(fault)).toBe('db takes no writes, from insert orders (pay, attempt 1) on')
  expect([fault, short].map((one) => reachOf(deliveryOf([one])))).toStrictEqual([0, 3_000])
  expect(milderFaults(fault, []).map(({ words }) => words)).toStrictEqual(['db takes no writes, for 1 s'])
})

test('a read is as old as some writes, or some time', () => {
  const faults = faultsAt('stale', replicaSite)

  expect(faults.map(faultWords)).toStrictEqual([
    'db is read as it was a write ago',
    'db is read as it was 3 writes ago',
    'db is read as it was 1 s ago',
  ])
  expect(faults.map((fault) => deliveryOf([fault]).asOf)).toStrictEqual([{ writes: 1 }, { writes: 3 }, { byMs: 1_000 }])
  expect(faults.map(describeFault)[0]).toBe('let select orders (pay, attempt 1) read db as it was a write ago')
  expect(faults.map((fault) => milderFaults(fault, []).map(({ words }) => words))).toStrictEqual([
    [],
    ['db is read as it was a write ago'],
    ['db is read as it was 500 ms ago'],
  ])
})

test('a commit was not on the disk: power is lost later, and the mildest is that only the process dies', () => {
  const [fault] = faultsAt('unsynced', unsyncedSite)
  if (fault === undefined) throw new Error('none')

  expect(faultWords(fault)).toBe('not yet on the disk as power is lost 100 ms later')
  expect(describeFault(fault)).toBe(
    'lose power 100 ms after insert orders (pay, attempt 1), which was not on the disk of db',
  )
  expect(deliveryOf([fault])).toStrictEqual({ ...undisturbed, powerLost: { afterMs: 100, restartAfterMs: 1_000 } })
  expect(reachOf(deliveryOf([fault]))).toBe(1_100)
  expect(milderFaults(fault, []).map(({ words }) => words)).toStrictEqual(['a crash of shop alone'])
})
