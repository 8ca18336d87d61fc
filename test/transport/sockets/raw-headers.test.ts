// Names of header fields in the case in which their sender wrote them, beside the same client and server over a real
// loopback socket: in `rawHeaders` of the server, and in those of a client of node:http.
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios from 'axios'
import got from 'got'
import nodeFetch from 'node-fetch'
import superagent from 'superagent'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'

/** Answers with the names that it was sent. */
const echo: RequestListener = ({ rawHeaders }, response) => {
  response.setHeader('ETag', '"1"')
  response.setHeader('x-LOWER-Upper', 'a')
  response.setHeader('lower', 'a')
  response.end(JSON.stringify(rawHeaders.filter((_, i) => i % 2 === 0)))
}

const server = http.createServer(echo)
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const headers = { 'X-One': '1', 'x-TWO': '2', three: '3', 'Content-type': 'text/plain' }
const own = new Set(Object.keys(headers).map((name) => name.toLowerCase()))

/** The clients of node:http say who they are; what undici says of itself is in no message between simulated nodes. */
const overHttp: Readonly<Record<string, (url: string) => Promise<string>>> = {
  'http.get': (url) =>
    new Promise((resolve, reject) => {
      const asking = http.get(url, { headers }, (answer) => {
        let text = ''
        answer.on('data', (piece: Buffer) => (text += piece.toString()))
        answer.on('end', () => resolve(text))
      })
      asking.on('error', reject)
    }),
  axios: async (url) => (await axios.get<string>(url, { headers, responseType: 'text' })).data,
  got: (url) => got(url, { headers }).text(),
  'node-fetch': async (url) => (await nodeFetch(url, { headers })).text(),
  superagent: async (url) => (await superagent.get(url).set(headers).buffer(true)).text,
}

const overUndici: typeof overHttp = {
  fetch: async (url) => (await fetch(url, { headers })).text(),
  'fetch, with pairs': async (url) => (await fetch(url, { headers: Object.entries(headers) })).text(),
  'fetch, with a Request': async (url) => (await fetch(new Request(url), { headers })).text(),
  'undici.request': async (url) => (await request(url, { headers })).body.text(),
}

const real = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

async function simulated<T>(ask: (url: string) => Promise<T>): Promise<unknown> {
  return (await play({ nodes: { shop: serve(() => echo) } }, () => ask('http://shop/'))).seen
}

const sorted = (names: unknown): readonly string[] => (JSON.parse(String(names)) as string[]).toSorted()

test.each(Object.entries(overHttp))('%s', async (_, ask) => {
  const expected = sorted(await ask(real()))
  expect(sorted(await simulated(ask))).toEqual(expected)
  expect(expected).toEqual(expect.arrayContaining(['Host', 'Connection']))
})

test.each(Object.entries(overUndici))('%s', async (_, ask) => {
  const ofUser = (names: unknown): readonly string[] => sorted(names).filter((name) => own.has(name.toLowerCase()))
  expect(ofUser(await simulated(ask))).toEqual(ofUser(await ask(real())))
  expect(ofUser(await ask(real()))).toEqual(Object.keys(headers).toSorted())
})

test('an answer', async () => {
  const names = (url: string): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const asking = http.get(url, ({ rawHeaders }) => resolve(rawHeaders.filter((_, i) => i % 2 === 0).toSorted()))
      asking.on('error', reject)
    })
  const ofMessage = (await names(real())).filter((name) => name !== 'Keep-Alive') // which is about the connection
  expect(await simulated(names)).toEqual(ofMessage)
  expect(ofMessage).toEqual(expect.arrayContaining(['ETag', 'x-LOWER-Upper', 'lower']))
})
