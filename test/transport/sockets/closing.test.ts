// Servers that close in a simulation: they refuse new requests, and have closed once those under way are answered. And
// the deploys that make them close.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import express from 'express'
import fastify from 'fastify'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  exactlyOnce,
  journal,
  noFaults,
  noHang,
  op,
  serve,
  simulate,
  sometimes,
  type Invariant,
  type NodeDefinition,
  type System,
} from 'two-generals'
import { full } from '../../full.ts'
import { express4 } from './express-4.ts'

const told = journal<string>('told')
const worked = journal<{ readonly order: string }>('worked')

interface Closable {
  close(closed: () => void): void
  closeAllConnections(): void
}

const second = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000))

/** Answers after a second. `/close` closes the server, `/cut` its connections too. */
function answering(request: http.IncomingMessage, response: http.ServerResponse, server: () => Closable): void {
  response.on('close', () => told.add(`${request.url ?? ''} ${response.writableFinished ? 'answered' : 'cut'}`))
  if (request.url !== '/work') {
    server().close(() => told.add('closed'))
    // What is ended after that counts as answered on Node 22, and as cut on 26
    if (request.url === '/cut') server().closeAllConnections()
    else response.end('closing')
    return
  }
  void second().then(() => response.end('done'))
}

const servers: Readonly<Record<string, () => NodeDefinition>> = {
  'an http.Server that is given': () =>
    serve(() => {
      const server: http.Server = http.createServer((request, response) => answering(request, response, () => server))
      return server
    }),
  'an http.Server that listens': () =>
    serve(() => {
      const server: http.Server = http.createServer((request, response) => answering(request, response, () => server))
      server.listen(3000)
    }),
  ...Object.fromEntries(
    Object.entries({ Express: express, 'Express 4': express4 }).map(([name, version]) => [
      name,
      () =>
        serve(() => {
          const app = version()
          app.use((request, response) => answering(request, response, () => server))
          const server: http.Server = app.listen(3000)
        }),
    ]),
  ),
}

const visit = op('visit', fc.constantFrom('/work', '/close', '/cut'), (path) => fetch(`http://shop${path}`))

async function visited(node: NodeDefinition, ...visits: readonly (readonly [path: string, afterMs: number])[]) {
  const system: System = { nodes: { shop: node }, operations: [visit], invariants: [sometimes('ran', () => true)] }
  const invocations = visits.map(([input, afterMs], id) => ({ id, operation: 'visit', client: id, afterMs, input }))
  const { events } = await simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
  expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
  return {
    events,
    told: events.flatMap((event) => (event.kind === 'effect' ? [`${event.atMs} ${String(event.value)}`] : [])),
    inDoubt: events.flatMap(({ kind, atMs }) => (kind === 'info' ? [atMs] : [])),
    lost: events.flatMap((event) => (event.kind === 'lost' ? [`${event.atMs} ${event.why}`] : [])),
  }
}

describe.each(Object.entries(servers))('%s', (_, node) => {
  test('has closed once all that was under way is answered, and refuses what comes meanwhile', async () => {
    const { told: events, lost } = await visited(node(), ['/work', 0], ['/close', 500], ['/work', 700])
    expect(events).toEqual(['520 /close answered', '1020 /work answered', '1020 closed'])
    expect(lost).toEqual(['720 down'])
  })

  test('cuts those under way where it is told to', async () => {
    const { told: events, inDoubt } = await visited(node(), ['/work', 0], ['/cut', 500])
    expect(events).toEqual(['520 /work cut', '520 /cut cut', '520 closed'])
    expect(inDoubt).toEqual([540, 540])
  })

  test('is started again by its process manager, since a process without servers ends', async () => {
    const { told: events } = await visited(node(), ['/close', 0], ['/work', 5_000])
    expect(events).toEqual(['20 /close answered', '20 closed', '6020 /work answered'])
  })
})

/** Opens a server for a while, as to be called back, calls it itself, and closes it again. */
async function opensOne(): Promise<string> {
  const passing = http.createServer((_, response) => void response.end('called back'))
  await new Promise<void>((resolve) => passing.listen(0, resolve))
  const { port } = passing.address() as AddressInfo // of a server that listens on a port
  const said = await (await fetch(`http://localhost:${port}/`)).text()
  await new Promise((resolve) => passing.close(resolve))
  return said
}

