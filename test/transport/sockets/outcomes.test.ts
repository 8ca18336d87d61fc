// How operations end whose clients are not fetch: by the status, whether they throw it or give it.
import axios from 'axios'
import got from 'got'
import superagent from 'superagent'
import type http from 'node:http'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noFaults, op, serve, simulate, sometimes, type System } from 'two-generals'

const clients: Readonly<Record<string, (status: number) => Promise<unknown>>> = {
  'axios, which throws': (status) => axios.post(`http://shop/${status}`, {}),
  'axios, which does not': (status) => axios.post(`http://shop/${status}`, {}, { validateStatus: () => true }),
  'got, which throws': (status) => got.post(`http://shop/${status}`, { json: {}, retry: { limit: 0 } }),
  'got, which does not': (status) =>
    got.post(`http://shop/${status}`, { json: {}, retry: { limit: 0 }, throwHttpErrors: false }),
  superagent: (status) => superagent.post(`http://shop/${status}`).send({}),
  fetch: (status) => fetch(`http://shop/${status}`, { method: 'POST' }),
}

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const status = Number(request.url?.slice(1))
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"given":1}')
}

const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }

describe.each(Object.entries(clients))('%s', (name, client) => {
  test.each([
    [201, { kind: 'ok' }],
    [409, { kind: 'fail', why: 'status 409' }],
    [429, { kind: 'info', why: 'status 429' }],
    [503, { kind: 'info', why: 'status 503' }],
  ])('%i', async (status, expected) => {
    const go = op('go', fc.constant('once'), () => client(status))
    const nodes = { shop: serve(() => answer) }
    const system: System = { nodes, operations: [go], invariants: [sometimes('ran', () => true)] }
    const { events } = await simulate(system, { workload, plan: noFaults, seed: 1 })
    const end = events.find(({ kind }) => ['ok', 'fail', 'info'].includes(kind))
    expect(end).toMatchObject(expected)
    const isThrown = name.includes('which throws') || name === 'superagent'
    if (status === 201 || !isThrown) expect(end).toMatchObject({ value: { status } })
  })
})

test.each<[string, () => Promise<unknown>]>([
  ['axios', () => axios.post('http://shop/', {}, { timeout: 100 })],
  ['got', () => got.post('http://shop/', { json: {}, retry: { limit: 0 }, timeout: { request: 100 } })],
  ['fetch', () => fetch('http://shop/', { method: 'POST', signal: AbortSignal.timeout(100) })],
])('the time limit of %s', async (_, client) => {
  const go = op('go', fc.constant('once'), client)
  const silent = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    request.resume()
    response.setHeader('x', 'never sent')
  }
  const system: System = {
    nodes: { shop: serve(() => silent) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const { events } = await simulate(system, { workload, plan: noFaults, seed: 1 })
  expect(events.find(({ kind }) => kind === 'info')).toMatchObject({ why: 'timeout', atMs: 100 })
})
