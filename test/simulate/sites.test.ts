// The sites that a simulation meets: what each kind of site has, and what decides it.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type OperationOptions } from '../../src/system/operation.ts'
import type { CallSite, Site } from '../../src/scenario/site.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { anySite } from '../arbitraries.ts'
import { paymentSites } from '../scenario/fault/sites.ts'
import { act, nothingToJudge, runOnce, scenarioOf } from './systems.ts'

/** The legs of one call of a client to a shop, which answers with a body. */
async function callSitesOf(method: string, options: OperationOptions = {}): Promise<readonly CallSite[]> {
  const system: System = {
    nodes: { shop: serve(() => () => new Response('four')) },
    operations: [act('ask', () => fetch('http://shop/', { method }), options)],
    invariants: [nothingToJudge],
  }
  const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
  return sites.filter((site): site is CallSite => site.kind === 'call')
}

function shapeOf(site: Site): string {
  return `${site.kind} ${site.address.leg}: ${Object.keys(site).toSorted().join(' ')}`
}

test('every site has the shape that the tests of faults draw', async () => {
  const met = [...paymentSites, ...(await callSitesOf('GET'))]
  const drawn = new Set(fc.sample(anySite, { numRuns: 500, seed: 1 }).map(shapeOf))

  expect(new Set(met.map(({ kind }) => kind))).toEqual(new Set(['boot', 'call', 'store']))
  expect(met.map(shapeOf).filter((shape) => !drawn.has(shape))).toEqual([])
})

test('anybody may repeat an idempotent request (RFC 9110, section 9.2.2), and only its sender any other', async () => {
  const repeatable = async (method: string, options?: OperationOptions): Promise<boolean> =>
    (await callSitesOf(method, options)).every((site) => site.repeatable)

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) expect(await repeatable(method)).toBe(true)
  for (const method of ['POST', 'PATCH']) {
    expect(await repeatable(method)).toBe(false)
    expect(await repeatable(method, { retries: 1 })).toBe(true)
    expect(await repeatable(method, { doubleSubmit: true })).toBe(true)
  }
})

test('a reply says how many bytes of its body are there; a request, and an answer to HEAD, says nothing', async () => {
  const bytesOf = async (method: string): Promise<readonly (number | undefined)[]> =>
    (await callSitesOf(method)).map(({ bodyBytes }) => bodyBytes)

  expect(await bytesOf('GET')).toEqual([undefined, 4])
  expect(await bytesOf('HEAD')).toEqual([undefined, undefined])
})

test('each leg knows the timers that wait for its call', async () => {
  const timers = (await callSitesOf('POST', { timeout: 500 })).map(({ timersMs }) => timersMs)

  const [requestLegMs, limitMs] = [20, 500]
  expect(timers).toEqual([[limitMs], [limitMs - requestLegMs]])
})

test('a client is no node that a fault could strike', async () => {
  const sites = await callSitesOf('POST')

  expect(sites.map(({ nodes }) => nodes)).toEqual([['shop'], ['shop']])
  expect(paymentSites.filter(({ address }) => address.to === 'bank').map(({ nodes }) => nodes)).toEqual([
    ['bank'],
    ['bank', 'shop'],
    ['bank', 'shop'],
  ])
})