/** `/open` opens another server for a while, and all is answered. */
const opening: http.RequestListener = (request, response) => {
  if (request.url === '/open') void opensOne().then((said) => response.end(said))
  else response.end('done')
}

describe('a server that a handler opens for a while', () => {
  test.each<[string, () => NodeDefinition]>([
    ['a handler', () => serve(() => opening)],
    ['a server that is given', () => serve(() => http.createServer(opening))],
    ['a server that listens', () => serve(() => void http.createServer(opening).listen(3000))],
    ['a server that listens late', () => serve(() => void setTimeout(() => http.createServer(opening).listen(3000)))],
    ['a function of Requests', () => serve(() => async () => new Response(await opensOne()))],
  ])('ends nothing: %s goes on answering', async (_, node) => {
    const { events } = await visited(node(), ['/open', 100], ['/work', 1_000], ['/open', 2_000], ['/work', 3_000])
    const ended = events.flatMap((event) => (event.kind === 'ok' ? [event.value] : event.kind === 'info' ? ['?'] : []))
    expect(ended).toMatchObject(Array.from({ length: 4 }, () => ({ status: 200 })))
    expect(events.filter(({ kind }) => kind === 'boot')).toHaveLength(1)
  })

  test('takes nothing that comes to the process once its own server has closed, which lives until both have', async () => {
    let passing: http.Server | undefined
    const node = serve(() => {
      const server: http.Server = http.createServer((request, response) => {
        if (request.url === '/close') server.close()
        else if (passing === undefined) {
          passing = http.createServer((_, other) => void other.end('of the other')).listen(0)
          setTimeout(() => passing?.close(() => told.add('both have closed')), 4_000)
        }
        response.end('done')
      })
      server.listen(3000)
    })
    const { told: events, lost } = await visited(
      node,
      ['/open', 0],
      ['/close', 1_000],
      ['/work', 2_000],
      ['/work', 9_000],
    )
    expect(lost).toEqual(['2020 down'])
    expect(events).toEqual(['4020 both have closed'])
  })
})

interface Order {
  readonly order: string
}

/** Works on an order for two seconds, in two steps. */
async function work(order: Order): Promise<object> {
  await second()
  await second()
  worked.add(order)
  return { done: order.order }
}

function shop(onSigterm: (app: { close(): Promise<void> }) => void): NodeDefinition {
  return serve(async () => {
    const app = fastify()
    app.post('/work', (request) => work(request.body as Order))
    process.once('SIGTERM', () => onSigterm(app))
    await app.listen({ port: 3000 })
  })
}

const order = op('order', fc.record({ order: fc.uuid() }), (body) =>
  fetch('http://shop/work', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }),
)
const key = ({ order: id }: Order): string => id

function deployed(node: NodeDefinition): System {
  const answered = sometimes('answered', ({ events }) => events.some(({ kind }) => kind === 'ok'))
  return {
    nodes: { shop: node },
    operations: [order],
    tolerates: ['deploy'],
    invariants: [exactlyOnce(order.by(key), worked.by(key)), noHang(), answered],
  }
}

/** Every client knows what has become of its order. */
const nobodyInDoubt: Invariant = {
  kind: 'invariant',
  name: 'nobody is in doubt',
  effects: [],
  check({ events }) {
    const doubt = events.find(({ kind }) => kind === 'info')
    if (doubt === undefined) return { kind: 'holds', reasons: [] }
    const reason = { kind: 'custom', of: 'doubt', text: 'A client is in doubt.', events: [doubt.seq] } as const
    return { kind: 'violated', reasons: [reason] }
  },
}

describe('Fastify under deploys', () => {
  const few = { seed: 1, numRuns: full ? 10 : 3, shrink: false }

  test('holds where it closes, and exits once it has closed', async () => {
    const drains = shop((app) => void app.close().then(() => process.exit(0)))
    const assessment = await assess(deployed(drains), few)
    expect(assessment.kind === 'broken' ? assessment.text : assessment.kind).toBe('holds')
  })

  test('is told where it exits in the middle of a request', async () => {
    const { kind } = await assess({ ...deployed(shop(() => process.exit(0))), invariants: [nobodyInDoubt] }, few)
    expect(kind).toBe('violated')
    const drains = shop((app) => void app.close())
    expect((await assess({ ...deployed(drains), invariants: [nobodyInDoubt] }, few)).kind).toBe('holds')
  })
})
