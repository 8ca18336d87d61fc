// What users of Express, axios and node:http have met.
import { AsyncLocalStorage } from 'node:async_hooks'
import http from 'node:http'
import axios from 'axios'
import express from 'express'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  journal,
  noFaults,
  noHang,
  op,
  serve,
  simulate,
  sometimes,
  type History,
  type NodeDefinition,
} from 'two-generals'
import { full } from '../../full.ts'

const seen = journal<string>('seen')
const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }

function run(nodes: Record<string, NodeDefinition>, go: () => unknown): Promise<History> {
  const operations = [op('go', fc.constant('once'), go)]
  const system = { nodes, operations, invariants: [sometimes('ran', () => true)] }
  return simulate(system, { workload, plan: noFaults, seed: 1 })
}

function seenIn({ events }: History): readonly unknown[] {
  return events.flatMap((event) => (event.kind === 'effect' ? [event.value] : []))
}

const tenant = new AsyncLocalStorage<string>()

const callbacks: Readonly<Record<string, (done: () => void) => void>> = {
  setTimeout: (done) => void setTimeout(done, 10),
  setImmediate: (done) => void setImmediate(done),
  setInterval(done) {
    const timer = setInterval(() => {
      clearInterval(timer)
      done()
    }, 10)
  },
  'AbortSignal.timeout': (done) => AbortSignal.timeout(10).addEventListener('abort', done),
  'http.get': (done) => void http.get('http://shop/other', (answer) => answer.resume().on('end', done)),
}

test.each(Object.entries(callbacks))('AsyncLocalStorage holds in a callback of %s', async (_, later) => {
  const shop = serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
    const answer = (): void => {
      seen.add(String(tenant.getStore()))
      response.end()
    }
    if (request.url === '/other') response.end()
    else tenant.run('a', () => later(answer))
  })
  expect(seenIn(await run({ shop }, () => fetch('http://shop/')))).toEqual(['a'])
})

describe('the field Host', () => {
  const tells = serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
    seen.add(String(request.headers.host))
    response.end()
  })

  test('does not lead elsewhere than the connection: a virtual host', async () => {
    const history = await run({ web: tells }, () => axios.get('http://web/', { headers: { host: 'a.example' } }))
    expect(seenIn(history)).toEqual(['a.example'])
  })

  test('is passed on by a proxy, which is not sent to itself', async () => {
    const proxy = serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
      const options = { host: 'back', path: request.url, headers: request.headers }
      request.pipe(http.request(options, (answer) => void answer.pipe(response)))
    })
    expect(seenIn(await run({ front: proxy, back: tells }, () => axios.get('http://front/')))).toEqual(['front'])
  })

  test('names the node where an address is called', async () => {
    const byAddress = (): Promise<unknown> => axios.get('http://10.0.0.1/', { headers: { host: 'web' } })
    expect(seenIn(await run({ web: tells }, byAddress))).toEqual(['web'])
  })
})

test('a node that calls itself without end is named', async () => {
  const shop = serve(() => () => fetch('http://shop/'))
  await expect(run({ shop }, () => fetch('http://shop/'))).rejects.toThrow(/the last of 100 calls, each made while/)
})

test('a handler that never answers a caller that has left is found by noHang, and one that ends is not', async () => {
  const back = serve(() => () => new Response('ok'))
  const web = (answers: boolean): NodeDefinition =>
    serve(() => {
      const app = express()
      app.get('/', (_, response) => {
        axios.get('http://back/').then(
          () => response.send('ok'),
          () => {
            if (answers) response.status(502).end()
          },
        )
      })
      return app
    })
  const go = op('go', fc.constant('once'), () => axios.get('http://web/', { timeout: 5_000 }))
  const kindOf = async (answers: boolean): Promise<string> => {
    const claim = { 'web -> back': ['error'] } as const
    const nodes = { web: web(answers), back }
    return (
      await assess(
        { nodes, operations: [go], invariants: [noHang()], tolerates: claim },
        { numRuns: full ? 5 : 1, shrink: full },
      )
    ).kind
  }
  expect(await kindOf(false)).toBe('violated')
  expect(await kindOf(true)).toBe('holds')
})

test('an answer, and a rejection in the same tick: the caller does not wait for ever', async () => {
  const shop = serve(() => (_: http.IncomingMessage, response: http.ServerResponse) => {
    response.end('ok')
    void Promise.reject(new Error('boom'))
  })
  const { events } = await run({ shop }, () => axios.get('http://shop/'))
  expect(events.find(({ kind }) => kind === 'info')).toMatchObject({ atMs: 40 })
})

test('a heartbeat under an idle limit goes round in circles', async () => {
  const shop = serve(() => (_: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const beat = setInterval(() => response.write(':\n\n'), 5_000)
    response.on('close', () => clearInterval(beat))
  })
  const listen = (): unknown =>
    new Promise((resolve) => {
      http.get('http://shop/', { timeout: 12_000 }, (answer) => resolve(answer.statusCode))
    })
  expect((await run({ shop }, listen)).events.at(-1)).toMatchObject({ kind: 'end', reason: 'quiet' })
})

describe('a process that listens late', () => {
  const listener = (_: http.IncomingMessage, response: http.ServerResponse): void => void response.end('up')
  const config = serve(() => () => new Response('{}'))
  const main = async (): Promise<void> => {
    await fetch('http://config/')
    http.createServer(listener).listen(3000)
  }
  const ask = (): Promise<unknown> => axios.get('http://shop/').then(({ data }) => seen.add(String(data)))

  test('refuses until then, and answers from then on', async () => {
    const shop = serve(() => void main())
    const later = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1_000)).then(ask)
    expect(seenIn(await run({ config, shop }, () => Promise.allSettled([ask(), later()])))).toEqual(['up'])
  })

  test('and one that never will is named', async () => {
    const shop = serve(() => void fetch('http://config/'))
    await expect(run({ config, shop }, () => 'asks nobody')).resolves.toBeDefined()
    const none = serve(() => undefined)
    await expect(run({ none }, () => 'asks nobody')).rejects.toThrow(/the factory of "none" gave undefined and called/)
  })
})

test('a timer that a module keeps goes on after the history in which it was started', async () => {
  let kept: NodeJS.Timeout | undefined
  const ticks = { count: 0 }
  const tick = (): void => {
    ticks.count += 1
  }
  const start = (): Promise<void> => {
    if (kept === undefined) kept = setTimeout(tick, 20)
    else kept.refresh()
    return new Promise((resolve) => setTimeout(resolve, 50))
  }
  const shop = serve(() => () => new Response())
  await run({ shop }, start)
  expect(ticks.count).toBe(1)
  // It is none of another history's, or histories would depend on what came before them
  await run({ shop }, start)
  expect(ticks.count).toBe(1)
  kept?.refresh()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(ticks.count).toBe(2)
  kept?.close()
})

test('noHang does not blame a handler that forgets a caller as that leaves', async () => {
  const waiting = new Set<http.ServerResponse>()
  const poll = (forgets: boolean): NodeDefinition =>
    serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
      if (request.url !== '/poll') return void response.end()
      waiting.add(response)
      if (forgets) response.on('close', () => waiting.delete(response))
      return undefined
    })
  const kindOf = async (forgets: boolean): Promise<string> =>
    noHang().check(await run({ shop: poll(forgets) }, () => axios.get('http://shop/poll', { timeout: 5_000 }))).kind
  expect([await kindOf(true), await kindOf(false)]).toEqual(['holds', 'violated'])
})
