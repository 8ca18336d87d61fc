// Who has no time limit hears of a connection that does not come about from the platform: undici after its own ten
// seconds, Node's sockets when the system gives up. Whatever their client, the operation has failed: nothing was sent.
import http from 'node:http'
import axios from 'axios'
import * as fc from 'fast-check'
import got from 'got'
import nodeFetch from 'node-fetch'
import superagent from 'superagent'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { listed, op, serve, simulate, sometimes, type Fault } from 'two-generals'
import { rootOf } from '../../address-of.ts'

const url = 'http://shop/'
const quick = new Agent({ connect: { timeout: 2_000 } })
const patient = new Agent({ connect: { timeout: 30_000 } })

const bySystem = { atMs: 127_000, code: 'ETIMEDOUT', message: 'connect ETIMEDOUT 10.0.0.1:80' }
const byUndici = (atMs: number, limitMs: number): object => ({
  atMs,
  code: 'UND_ERR_CONNECT_TIMEOUT',
  message: `Connect Timeout Error (attempted address: shop:80, timeout: ${limitMs}ms)`,
})

const clients: Readonly<Record<string, readonly [call: () => Promise<unknown>, seen: object]>> = {
  'http.get': [
    () => new Promise((_, reject) => http.get(url).on('error', reject)),
    { ...bySystem, errno: -110, syscall: 'connect', address: '10.0.0.1', port: 80 },
  ],
  axios: [() => axios.get(url), bySystem],
  got: [() => got(url, { retry: { limit: 0 } }), bySystem],
  'node-fetch': [() => nodeFetch(url), { ...bySystem, message: expect.stringContaining(bySystem.message) as string }],
  superagent: [() => superagent.get(url), bySystem],
  fetch: [() => fetch(url).catch((error: Error) => Promise.reject(error.cause as Error)), byUndici(10_000, 10_000)],
  'undici.request': [() => request(url), byUndici(10_000, 10_000)],
  'undici.request, with a limit on the head': [() => request(url, { headersTimeout: 500 }), byUndici(10_000, 10_000)],
  'undici.request, with a longer limit on connecting': [
    () => request(url, { dispatcher: patient }),
    byUndici(30_000, 30_000),
  ],
  'undici.request, with a limit on connecting': [() => request(url, { dispatcher: quick }), byUndici(2_000, 2_000)],
}

test.each(Object.entries(clients))('%s', async (_, [call, seen]) => {
  let thrown: unknown
  const go = op('go', fc.constant('once'), async () => {
    const beganMs = Date.now()
    try {
      await call()
    } catch (error) {
      thrown = { ...Object(error), message: (error as Error).message, atMs: Date.now() - beganMs }
      throw error
    }
  })
  const at = {
    root: rootOf('go#0'),
    path: [],
    from: 'client',
    to: 'shop',
    operation: 'GET /',
    leg: 'request',
    nth: 1,
  } as const
  const fault: Fault = { kind: 'unreachable', at }
  const { events } = await simulate(
    {
      nodes: { shop: serve(() => () => new Response('good')) },
      operations: [go],
      invariants: [sometimes('ran', () => true)],
    },
    {
      workload: { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] },
      plan: listed([fault]),
      seed: 1,
    },
  )
  expect(thrown).toMatchObject(seen)
  // Whoever gives up by a limit of its own does not know that
  const end = String(call).includes('dispatcher') ? 'info' : 'fail'
  expect(events.find(({ kind }) => kind === 'ok' || kind === 'info' || kind === 'fail')).toMatchObject({
    kind: end,
    why: 'refused',
  })
})
