// The user's own msw server in the worker of simulations: it keeps what is outside of them, and they keep what is
// inside, whichever was there first.
import http from 'node:http'
import axios from 'axios'
import * as fc from 'fast-check'
import got from 'got'
import { describe, expect, test } from 'vitest'
import type * as TwoGenerals from 'two-generals'

/** What both versions of msw have. */
interface Msw {
  readonly http: { all(url: string, answer: () => Response): object }
  readonly setupServer: (...handlers: never[]) => MswServer
}

interface MswServer {
  listen(): void
  close(): void
  listHandlers(): readonly object[]
}

const kept = new http.Agent({ keepAlive: true })

const clients: Readonly<Record<string, (url: string) => Promise<string>>> = {
  'http.request': (url) => overHttp(url),
  'http.request, kept alive': (url) => overHttp(url, kept),
  'http.request, no agent': (url) => overHttp(url, false),
  axios: async (url) => (await axios.get<string>(url, { responseType: 'text' })).data,
  got: (url) => got(url, { retry: { limit: 0 } }).text(),
  fetch: async (url) => (await fetch(url)).text(),
}

function overHttp(url: string, agent?: http.Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, agent === undefined ? {} : { agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => (text += piece))
      answer.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Declares the tests. `load` imports two-generals, which is not imported before. */
export function describeMsw(version: string, msw: Msw, load: () => Promise<typeof TwoGenerals>): void {
  const handlers = [
    msw.http.all('http://outside.example/*', () => new Response('from msw')),
    msw.http.all('http://shop/*', () => new Response('from msw, not from the node')),
  ]
  const userServer = msw.setupServer(...(handlers as never[]))

  const outside = async (): Promise<object> => {
    const answers: Record<string, string> = {}
    for (const [name, client] of Object.entries(clients)) answers[name] = await client('http://outside.example/a')
    return answers
  }
  const inside = async ({ op, serve, simulate, sometimes, noFaults }: typeof TwoGenerals): Promise<object> => {
    const answers: Record<string, string[]> = {}
    const go = op('go', fc.constantFrom(...Object.keys(clients)), async (name) => {
      const client = clients[name]
      if (client === undefined) throw new Error(`no client ${name}`)
      answers[name] = [
        await client('http://shop/a'),
        await client('http://shop/a'),
        await client('http://outside.example/a'),
      ]
    })
    const system: TwoGenerals.System = {
      nodes: {
        shop: serve(() => (_: http.IncomingMessage, response: http.ServerResponse) => void response.end('node')),
      },
      outside: userServer,
      operations: [go],
      invariants: [sometimes('ran', () => true)],
    }
    const names = Object.keys(clients)
    const invocations = names.map((input, id) => ({ id, operation: 'go', client: id, afterMs: 0, input }))
    const { events } = await simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
    const requests = events.flatMap((event) =>
      event.kind === 'send' && event.address.leg === 'request' ? [event.address.to] : [],
    )
    expect(requests.filter((to) => to === 'shop')).toHaveLength(2 * names.length)
    expect(requests.filter((to) => to === 'outside.example')).toHaveLength(names.length)
    return answers
  }
  const each = (value: unknown): object => Object.fromEntries(Object.keys(clients).map((name) => [name, value]))
  const ofMsw = each('from msw')
  const ofNodes = each(['node', 'node', 'from msw'])

  describe(version, () => {
    test('in each order of set-up, simulation and tear-down', async () => {
      userServer.listen()
      expect(await outside()).toEqual(ofMsw)
      const twoGenerals = await load()
      expect(await outside()).toEqual(ofMsw)
      expect(await inside(twoGenerals)).toEqual(ofNodes)
      expect(await outside()).toEqual(ofMsw)
      userServer.close()
      expect(await inside(twoGenerals)).toEqual(ofNodes)
      userServer.listen()
      expect(await outside()).toEqual(ofMsw)
      expect(await inside(twoGenerals)).toEqual(ofNodes)
      expect(await outside()).toEqual(ofMsw)
      userServer.close()
    })
  })
}
