// Fields that follow a body: they reach node:http and undici as over a real loopback socket, also behind a body that is
// streamed or trickles, and never behind one that breaks off.
import { createHash } from 'node:crypto'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { always, assess, journal, listed, op, serve, simulate, sometimes, type Fault, type System } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'
import { rootOf } from '../../address-of.ts'

const sumOf = (body: string): string => createHash('sha256').update(body).digest('hex')
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Answers with what it was asked and what followed that, and with the sum of its answer behind it. */
const summed: RequestListener = (asked, response) =>
  void text(asked).then(async (body) => {
    const said = `${body}, ${JSON.stringify(asked.trailers)}`
    response.writeHead(200, { trailer: 'x-sum' })
    response.write(said.slice(0, 4))
    if (asked.url === '/later') await later(20)
    response.addTrailers({ 'x-sum': sumOf(said) })
    response.end(said.slice(4))
  })

interface Told {
  readonly body: string
  readonly trailers: object
}

/** A body of its own, with its sum behind it. */
const overHttp = (url: string): Promise<Told> =>
  new Promise((resolve, reject) => {
    const headers = { trailer: 'x-sum', 'transfer-encoding': 'chunked' }
    const asking = http.request(url, { method: 'POST', headers }, (answer) => {
      text(answer).then((body) => resolve({ body, trailers: { ...answer.trailers } }), reject)
    })
    asking.on('error', reject)
    asking.write('a body')
    asking.addTrailers({ 'X-Sum': sumOf('a body') })
    asking.end()
  })

const overUndici = async (url: string): Promise<Told> => {
  const { body, trailers } = await request(url)
  return { body: await body.text(), trailers: { ...trailers } }
}

const server = http.createServer(summed)
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test.each([
  ['node:http', overHttp],
  ['undici', overUndici],
])('%s', async (_, ask) => {
  const both = async (origin: string): Promise<Told[]> => [await ask(`${origin}/`), await ask(`${origin}/later`)]
  const real = await both(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { seen } = await play({ nodes: { shop: serve(() => summed) } }, () => both('http://shop'))
  expect(seen).toEqual(real)
  expect(real.every(({ trailers, body }) => 'x-sum' in trailers && trailers['x-sum'] === sumOf(body))).toBe(true)
})

test.each<[string, Partial<Fault>, object]>([
  [
    'a body that trickles',
    { kind: 'trickle', overMs: 1_000 },
    { body: 'a body', isComplete: true, sum: sumOf('a body') },
  ],
  ['a body that breaks off', { kind: 'reset', atByte: 3 }, { isComplete: false, sum: undefined }],
])('of %s', async (_, how, expected) => {
  let seen: object | undefined
  const shop: RequestListener = (asked, response) => {
    const tell = (body?: string): void => {
      seen = { ...(body === undefined ? {} : { body }), isComplete: asked.complete, sum: asked.trailers['x-sum'] }
      response.end()
    }
    text(asked).then(tell, () => tell())
  }
  const go = op('go', fc.constant(null), () => overHttp('http://shop/'))
  const at = { root: rootOf('go#0'), path: [], from: 'client', to: 'shop', operation: 'POST /', leg: 'request', nth: 1 }
  const system: System = {
    nodes: { shop: serve(() => shop) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const invocations = [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }]
  await simulate(system, { workload: { invocations }, plan: listed([{ ...how, at } as Fault]), seed: 1 })
  expect(seen).toEqual(expected)
})

test('a sum behind a body tells of one that was cut: who does not look at it keeps a part', async () => {
  const kept = journal<string>('kept')
  const system = (looks: boolean): System => ({
    nodes: { shop: serve(() => summed) },
    operations: [
      op('fetch', fc.constant(null), async () => {
        const { body, trailers } = await overHttp('http://shop/')
        const isWhole = 'x-sum' in trailers && trailers['x-sum'] === sumOf(body)
        if (!looks || isWhole) kept.add(body)
        return isWhole
      }),
    ],
    tolerates: [{ kind: 'garble', body: 'truncated' }],
    invariants: [always('only whole ones are kept', kept, (all) => all.every((body) => body.endsWith('}')))],
  })
  expect((await assess(system(false), { numRuns: 20, seed: 1 })).kind).toBe('violated')
  expect((await assess(system(true), { numRuns: 20, seed: 1 })).kind).toBe('holds')
})
