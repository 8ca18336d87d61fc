// Session guarantees on whole explorations: a router in front of a replica that receives writes late; its sound twin
// holds under the same invariants.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearizable } from '../../../src/check/linearizable/linearizable.ts'
import { register } from '../../../src/check/models/register.ts'
import {
  assess,
  boundedStaleness,
  map,
  monotonicReads,
  op,
  readYourWrites,
  serve,
  type System,
} from '../../../src/index.ts'
import { full } from '../../full.ts'
import { found, wordsOf } from '../found.ts'

interface Put {
  readonly value: number
}

const put = op(
  'put',
  fc.record({ value: fc.integer({ min: 1, max: 1_000_000_000 }) }),
  ({ value }: Put) => fetch('http://primary/page', { method: 'PUT', body: String(value) }),
  { timeout: 3_000 },
)
const get = op(
  'get',
  fc.record({ replica: fc.boolean() }),
  ({ replica }) => fetch(`http://${replica ? 'replica' : 'primary'}/page`),
  { timeout: 3_000 },
)
const meanings = [
  put.as(({ value }) => [['w', 'page', value]] as const),
  get.as(
    (_, answer) =>
      [['r', 'page', answer === undefined ? undefined : answer.body === '' ? null : Number(answer.body)]] as const,
  ),
]

const [first, second] = [new Map<string, string>(), new Map<string, string>()]

/** A replica that receives each write two seconds later, or asks the primary for every read. */
function system(asksPrimary: boolean, invariants: System['invariants']): System {
  const primary = serve(() => async (request) => {
    if (request.method === 'GET') return new Response(first.get('page') ?? '')
    first.set('page', await request.text())
    const text = first.get('page')
    setTimeout(() => {
      void fetch('http://replica/page', { method: 'PUT', body: text ?? '' }).catch(() => undefined)
    }, 2_000)
    return new Response('stored')
  })
  const replica = serve(() => async (request) => {
    if (request.method === 'PUT') {
      second.set('page', await request.text())
      return new Response('heard')
    }
    if (asksPrimary)
      return fetch('http://primary/page', { signal: AbortSignal.timeout(1_000) }).then(
        async (answer) => new Response(await answer.text(), { status: answer.status }),
      )
    return new Response(second.get('page') ?? '')
  })
  return {
    nodes: { primary, replica },
    stores: [map(first, { name: 'first' }), map(second, { name: 'second' })],
    operations: [put, get],
    invariants,
  }
}

describe('a replica that is told two seconds later', () => {
  test('violates readYourWrites', async () => {
    expect(await found(system(false, [readYourWrites(meanings)]))).toBe('own-write-unseen')
  })

  test('violates monotonicReads', async () => {
    expect(await found(system(false, [monotonicReads(meanings)]))).toBe('read-went-back')
  })

  test('is reported with the weakest model that is violated', async () => {
    const acts = [
      put.as(({ value }) => ({ f: 'write', input: value }) as const),
      get.as(
        (_, answer) =>
          ({
            f: 'read',
            output: answer === undefined ? undefined : answer.body === '' ? null : Number(answer.body),
          }) as const,
      ),
    ]

    expect(await found(system(false, [linearizable(register(null), acts)]))).toBe('not-linearizable')

    const all = await assess(system(false, [linearizable(register(null), acts), readYourWrites(meanings)]), {
      numRuns: 40,
      seed: 3,
      shrink: full,
    })

    expect(wordsOf(all)).toBe('own-write-unseen')
    expect(all).toMatchObject({ also: [{ kind: 'not-linearizable' }] })
  })

  test('violates boundedStaleness', async () => {
    expect(await found(system(false, [boundedStaleness(1_000, meanings)]))).toBe('stale-read')
  })
})

test('a replica that asks the primary satisfies all of these', async () => {
  expect(
    await found(system(true, [readYourWrites(meanings), monotonicReads(meanings), boundedStaleness(1_000, meanings)])),
  ).toBe('holds')
})
