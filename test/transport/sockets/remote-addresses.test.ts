// From which address requests come: each client has its own, so that a limit for each address counts clients apart.
import http from 'node:http'
import express from 'express'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { noFaults, op, serve, simulate, sometimes, type NodeDefinition } from 'two-generals'
import { lambda } from 'two-generals/lambda'
import { httpClients } from './http-clients.ts'

const tells = (): express.Express => {
  const app = express()
  app.post('/pay', (request, response) => void response.send(request.ip))
  return app
}

type Client = (url: string, body: object) => Promise<string>

/** What three clients are told, the first one twice. */
async function toldBy(node: NodeDefinition, client: Client, more = {}): Promise<readonly unknown[]> {
  const pay = op('pay', fc.constant({}), (body) => client('http://shop/pay', body))
  const invocations = [0, 0, 1, 2].map((number, id) => {
    return { id, operation: 'pay', client: number, afterMs: id * 1_000, input: {} }
  })
  const system = { nodes: { shop: node, ...more }, operations: [pay], invariants: [sometimes('ran', () => true)] }
  const { events } = await simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
  return events.flatMap((event) => (event.kind === 'ok' ? [event.value] : []))
}

const clients = ['10.0.0.2', '10.0.0.2', '10.0.0.3', '10.0.0.4']

test.each(Object.entries(httpClients))('each client has its own, under %s', async (_, client) => {
  const told = await toldBy(serve(tells), client)
  expect(told.map((value) => String(value)).sort()).toEqual(clients)
})

test('so it is in an event of Lambda', async () => {
  const handler = async ({ requestContext }: { requestContext: { http: { sourceIp: string } } }): Promise<object> => ({
    statusCode: 200,
    body: requestContext.http.sourceIp,
  })
  const ask: Client = async (url, body) => (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).text()
  expect(
    (
      await toldBy(
        lambda(() => handler),
        ask,
      )
    )
      .map((value) => String(value))
      .sort(),
  ).toEqual(clients)
})

test('a node has its own, which is also that of its sockets', async () => {
  const passesOn = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    request.resume()
    const sent = http.request('http://bank/pay', { method: 'POST' }, (answer) => {
      answer.setEncoding('utf8')
      answer.on('data', (seen: string) => response.end(`${seen} ${String(seen === answer.socket.localAddress)}`))
    })
    sent.end()
  }
  const ask: Client = async (url) => (await fetch(url, { method: 'POST' })).text()
  const told = await toldBy(
    serve(() => passesOn),
    ask,
    { bank: serve(tells) },
  )
  expect(new Set(told).size).toBe(1)
  expect(JSON.stringify(told[0])).toMatch(/10\.1\.\d+\.\d+ true/)
})
