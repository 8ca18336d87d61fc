// What handlers and clients of node:http do wrong, or seldom: the history ends, and says what a real server would do.
import { fork, spawn } from 'node:child_process'
import cluster from 'node:cluster'
import dgram from 'node:dgram'
import http, { type RequestListener } from 'node:http'
import http2 from 'node:http2'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { noFaults, noHang, op, serve, simulate, type History, type System } from 'two-generals'
import { play, rehearse } from '../../../src/conformance/rehearse.ts'
import { full } from '../../full.ts'
import { outcome } from './outcome.ts'

interface Answer {
  readonly status: number | undefined
  readonly body: string
  readonly headers: http.IncomingHttpHeaders
  readonly trailers: NodeJS.Dict<string>
}

interface Asked extends http.RequestOptions {
  readonly pieces?: readonly string[]
  readonly trailers?: Readonly<Record<string, string>>
}

function ask({ pieces = [], trailers, ...options }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request('http://shop/', options, (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode, body, headers: answer.headers, trailers: answer.trailers }),
        reject,
      )
    })
    sent.on('error', reject)
    for (const piece of pieces) sent.write(piece)
    if (trailers !== undefined) sent.addTrailers(trailers)
    sent.end()
  })
}

const node = (handle: RequestListener): Pick<System, 'nodes'> => ({ nodes: { shop: serve(() => handle) } })

/** What a client gets from a handler, the same in two histories. */
const answerOf = async (handle: RequestListener, client: () => unknown = ask): Promise<unknown> =>
  (await rehearse(node(handle), client)).seen

/** One history, whatever comes of it. */
async function historyOf(handle: RequestListener, client: () => Promise<unknown> = ask): Promise<History> {
  const go = op('go', fc.constant(null), async () => {
    await client()
  })
  const invocations = [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }]
  const system: System = { ...node(handle), operations: [go], invariants: [noHang()] }
  return simulate(system, { workload: { invocations }, plan: noFaults, seed: 1 })
}

const crashes = ({ events }: History): readonly string[] =>
  events.flatMap((event) => (event.kind === 'crash' ? [event.node] : []))

