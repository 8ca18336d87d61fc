// State that outlives a history, whatever it does to later ones: handlers refuse, are silent, or give the answers of an
// earlier history. It is named as what it is, in words, and is never told as a violation.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atMostOnce,
  exactlyOnce,
  idempotentReplay,
  journal,
  keyValue,
  linearizable,
  map,
  noHang,
  op,
  rows,
  serve,
  type System,
} from '../../src/index.ts'
import { sleep } from '../bench/sound/sound.ts'

interface Order {
  readonly order: string
}

const post = ({ order }: Order): Promise<Response> => fetch(`http://shop/${order}`, { method: 'POST' })
const fresh = op('pay', fc.record({ order: fc.uuid() }), post, { retries: 1, timeout: 1_000 })
const few = op('pay', fc.record({ order: fc.constantFrom('a', 'b', 'c', 'd', 'e') }), post)
const done = journal<string>('done')

function shop(pay: typeof fresh, handler: (order: string) => Response, parts: Partial<System> = {}): System {
  return {
    nodes: { shop: serve(() => (request: Request) => handler(new URL(request.url).pathname)) },
    operations: [pay],
    invariants: [atMostOnce(done.by(String))],
    tolerates: ['lose'],
    ...parts,
  }
}

/** Remembers orders where no history forgets them. */
function remembering(pay: typeof fresh, first: () => Response, again: () => Response): System {
  const seen = new Set<string>()
  return shop(
    pay,
    (order) => {
      if (seen.has(order)) return again()
      seen.add(order)
      return first()
    },
    { invariants: [idempotentReplay(pay.by(({ order }) => order)), noHang()] },
  )
}

function keysAndValues(): System {
  const kept = new Map<string, string>()
  const keys = fc.constantFrom('a', 'b')
  const put = op('put', fc.record({ key: keys, value: fc.uuid() }), ({ key, value }) =>
    fetch(`http://shop/${key}`, { method: 'PUT', body: value }),
  )
  const get = op('get', keys, (key) => fetch(`http://shop/${key}`))
  return {
    nodes: {
      shop: serve(() => async (request: Request) => {
        if (request.method === 'GET') return new Response(kept.get(request.url) ?? '')
        kept.set(request.url, await request.text())
        return new Response(null, { status: 204 })
      }),
    },
    operations: [put, get],
    tolerates: ['lose'],
    invariants: [
      linearizable(keyValue(), [
        put.as(({ key, value }) => ({ f: 'put', key, input: value })),
        get.as((key, answer) => ({ f: 'get', key, output: answer === undefined ? undefined : answer.body || null })),
      ]),
    ],
  }
}

/** After so many requests in all it refuses every further one. */
function limiting(pay: typeof fresh, most: number): System {
  let left = most
  return shop(pay, (order) => {
    if (left-- <= 0) return new Response(null, { status: 429 })
    done.add(order)
    return new Response(null, { status: 201 })
  })
}

/** A dedupe that outlives the rows that it guards. */
function silencing(): System {
  const seen = new Set<string>()
  const kept = new Map<string, Order>()
  const row = rows('row', () => [...kept.values()])
  return shop(
    fresh,
    (path) => {
      const order = path.slice(1)
      if (!seen.has(order)) kept.set(order, { order })
      seen.add(order)
      return new Response()
    },
    {
      stores: [map(kept, { name: 'kept' })],
      invariants: [
        exactlyOnce(
          fresh.by(({ order }) => order),
          row.by(({ order }) => order),
        ),
      ],
    },
  )
}

const now = (): Response => Response.json({ done: 'now' })

describe('state that outlives a history is named', () => {
  test.each<readonly [string, () => System]>([
    ['that refuses', () => remembering(fresh, now, () => new Response(null, { status: 409 }))],
    ['that answers otherwise, with the same status', () => remembering(fresh, now, () => Response.json({}))],
    ['that answers otherwise, for few keys', () => remembering(few, now, () => Response.json({}))],
    ['that is silent', silencing],
    ['that gives the values of an earlier history', keysAndValues],
    ['that limits how much is done, and runs out while a failure is shrunk', () => limiting(few, 30)],
    ['that limits how much is done, and is noticed at the end', () => limiting(fresh, 40)],
  ])('%s', async (_, system) => {
    const assessment = await assess(system(), { seed: 1, numRuns: 20 })

    expect(assessment.kind).toBe('broken')
    expect(assessment.kind === 'broken' && assessment.text).toMatch(
      /^State leaks between histories, .*\n {2}before {2}\d+\.\d{3} s {2}\S.*\n {2}after {3}\d+\.\d{3} s {2}\S/,
    )
  })

  test('in the words of stories, with the field that differs', async () => {
    const system = remembering(fresh, now, () => Response.json({ done: 'already' }))
    const assessment = await assess(system, { seed: 1, numRuns: 1 })

    expect(assessment.kind === 'broken' && assessment.text).toContain(
      `the same run is answered otherwise after others. They differ from event 7 on:
  before  0.040 s  client 0: pay ends ok: { status: 200, body: '{"done":"now"}' }
  after   0.040 s  client 0: pay ends ok: { status: 200, body: '{"done":"already"}' }
  value.body: "{\\"done\\":\\"now\\"}" against "{\\"done\\":\\"already\\"}"`,
    )
  })

  test('not where each run counts on: ids of a module differ anew, and verdicts stand', async () => {
    let next = 0
    const { kind, remarks } = await assess(
      shop(
        fresh,
        (order) => {
          done.add(order)
          return Response.json({ id: next++ })
        },
        { tolerates: [] },
      ),
      { seed: 1, numRuns: 5 },
    )

    expect(kind).toBe('holds')
    expect(remarks.join('\n')).toMatch(
      /counters outlive a history, .* First at 0\.040 s, client 0: pay ends ok.*; value\.body: .*0.* against .*1/,
    )
  })
})

describe('an error that nobody catches, in the background of a handler', () => {
  function background(afterMs: number): System {
    const work = async (): Promise<void> => {
      if (afterMs > 0) await sleep(afterMs)
      throw new Error('no such table')
    }
    return shop(
      fresh,
      (order) => {
        done.add(order)
        void work()
        return new Response()
      },
      { tolerates: [] },
    )
  }

  const place = /Error: no such table at test\/report\/leaks\.test\.ts:\d+/

  test('is told with its node and line, though no invariant objects', async () => {
    const { kind, remarks } = await assess(background(30), { seed: 1, numRuns: 1 })

    expect(kind).toBe('holds')
    expect(remarks.join('\n')).toMatch(place)
    expect(remarks.join('\n')).toMatch(/"shop" threw .*, and nobody caught it, so that its process died\./)
  })

  test('is told with its node and line where the answer is lost with it', async () => {
    const assessment = await assess(background(0), { seed: 1, numRuns: 1 })

    expect(assessment.kind === 'broken' && assessment.text).toMatch(place)
    expect(assessment.kind === 'broken' && assessment.text).toContain('\n  shop: Error')
  })
})
