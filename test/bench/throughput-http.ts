// throughput-http: what a round trip of a usual HTTP client through Express costs inside a simulation, beside the same
// client and the same application over a real loopback socket. Twenty round trips a history, one after the other. What
// counts is CPU time, that of the kernel included.
import { createServer, Agent, request as sendOverHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios from 'axios'
import express from 'express'
import * as fc from 'fast-check'
import got from 'got'
import { noFaults, noHang, op, serve, type Scenario } from '../../src/index.ts'
import { open } from '../../src/simulation.ts'
import { alternateSlices, cpuMs, slice, type Measured, type Work } from './alternate.ts'
import type { Effort, Result } from './result.ts'

interface Order {
  readonly order: string
  readonly amount: number
}

/** Sends an order, and gives the text of the answer. */
type Send = (url: string, order: Order) => Promise<string>

const trips = 20
const pairs = { quick: 5, full: 50 }
const order: Order = { order: '7c9e6679-7425-40de-944b-e07fc1f90ae7', amount: 4_200 }
const answer = JSON.stringify({ paid: order.order, amount: order.amount })

const fresh = new Agent({ keepAlive: false })
const kept = new Agent({ keepAlive: true })

/** Each client by its name and that of the agent that keeps its connections. */
export const clients: Readonly<Record<string, Send>> = {
  'http.request, Agent({ keepAlive: false })': (url, body) => overHttp(url, body, fresh),
  'http.request, Agent({ keepAlive: true })': (url, body) => overHttp(url, body, kept),
  'axios, http.globalAgent': byAxios,
  'got, http.globalAgent': (url, body) => got.post(url, { json: body }).text(),
}

export async function* throughputHttp({ quick }: Effort): AsyncGenerator<Result, void> {
  for (const [name, send] of Object.entries(clients)) {
    await using simulated = await overSimulation(send)
    await using real = await overLoopback(send)
    const { ours, baseline, ...ratios } = await alternateSlices(
      () => slice(simulated.work, cpuMs),
      () => slice(real.work, cpuMs),
      { pairs: quick ? pairs.quick : pairs.full },
    )
    yield {
      name: `throughput-http/${name}`,
      value: ours * trips,
      unit: 'round trips/s of CPU',
      baseline: baseline * trips,
      ...ratios,
    }
  }
}

/** What is compared with an earlier commit: twenty round trips of axios in a history of their own. */
export async function simulatedTrips(): Promise<Measured> {
  const side = await overSimulation(byAxios)
  return { work: side.work, close: async () => side[Symbol.asyncDispose]() }
}

/** One side: twenty round trips a call. */
export interface Trips extends AsyncDisposable {
  readonly work: Work
}

/** Twenty round trips in a history of their own. */
export async function overSimulation(send: Send): Promise<Trips> {
  const simulation = await open({
    nodes: { shop: serve(application) },
    operations: [op('buy', fc.constant(order), () => roundTrips(send, 'http://shop/orders'))],
    invariants: [noHang()],
  })
  const workload = { invocations: [{ id: 0, operation: 'buy', client: 0, afterMs: 0, input: order }] }
  const scenario: Scenario = { workload, plan: noFaults, seed: 1 }
  return {
    async work() {
      const { history } = await simulation.run(scenario)
      const legs = history.events.filter(({ kind }) => kind === 'arrive').length
      if (legs !== 2 * trips || !history.events.some(({ kind }) => kind === 'ok'))
        throw new Error(`Bug: ${legs} legs arrived in place of ${2 * trips}`)
    },
    [Symbol.asyncDispose]: () => simulation.close(),
  }
}

/** Twenty round trips over a socket of the operating system. */
export async function overLoopback(send: Send): Promise<Trips> {
  const server = createServer(application())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return {
    work: () => roundTrips(send, `http://127.0.0.1:${port}/orders`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function application(): express.Express {
  const app = express()
  app.use(express.json())
  app.post('/orders', (request, response) => {
    const { order: paid, amount } = request.body as Order
    response.status(201).json({ paid, amount })
  })
  return app
}

async function roundTrips(send: Send, url: string): Promise<void> {
  for (let trip = 0; trip < trips; trip++)
    if ((await send(url, order)) !== answer) throw new Error('Bug: another answer')
}

async function byAxios(url: string, body: Order): Promise<string> {
  return (await axios.post<string>(url, body, { responseType: 'text' })).data
}

function overHttp(url: string, body: Order, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = sendOverHttp(url, { method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