describe('handlers', () => {
  test('that answer twice crash their process, as on a real machine', async () => {
    const history = await historyOf((_, response) => {
      response.writeHead(200).end('one')
      response.writeHead(200).end('two')
    })
    expect(crashes(history)).toEqual(['shop'])
    expect(JSON.stringify(history.notes)).toContain('Cannot write headers after they are sent to the client')
  })

  test('whose process died leave nothing in memory of the connection that they never closed', async () => {
    const kept: http.ServerResponse['socket'][] = []
    const history = await historyOf(
      (_, response) => {
        kept.push(response.socket)
        throw new Error('a bug')
      },
      () => outcome(ask()),
    )
    expect(crashes(history)).toEqual(['shop'])
    // Node keeps a parser in memory that is not collected, and what it leads to, until it is told
    expect(kept.map((socket) => Reflect.get(socket ?? {}, 'parser') as unknown)).toEqual([null])
  })

  test('that write after the end crash their process', async () => {
    const history = await historyOf((_, response) => {
      response.end('one')
      response.write('two')
    })
    expect(crashes(history)).toEqual(['shop'])
  })

  test.each([
    ['waits', ask],
    ['catches whatever comes', () => outcome(ask())],
  ])('that never answer are named by noHang, where a client %s', async (_, client) => {
    const history = await historyOf((__, response) => void response, client)
    expect(history.events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
    const verdict = noHang().check(history)
    expect(verdict).toMatchObject({ kind: 'violated' })
    expect(JSON.stringify(verdict)).toContain('never ended')
  })

  test('that read a body twice get nothing the second time', async () => {
    const twice: RequestListener = (request, response) =>
      void text(request)
        .then(async (first) => [first, await outcome(text(request))])
        .then((read) => response.end(JSON.stringify(read)))
    const { body } = (await answerOf(twice, () => ask({ method: 'POST', pieces: ['body'] }))) as Answer
    expect(JSON.parse(body)).toEqual(['body', { given: '' }])
  })

  test('may write after the client has left', async () => {
    const late: RequestListener = (request, response) => {
      request.resume()
      setTimeout(() => {
        response.write('one')
        response.end('two')
      }, 1_000)
    }
    const leaves = (): Promise<unknown> =>
      new Promise((resolve) => {
        const sent = http.get('http://shop/')
        sent.on('error', resolve)
        setTimeout(() => sent.destroy(), 100)
      })
    expect(crashes(await historyOf(late, leaves))).toEqual([])
  })
})

describe('bodies and heads', () => {
  const megabytes = full ? 10 : 2
  test('megabytes, there and back', async () => {
    const piece = 'x'.repeat(1024 * 1024)
    const counts: RequestListener = (request, response) =>
      void text(request).then((body) => response.end(body + body.length))
    const { body } = (await answerOf(counts, () =>
      ask({ method: 'POST', pieces: Array.from({ length: megabytes }, () => piece) }),
    )) as Answer
    const sent = megabytes * piece.length
    expect(body.length).toBe(sent + String(sent).length)
    expect(body.endsWith(`x${sent}`)).toBe(true)
  })

  test('an upload in chunks arrives whole', async () => {
    const echo: RequestListener = (request, response) => void text(request).then((body) => response.end(body))
    expect(await answerOf(echo, () => ask({ method: 'POST', pieces: ['a', 'b', 'c'] }))).toMatchObject({ body: 'abc' })
  })

  test('Expect: 100-continue: the client goes on, and sends its body', async () => {
    const echo: RequestListener = (request, response) => void text(request).then((body) => response.end(body))
    const patient = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const sent = http.request('http://shop/', { method: 'POST', headers: { expect: '100-continue' } }, (answer) => {
          text(answer).then(resolve, reject)
        })
        sent.on('continue', () => sent.end('after the 100'))
        sent.on('error', reject)
        sent.flushHeaders()
      })
    expect(await answerOf(echo, patient)).toBe('after the 100')
  })

  test('HEAD has the length of the body, and no body', async () => {
    const long: RequestListener = (_, response) => void response.setHeader('content-length', 4).end('body')
    expect(await answerOf(long, () => ask({ method: 'HEAD' }))).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '4' },
    })
  })

  test.each([204, 304])('%i has no body, and the connection is used again', async (status) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const empty: RequestListener = (_, response) => void response.writeHead(status).end()
    const twice = async (): Promise<unknown> => [await ask({ agent }), await ask({ agent })]
    expect(await answerOf(empty, twice)).toMatchObject([
      { status, body: '' },
      { status, body: '' },
    ])
  })

  test('a body with trailers arrives whole, there and back', async () => {
    const trailing: RequestListener = (request, response) =>
      void text(request).then((body) => {
        response.writeHead(200, { trailer: 'x-sum' })
        response.write(body)
        response.addTrailers({ 'x-sum': `${String(request.trailers['x-sum'])}, of ${request.headers.trailer}` })
        response.end()
      })
    const sums = (): Promise<unknown> =>
      ask({ method: 'POST', headers: { trailer: 'x-sum' }, pieces: ['bo', 'dy'], trailers: { 'x-sum': '4' } })
    expect(await answerOf(trailing, sums)).toMatchObject({ body: 'body', trailers: { 'x-sum': '4, of x-sum' } })
  })
})

const query = (port: number): Promise<unknown> => {
  const client = new Client({ host: 'db', port })
  client.on('error', () => undefined)
  return client.connect()
}

describe('what is not simulated is named, with its line', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'HTTP/2',
      () => http2.connect('http://shop').on('error', () => undefined),
      /node:http2 to host "shop:80" \(only HTTP\/1\.1 .* no gRPC: put a port\(\)/,
    ],
    [
      'UDP',
      () => {
        const socket = dgram.createSocket('udp4')
        socket.on('error', () => undefined)
        socket.send('x', 9, '127.0.0.1', () => socket.close())
      },
      /node:dgram/,
    ],
    ['a worker', () => new Worker('', { eval: true }), /a worker of node:worker_threads \(run it before the test/],
    ['a process', () => spawn('true'), /child_process\.spawn \(run it before the test/],
    ['a Node process', () => fork('nothing.js', { execArgv: [] }), /PROCESSWRAP|process/],
    ['a cluster', () => cluster.fork(), /cluster\.fork \(a node is one process, or several by its `instances`\)/],
    [
      'a driver of PostgreSQL',
      () => query(5432),
      /a socket to host "db:5432" .*, as of PostgreSQL \(its store is postgres/,
    ],
    [
      'one at another port',
      () => query(6543),
      /a socket to host "db:6543" .*, as of PostgreSQL \(its store is postgres/,
    ],
  ])('%s', async (_, reach, what) => {
    const escaping: RequestListener = (__, response) => {
      reach()
      response.end()
    }
    const playing = play(node(escaping), ask)
    await expect(playing).rejects.toThrow(what)
    await expect(playing).rejects.toThrow(/test\/transport\/sockets\/bad-input\.test\.ts:\d+/)
  })
})
