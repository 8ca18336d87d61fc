// A caller that leaves before it is answered: its server hears of it, one leg later.
import http from 'node:http'
import express from 'express'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journal, op, serve, simulate, sometimes, type Fault, type NodeDefinition, type System } from 'two-generals'
import { rootOf } from '../../address-of.ts'
import { express4 } from './express-4.ts'

const heard = journal<string>('heard')

function patient(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.on('close', () => heard.add(response.writableFinished ? 'answered' : 'left'))
  request.resume()
  setTimeout(() => response.end('late'), 60_000)
}

function expressApp(version = express): express.Express {
  const app = version()
  app.get('/', patient)
  return app
}

function fetchHandler(request: Request): Promise<Response> {
  request.signal.addEventListener('abort', () => heard.add('left'))
  return new Promise((resolve) => setTimeout(() => resolve(new Response('late')), 60_000))
}

const servers: Readonly<Record<string, () => NodeDefinition>> = {
  'a handler (request, response)': () => serve(() => patient),
  Express: () => serve(() => expressApp()),
  'Express 4': () => serve(() => expressApp(express4)),
  'a Fetch handler': () => serve(() => fetchHandler),
}

const clients: Readonly<Record<string, () => Promise<unknown>>> = {
  fetch: () => fetch('http://shop/', { signal: AbortSignal.timeout(1_000) }),
  'http.get': () =>
    new Promise((resolve, reject) => {
      const sent = http.get('http://shop/', resolve)
      sent.on('error', reject)
      setTimeout(() => sent.destroy(new Error('enough')), 1_000)
    }),
}

async function effectsOf(node: NodeDefinition, client: () => Promise<unknown>, faults: Fault[]): Promise<object[]> {
  const ask = op('ask', fc.constant('once'), client)
  const system: System = { nodes: { shop: node }, operations: [ask], invariants: [sometimes('ran', () => true)] }
  const own = { operation: 'ask', input: 'once' }
  const first = { ...own, id: 0, client: 0, afterMs: 0 }
  const workload = { invocations: faults.length === 0 ? [first] : [first, { ...own, id: 1, client: 1, afterMs: 500 }] }
  const { events } = await simulate(system, { workload, plan: { kind: 'listed', faults }, seed: 1 })
  return events.flatMap((event) => (event.kind === 'effect' ? [{ atMs: event.atMs, value: event.value }] : []))
}

describe.each(Object.entries(servers))('%s', (_, node) => {
  test.each(Object.entries(clients))('hears that %s has left', async (__, client) => {
    expect(await effectsOf(node(), client, [])).toEqual([{ atMs: 1_020, value: 'left' }])
  })

  test('hears nothing where the network is cut meanwhile', async () => {
    const at = { root: rootOf('ask#1'), path: [], from: 'client', to: 'shop', operation: 'GET /' } as const
    const cut: Fault = { kind: 'partition', at: { ...at, leg: 'request', nth: 1 }, side: ['client'], way: 'both' }
    const effects = await effectsOf(node(), () => fetch('http://shop/', { signal: AbortSignal.timeout(1_000) }), [cut])
    expect(effects).not.toContainEqual(expect.objectContaining({ value: 'left' }))
  })
})
