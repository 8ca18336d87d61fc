// A connection breaks in the middle of a request's body: what each kind of server sees of it, beside the same server on
// a real loopback socket; and a handler that breaks under it alone.
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import express from 'express'
import * as fc from 'fast-check'
import { fastify } from 'fastify'
import Koa from 'koa'
import { describe, expect, test } from 'vitest'
import { always, journal, listed, noHang, op, serve, simulate, sometimes, type Fault, type System } from 'two-generals'
import { rootOf } from '../../address-of.ts'
import { breaks } from '../../simulate/systems.ts'

type Seen = (what: string) => void

/** Tells what it sees. */
const servers: Readonly<Record<string, (seen: Seen) => http.RequestListener>> = {
  'a loop over the request': (seen) => (request, response) => {
    const read = async (): Promise<void> => {
      for await (const piece of request) seen(`piece ${String(piece)}`)
    }
    const told = ({ code, message }: NodeJS.ErrnoException): void => seen(`${code} ${message}`)
    void read()
      .then(() => seen('end'), told)
      .finally(() => response.end())
  },
  'a listener for data and end': (seen) => (request, response) => {
    request.on('data', (piece: Buffer) => seen(`piece ${piece.toString()}`))
    request.on('end', () => response.end('end'))
    request.on('error', ({ message }) => seen(`error ${message}`))
    request.on('close', () => seen(`close, complete: ${request.complete}`))
  },
  Express: (seen) => {
    const app = express()
    app.use(express.json())
    app.post('/', (_, response) => void response.send('ok'))
    app.use(
      (error: Error & { type?: string; status?: number }, ...[, response]: [unknown, express.Response, unknown]) => {
        seen(`${error.status} ${error.type} ${error.message}`)
        response.status(400).end()
      },
    )
    return app
  },
  Koa: (seen) => {
    const app = new Koa()
    app.use(async ({ req }) => {
      seen(`began ${req.headers['content-length']}`)
      await new Promise((resolve, reject) => req.resume().on('end', resolve).on('error', reject)).catch(
        (error: Error) => seen(error.message),
      )
    })
    const handle = app.callback()
    return (request, response) => void handle(request, response)
  },
}

const body = JSON.stringify({ order: 'one' })
const half = Math.floor(body.length / 2)

async function really(make: (seen: Seen) => http.RequestListener): Promise<readonly string[]> {
  const seen: string[] = []
  const server = http.createServer(make((what) => seen.push(what)))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  const head = `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  client.write(head + body.slice(0, half))
  setTimeout(() => client.resetAndDestroy(), 50)
  await new Promise((resolve) => setTimeout(resolve, 150))
  server.close()
  return seen
}

const at = {
  root: rootOf('go#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /',
  leg: 'request',
  nth: 1,
} as const
const fault: Fault = { kind: 'reset', at, atByte: half }

async function simulated(nodes: System['nodes']): Promise<string> {
  let thrown = 'nothing'
  const go = op('go', fc.constant('once'), async () => {
    try {
      await fetch('http://shop/', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    } catch (error) {
      thrown = ((error as Error).cause as NodeJS.ErrnoException).code ?? ''
    }
  })
  const system: System = { nodes, operations: [go], invariants: [noHang(), sometimes('ran', () => true)] }
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }
  await simulate(system, { workload, plan: listed([fault]), seed: 1 })
  return thrown
}

describe('what a server sees', () => {
  test.each(Object.entries(servers))('%s', async (_, make) => {
    const seen: string[] = []
    expect(await simulated({ shop: serve(() => make((what) => seen.push(what))) })).toBe('ECONNRESET')
    expect(seen).toEqual(await really(make))
  })

  test('Fastify does not run the handler', async () => {
    let ran = 0
    const app = (): ReturnType<typeof fastify> => {
      const made = fastify()
      made.post('/', () => {
        ran += 1
        return 'ok'
      })
      return made
    }
    expect(await simulated({ shop: serve(() => app()) })).toBe('ECONNRESET')
    expect(ran).toBe(0)
  })

  test('a handler of Requests gets what came, and an error', async () => {
    const seen: string[] = []
    const shop = serve(() => async (request: Request) => {
      try {
        for await (const piece of request.body ?? []) seen.push(`piece ${Buffer.from(piece).toString()}`)
      } catch (error) {
        const { message, code } = error as NodeJS.ErrnoException
        seen.push(`${code} ${message}`)
      }
      return new Response()
    })
    expect(await simulated({ shop })).toBe('ECONNRESET')
    expect(seen).toEqual([`piece ${body.slice(0, half)}`, 'ECONNRESET aborted'])
  })
})

const stored = journal<string>('stored')

/** Stores an upload as the request ends; or as it closes, whatever came of it by then. */
function uploads(on: 'end' | 'close'): System {
  const upload = op('upload', fc.constant(null), () =>
    fetch('http://shop/files', { method: 'POST', body: '0123456789' }),
  )
  const shop = serve(() => (request: http.IncomingMessage, response: http.ServerResponse) => {
    let file = ''
    request.on('data', (piece: Buffer) => (file += piece.toString()))
    request.on('end', () => response.end())
    request.on(on, () => stored.add(file))
  })
  return {
    nodes: { shop },
    operations: [upload],
    invariants: [always('a file is whole', stored, (files) => files.every((file) => file.length === 10))],
  }
}

test('what is stored as a request closes is half a file under this fault alone; as it ends, never', async () => {
  expect(await breaks(uploads('close'))).toEqual(['reset in the body of request of POST /files'])
  expect(await breaks(uploads('end'))).toEqual([])
})
