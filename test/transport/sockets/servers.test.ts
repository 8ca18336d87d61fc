// Servers of node:http as nodes, in each shape that people have them in, under each client.
import http from 'node:http'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journal, noFaults, op, serve, simulate, sometimes, type NodeDefinition, type System } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'
import { express4 } from './express-4.ts'
import { httpClients } from './http-clients.ts'

const charged = journal<{ order: string }>('charged')

type Paid = (body: unknown) => object

const paid: Paid = (body) => {
  const { order } = body as { order: string }
  charged.add({ order })
  return { paid: order }
}

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function expressApp(version = express): express.Express {
  const app = version()
  app.use(version.json())
  app.post('/pay', (request, response) => void response.status(201).json(paid(request.body)))
  return app
}

function fastifyApp(): ReturnType<typeof fastify> {
  const app = fastify()
  app.post('/pay', async (request, reply) => reply.code(201).send(paid(request.body)))
  return app
}

async function listener(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body: unknown = JSON.parse(await textOf(request))
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(paid(body)))
}

function koaApp(): Koa {
  const app = new Koa()
  app.use(async (context) => {
    context.body = paid(JSON.parse(await textOf(context.req)))
    context.status = 201
  })
  return app
}

const servers: Readonly<Record<string, () => NodeDefinition>> = {
  'a handler (request, response)': () => serve(() => listener),
  'an http.Server': () => serve(() => http.createServer((request, response) => void listener(request, response))),
  Express: () => serve(() => expressApp()),
  'Express 4': () => serve(() => expressApp(express4)),
  Fastify: () => serve(fastifyApp),
  Koa: () => serve(koaApp),
  'Express that listens in its boot': () => serve(() => void expressApp().listen(3000)),
  'Express 4 that listens in its boot': () => serve(() => void expressApp(express4).listen(3000)),
  'Fastify that listens in its boot': () =>
    serve(async () => {
      const app: { listen(at: { readonly port: number }): Promise<string> } = fastifyApp()
      await app.listen({ port: 3000 })
    }),
  'Koa that listens, and is given': () => serve(() => koaApp().listen()),
}

const workload = { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: 'a' } }] }

describe.each(Object.entries(servers))('%s', (_, node) => {
  test.each(Object.entries(httpClients))('under %s', async (__, client) => {
    const pay = op('pay', fc.record({ order: fc.string() }), (input) => client('http://shop/pay', input))
    const system: System = { nodes: { shop: node() }, operations: [pay], invariants: [sometimes('ran', () => true)] }
    const { events } = await simulate(system, { workload, plan: noFaults, seed: 1 })
    expect(events.filter(({ kind }) => kind === 'effect')).toMatchObject([{ node: 'shop', atMs: 20 }])
    expect(events.filter(({ kind }) => kind === 'ok')).toMatchObject([{ atMs: 40, value: '{"paid":"a"}' }])
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
    // The same history again, with the pools and modules that the first one has used
    expect((await simulate(system, { workload, plan: noFaults, seed: 1 })).events).toEqual(events)
  })
})

describe('a second port', () => {
  const says = (words: string) => (_: http.IncomingMessage, response: http.ServerResponse) => void response.end(words)
  const withMetrics = <T>(app: T): T => {
    http.createServer(says('metrics')).listen(9090)
    return app
  }
  test.each<[string, () => NodeDefinition]>([
    ['two that listen', () => serve(() => void withMetrics(http.createServer(says('app')).listen(3000)))],
    ['an app that is given', () => serve(() => withMetrics(express().use(says('app'))))],
    ['a handler of Requests', () => serve(() => withMetrics({ fetch: () => new Response('app') }))],
    ['a handler of two parameters', () => serve(() => withMetrics(says('app')))],
  ])('%s', async (_, shop) => {
    const ask = async (url: string): Promise<string> => (await fetch(url)).text()
    const { seen } = await play({ nodes: { shop: shop() } }, async () => [
      await ask('http://shop/'),
      await ask('http://shop:9090/metrics'),
      await ask('http://localhost:9090/metrics'),
    ])
    expect(seen).toEqual(['app', 'metrics', 'metrics'])
  })
})
