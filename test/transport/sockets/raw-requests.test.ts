// Requests written by hand on a socket, whole, in pieces and one behind the other: what comes back is what a server of
// node:http gives over a real loopback socket.
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serve } from 'two-generals'
import { play, rehearse } from '../../../src/conformance/rehearse.ts'

/** Answers slow ones later, with what it was asked. */
const echo: RequestListener = (request, response) =>
  void text(request).then((body) => {
    const said = `${request.method} ${request.url} ${body}`
    const answer = (): void => void response.setHeader('content-length', said.length).end(said)
    if (request.url === '/slow') setTimeout(answer, 50)
    else answer()
  })

const server = http.createServer(echo)
let port = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port // of a server that listens on a port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const last = 'Host: shop\r\nConnection: close\r\n'
const get = (path: string, fields = 'Host: shop\r\n'): string => `GET ${path} HTTP/1.1\r\n${fields}\r\n`
const chunked = 'Transfer-Encoding: chunked\r\n'

const conversations: Readonly<Record<string, readonly string[]>> = {
  'one request': [get('/one', last)],
  'two, one behind the other': [get('/one'), get('/two', last)],
  'two at once': [get('/one') + get('/two', last)],
  'a slow one, and one that is not': [get('/slow') + get('/two') + get('/three', last)],
  'cut in the middle': ['GE', 'T /one HTTP/1.1\r', '\nHost: sh', 'op\r\nConnection: close\r\n\r', '\n'],
  'empty lines before it': [`\r\n\r\n${get('/one', last)}`],
  'an empty line before it, in two pieces': ['\r', `\n${get('/one', last)}`],
  'a body': [`POST /one HTTP/1.1\r\n${last}Content-Length: 4\r\n\r\nbo`, 'dy'],
  'a body and the next request': [
    `POST /one HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody${get('/two', last)}`,
  ],
  chunks: [`POST /one HTTP/1.1\r\n${last}${chunked}\r\n4\r\nbody\r\n1`, '0\r\n0123456789abcdef\r\n0\r\n\r\n'],
  'chunks with an extension and a trailer': [
    `PUT /one HTTP/1.1\r\n${last}${chunked}\r\n4;a=b\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n`,
  ],
  HEAD: [`HEAD /one HTTP/1.1\r\n${last}\r\n`],
  'HTTP/1.0': ['GET /one HTTP/1.0\r\nHost: shop\r\n\r\n'],
  'HTTP/1.0 that keeps its connection': [
    'GET /one HTTP/1.0\r\nHost: shop\r\nConnection: keep-alive\r\n\r\nGET /two HTTP/1.0\r\nHost: shop\r\n\r\n',
  ],
  'no host': ['GET /one HTTP/1.1\r\nConnection: close\r\n\r\n'],
  'leave to go on': [`POST /one HTTP/1.1\r\n${last}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`, 'body'],
  'another expectation': [`GET /one HTTP/1.1\r\n${last}Expect: the best\r\n\r\n`],
  'blanks around a value': [`GET /one HTTP/1.1\r\nHost:shop\r\nConnection: \t close \t\r\n\r\n`],
}

/** Writes the pieces, each after the one before has been read, and resolves with all that came back. */
function converse(pieces: readonly string[], host: string, at: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port: at })
    let all = ''
    socket.setEncoding('latin1')
    socket.on('data', (bytes: string) => (all += bytes))
    socket.on('error', reject)
    socket.on('close', () => resolve(all))
    const next = (index: number): void => {
      const piece = pieces[index]
      if (piece === undefined) return
      socket.write(piece, 'latin1')
      setTimeout(() => next(index + 1), 5)
    }
    socket.on('connect', () => next(0))
  })
}

/** Status lines, the fields that a client goes by, and bodies. */
function told(bytes: string): string {
  return bytes.replace(/^(?:date|keep-alive|content-length): .*\r\n/gim, '')
}

describe('bytes that a client writes itself', () => {
  test.each(Object.entries(conversations))('%s', async (_, pieces) => {
    const nodes = { shop: serve(() => echo) }
    const { seen } = await rehearse({ nodes }, () => converse(pieces, 'shop', 80))
    expect(told(String(seen))).toBe(told(await converse(pieces, '127.0.0.1', port)))
  })

  test.each([
    ['a protocol of its own', '\0\0\0\x08\x04\xd2\x16/'],
    ['a method that nobody knows', 'SELECT 1'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a line that ends with half of its end', 'GET / HTTP/1.1\nHost: shop\n\n'],
    ['two ways to say how long its body is', `POST / HTTP/1.1\r\n${last}${chunked}Content-Length: 4\r\n\r\n`],
    ['a length that is none', `POST / HTTP/1.1\r\n${last}Content-Length: four\r\n\r\n`],
    ['a field without a name', 'GET / HTTP/1.1\r\n: shop\r\n\r\n'],
    ['a chunk without a size', `POST / HTTP/1.1\r\n${last}${chunked}\r\nbody\r\n`],
  ])('%s is no HTTP/1.1', async (_, bytes) => {
    const nodes = { shop: serve(() => echo) }
    const playing = play({ nodes }, () => converse([bytes], 'shop', 80))
    await expect(playing).rejects.toThrow(/bytes that are no HTTP\/1\.1.*raw-requests\.test\.ts:\d+/s)
  })
})
