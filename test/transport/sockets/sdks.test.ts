// SDKs and clients, unchanged, against a server that answers, fails, resets and is silent: what they give or throw, and
// what the server sees of their retries, is the same as over a real loopback socket, and the same in each history.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { HttpResponse, http as msw } from 'msw'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noFaults, op, serve, simulate, sometimes, type Outside, type Plan, type System } from 'two-generals'
import { historyBytes } from '../../../src/history/history-bytes.ts'
import { faultKinds } from '../../../src/scenario/fault/registry.ts'
import { full } from '../../full.ts'
import { whyNoSdks } from './large-sdks.ts'
import { outcome } from './outcome.ts'
import { sdkClients, type SdkClient } from './sdk-clients.ts'

/** What a server does with a request. */
const ways: Readonly<Record<string, (response: http.ServerResponse, answer: object) => void>> = {
  answers: (response, answer) => reply(response, 200, answer),
  'says 500': (response) => reply(response, 500, { error: { message: 'bad', type: 'api_error' } }),
  resets: ({ socket }) => void socket?.resetAndDestroy(),
  'never answers': () => undefined,
}

function reply(response: http.ServerResponse, status: number, answer: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}

/** What a server has seen: each request, and which of them had a key that was there before. */
class Seen {
  readonly requests: string[] = []
  readonly #keys = new Set<string>()

  add({ method, url, headers }: http.IncomingMessage): void {
    const key = headers['idempotency-key']
    const again = key === undefined ? '' : this.#keys.has(String(key)) ? ', the same key' : ', a key'
    this.#keys.add(String(key))
    this.requests.push(`${method} ${url}${again}`)
  }
}

function listenerFor(answer: object, way: string, seen: Seen): http.RequestListener {
  return (request, response) => {
    request.resume()
    request.on('end', () => {
      seen.add(request)
      ways[way]?.(response, answer)
    })
  }
}

/** Over a real socket. */
async function really(client: SdkClient, way: string): Promise<object> {
  const seen = new Seen()
  const server = http.createServer(listenerFor(client.answer, way, seen))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const result = await outcome(client.call(`http://127.0.0.1:${port}`))
  server.closeAllConnections()
  server.close()
  return { result, requests: seen.requests }
}

const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: 'once' }] }

async function simulated(
  client: SdkClient,
  way: string,
  { plan = noFaults, outside }: { readonly plan?: Plan; readonly outside?: Outside } = {},
): Promise<{ readonly result: object | undefined; readonly requests: readonly string[]; readonly bytes: string }> {
  let result: object | undefined
  const seen = new Seen()
  const origin = outside === undefined ? 'http://shop' : 'https://api.outside.example'
  const go = op('go', fc.constant('once'), async () => {
    result = await outcome(client.call(origin))
  })
  const system: System = {
    nodes: { shop: serve(() => listenerFor(client.answer, way, seen)) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
    ...(outside === undefined ? {} : { outside }),
  }
  const bytes = historyBytes(await simulate(system, { workload, plan, seed: 1 }))
  return { result, requests: seen.requests, bytes }
}

const cells = Object.keys(sdkClients).flatMap((name) => Object.keys(ways).map((way) => [name, way] as const))
const real = new Map<string, object>()
const noEnd = { result: 'no end in time over a real socket' }

function absent(name: string): boolean {
  return sdkClients[name]?.needs !== undefined && whyNoSdks !== undefined
}

function sdk(name: string): SdkClient {
  const found = sdkClients[name]
  if (found === undefined) throw new Error(`no client ${name}`)
  return found
}

/** All of it takes 5 s alone. */
const [longestMs, allMs] = [40_000, 240_000]

beforeAll(async () => {
  const measured = cells.filter(([name]) => !absent(name))
  /** What never ends fails in its own test, by its name. */
  const measure = async ([name, way]: readonly [string, string]): Promise<void> => {
    let limit: NodeJS.Timeout | undefined
    const tooLong = new Promise<object>((resolve) => {
      limit = setTimeout(() => resolve(noEnd), longestMs)
    })
    real.set(`${name} ${way}`, await Promise.race([really(sdk(name), way), tooLong]))
    clearTimeout(limit)
  }
  // One after the other, so that a slow machine runs into nobody's limit; then those that wait for their limits
  for (const cell of measured) if (cell[1] === 'answers') await measure(cell)
  await Promise.all(measured.filter(([, way]) => way !== 'answers').map(measure))
  // Beside many others a real undici.stream has missed its own limit now and then: reality is asked once more, alone
  for (const cell of measured) if (real.get(cell.join(' ')) === noEnd) await measure(cell)
}, allMs)

afterAll(() => real.clear())

describe.each(Object.keys(sdkClients))('%s', (name) => {
  test.for(Object.keys(ways))('a server that %s', async (way, { skip }) => {
    skip(absent(name), whyNoSdks)
    const { result, requests } = await simulated(sdk(name), way)
    if (way === 'answers') expect(result).toHaveProperty('given')
    expect({ result, requests }).toEqual(real.get(`${name} ${way}`))
  })

  test('a stub of msw, over https', async ({ skip }) => {
    skip(absent(name), whyNoSdks)
    const { answer } = sdk(name)
    const outside = [msw.all('https://api.outside.example/*', () => HttpResponse.json(answer))]
    const { result } = await simulated(sdk(name), 'answers', { outside })
    expect({ result }).toEqual({ result: (real.get(`${name} answers`) as { result: object }).result })
  })

  test('its histories are alike, whatever is drawn', async ({ skip }) => {
    skip(absent(name), whyNoSdks)
    const client = sdk(name)
    for (const way of Object.keys(ways)) await alike(client, way)
  })
})

/** 300 in all, and fewer in the quick run: what the perfect network gives, and what faults and crashes make of it. */
async function alike(client: SdkClient, way: string): Promise<void> {
  for (let seed = 0; seed < (full ? 75 : 2); seed++) {
    const plan = seed === 0 ? noFaults : drawnPlan(seed)
    const once = await simulated(client, way, { plan })
    const again = await simulated(client, way, { plan })
    expect(again).toEqual(once)
  }
}

/** A few faults of any kind, crashes among them. */
function drawnPlan(seed: number): Plan {
  return { kind: 'drawn', seed, maxFaults: 4, rates: Object.fromEntries(faultKinds.map((kind) => [kind, 0.1])) }
}
