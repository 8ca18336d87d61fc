// A wait for real work (hashing, compressing, reading a file) lets others in, as in a real process: whatever is due at
// that moment comes first. So a handler that looks, waits for real work and acts is broken without any fault.
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { amount, full } from '../full.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { journal } from '../../src/history/effect.ts'
import { assess } from '../../src/property.ts'
import { map } from '../../src/store/map.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'

const granted = journal<string>('granted')
const hash = (): Promise<unknown> => crypto.subtle.digest('SHA-256', new Uint8Array(8))

/** A token may be redeemed once, at a desk that looks whether it is used, does something, and marks it. */
function redeeming(between: () => unknown, around: (redeem: () => Promise<void>) => Promise<void>): System {
  const used = new Set<string>()
  const redeem = async (token: string): Promise<void> => {
    if (used.has(token)) return
    await between()
    used.add(token)
    granted.add(token)
  }
  const handler = async (request: Request): Promise<Response> => {
    const token = new URL(request.url).pathname.slice(1)
    await around(() => redeem(token))
    return new Response('ok')
  }
  const tokens = fc.constantFrom('token-aaaa', 'token-bbbb')
  return {
    nodes: { desk: serve(() => handler) },
    stores: [map(used, { name: 'used' })],
    operations: [op('redeem', tokens, (token) => fetch(`http://desk/${token}`), { doubleSubmit: true })],
    tolerates: { except: ['crash', 'deploy'] },
    invariants: [atMostOnce(granted.by((token) => token))],
  }
}

const unguarded = (redeem: () => Promise<void>): Promise<void> => redeem()

/** Takes one after the other. */
function mutex(): typeof unguarded {
  let last = Promise.resolve()
  return (redeem) => (last = last.then(redeem))
}

const kindsOfWork: readonly (readonly [string, () => unknown])[] = [
  ['a hash', hash],
  ['compression', () => promisify(gzip)('text')],
  ['a file', () => readFile(new URL(import.meta.url))],
]

test.each(full ? kindsOfWork : kindsOfWork.slice(0, 1))(
  'one process that waits for %s between look and act lets a second request in',
  async (_, between) => {
    const found = await assess(redeeming(between, unguarded), { seed: 1, numRuns: 100 })
    expect(found.kind).toBe('violated')
    if (found.kind !== 'violated') return
    const { plan, workload } = found.counterexample.scenario
    expect(plan).toEqual({ kind: 'listed', faults: [] })
    expect(workload.invocations).toHaveLength(2)
  },
)

test('where a process waits for nothing, or takes one request after the other, nobody gets in', async () => {
  const few = { seed: 1, numRuns: amount(100) }
  expect(
    (
      await assess(
        redeeming(() => undefined, unguarded),
        few,
      )
    ).kind,
  ).toBe('holds')
  expect((await assess(redeeming(hash, mutex()), few)).kind).toBe('holds')
})
