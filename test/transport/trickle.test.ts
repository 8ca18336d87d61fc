// A body that trickles: when its pieces come, at a client and at each kind of server, and what protects nobody from it.
import type http from 'node:http'
import axios from 'axios'
import express from 'express'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundedCall, listed, op, serve, simulate, sometimes, type Fault, type System } from 'two-generals'
import { rootOf } from '../address-of.ts'
import { breaks } from '../simulate/systems.ts'

const text = '0123456789'
const root = rootOf('go#0')

async function runUnder(
  leg: 'request' | 'reply',
  nodes: System['nodes'],
  run: () => Promise<unknown>,
): Promise<unknown> {
  const at = { root, path: [], from: 'client', to: 'shop', operation: 'POST /', leg, nth: 1 } as const
  const fault: Fault = { kind: 'trickle', at, overMs: 900 }
  const go = op('go', fc.constant('once'), run)
  const system: System = { nodes, operations: [go], invariants: [sometimes('ran', () => true)] }
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }
  const { events } = await simulate(system, { workload, plan: listed([fault]), seed: 1 })
  expect(events.filter(({ kind }) => kind === 'fault')).toHaveLength(1)
  const end = events.find(({ kind }) => kind === 'ok' || kind === 'info')
  return end !== undefined && 'value' in end ? end.value : undefined
}

const evenly = Array.from(text, (piece, index) => [index * 100, piece])

async function timed(pieces: AsyncIterable<Uint8Array>, beganMs: number): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const piece of pieces) seen.push([Date.now() - beganMs, Buffer.from(piece).toString()])
  return seen
}

describe('an answer comes in ten pieces', () => {
  const shop = serve(() => () => new Response(text))

  test('to fetch', async () => {
    const seen = await runUnder('reply', { shop }, async () => {
      const response = await fetch('http://shop/', { method: 'POST' })
      return timed(response.body ?? new ReadableStream(), Date.now())
    })
    expect(seen).toEqual(evenly)
  })

  test('to axios', async () => {
    const seen = await runUnder('reply', { shop }, async () => {
      const { data } = await axios.post<http.IncomingMessage>('http://shop/', null, { responseType: 'stream' })
      return timed(data, Date.now())
    })
    expect(seen).toEqual(evenly)
  })

  test('and the history knows it whole, where nobody reads it', async () => {
    const seen = await runUnder('reply', { shop }, () => fetch('http://shop/', { method: 'POST' }))
    expect(seen).toEqual({ status: 200, body: text })
  })
})

describe('a request comes in ten pieces', () => {
  const post = (): Promise<Response> => fetch('http://shop/', { method: 'POST', body: text })

  test('to a handler of Requests', async () => {
    const shop = serve(
      () => async (request: Request) => Response.json(await timed(request.body ?? new ReadableStream(), Date.now())),
    )
    expect(await runUnder('request', { shop }, async () => (await post()).json())).toEqual(evenly)
  })

  test('to Express', async () => {
    const shop = serve(() =>
      express().post('/', async (request, response) => void response.json(await timed(request, Date.now()))),
    )
    expect(await runUnder('request', { shop }, async () => (await post()).json())).toEqual(evenly)
  })
})

/** A shop on Express that asks for a list; axios' `timeout` counts silence, a signal counts everything. */
function shopThatAsks(limit: () => { timeout?: number; signal?: AbortSignal }): System {
  const shop = serve(() =>
    express().get('/', async (_, response) => {
      const { data } = await axios.get<string>('http://stock/list', limit()).catch(() => ({ data: 'nobody knows' }))
      response.send(data)
    }),
  )
  const stock = serve(() => express().get('/list', (_, response) => void response.send('a list of all that there is')))
  const browse = op('browse', fc.constant(null), () => fetch('http://shop/', { signal: AbortSignal.timeout(60_000) }))
  return {
    nodes: { shop, stock },
    operations: [browse],
    invariants: [boundedCall(5_000)],
    tolerates: ['trickle'],
  }
}

test("axios' timeout is no limit on a body that trickles; a signal is", async () => {
  const reply = 'trickle reply of GET /list'
  expect(await breaks(shopThatAsks(() => ({ timeout: 2_000 })))).toContain(reply)
  expect(await breaks(shopThatAsks(() => ({ signal: AbortSignal.timeout(2_000) })))).not.toContain(reply)
})
