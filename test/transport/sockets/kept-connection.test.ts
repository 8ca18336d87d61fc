// A server closes a connection just as its client uses it again: each client that keeps connections sees the same as
// with a real server that does so on loopback, and those that try again by themselves get through here and there.
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import axios from 'axios'
import * as fc from 'fast-check'
import got from 'got'
import nodeFetch from 'node-fetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  assess,
  eventually,
  journal,
  listed,
  op,
  serve,
  simulate,
  sometimes,
  type Fault,
  type System,
} from 'two-generals'
import { rootOf } from '../../address-of.ts'
import { outcome } from './outcome.ts'

type Asking = (url: string, agent: http.Agent) => Promise<unknown>

const clients: Readonly<Record<string, Asking>> = {
  'http.request': (url, agent) =>
    new Promise((resolve, reject) => {
      const request = http.get(url, { agent }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      request.on('error', (error) => reject(Object.assign(error, { status: request.reusedSocket ? 'reused' : 'new' })))
    }),
  axios: async (url, httpAgent) => (await axios.get<string>(url, { httpAgent })).data,
  got: (url, agent) => got(url, { agent: { http: agent }, retry: { limit: 0 } }).text(),
  'got, which tries again': (url, agent) =>
    got(url, {
      agent: { http: agent },
      retry: { limit: 1, calculateDelay: ({ computedValue }) => computedValue && 1 },
    }).text(),
  'node-fetch': async (url, agent) => (await nodeFetch(url, { agent })).text(),
}

let server: http.Server
beforeAll(async () => {
  const used = new WeakSet<Socket>()
  server = http.createServer(({ socket }, response) => {
    if (used.has(socket)) socket.destroy()
    else response.end('good')
    used.add(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** The second of two calls. */
async function second(client: Asking, url: string): Promise<object> {
  const agent = new http.Agent({ keepAlive: true })
  await client(url, agent)
  return outcome(client(url, agent))
}

test.each(Object.entries(clients))('%s', async (_, client) => {
  const real = await second(client, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  let seen: object | undefined
  const go = op('go', fc.constant('once'), async () => {
    seen = await second(client, 'http://shop/')
  })
  const system: System = {
    nodes: { shop: serve(() => () => new Response('good')) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const root = rootOf('go#0')
  const at = { root, path: [], from: 'client', to: 'shop', operation: 'GET /', leg: 'request', nth: 2 } as const
  const fault: Fault = { kind: 'close', at }
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }
  const { events } = await simulate(system, { workload, plan: listed([fault]), seed: 1 })
  expect(events.filter(({ kind }) => kind === 'fault')).toHaveLength(1)
  expect(seen).toEqual(real)
})

/** Reserves, and then pays: who is refused in between leaves what was reserved. */
function shopOver(agent: http.Agent): System {
  const ask = (path: string): Promise<unknown> => axios.post(`http://bank/${path}`, null, { httpAgent: agent })
  const buy = op('buy', fc.uuid(), async (id) => {
    await ask(`reserve/${id}`)
    await ask(`pay/${id}`)
  })
  const done = journal<string>('done')
  const bank = serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
    done.add(request.url?.split('/')[1] ?? '')
    response.end()
  })
  const paid = eventually('what is reserved is paid', done, (all) => all.length % 2 === 0)
  return { nodes: { bank }, operations: [buy], tolerates: ['refuse'], invariants: [paid], maxOperations: 1 }
}

test('a connection that is kept is refused by no plan, and one for each request is', async () => {
  const options = { numRuns: 50, seed: 1 }
  const anew = await assess(shopOver(new http.Agent({ keepAlive: false })), options)
  expect(anew.kind).toBe('violated')
  const kept = await assess(shopOver(new http.Agent({ keepAlive: true })), options)
  expect(kept).toMatchObject({ kind: 'holds', explored: { singles: { total: 1 } } })
})
