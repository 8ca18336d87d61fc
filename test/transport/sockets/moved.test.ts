// A node that moves to another address as it is deployed: who has kept the old one is refused, whatever keeps it.
import dns from 'node:dns'
import http from 'node:http'
import type { LookupFunction } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { op, serve, simulate, sometimes, type Fault, type History, type System } from 'two-generals'
import { play } from '../../../src/conformance/rehearse.ts'
import { rootOf } from '../../address-of.ts'

const bank = (_: http.IncomingMessage, response: http.ServerResponse): void => void response.end('hello')

function get(options: http.RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const asked = http.get({ headers: { host: 'bank' }, agent: new http.Agent(), ...options }, (answer) => {
      answer.resume()
      resolve(`${answer.statusCode ?? 0} from ${answer.socket.remoteAddress ?? ''}`)
    })
    asked.on('error', (error: Error & { readonly code?: string }) => resolve(error.code ?? error.message))
  })
}

/** How a client calls the bank, which is deployed under its first call, twice. */
async function answersOf(
  prepare: () => Promise<http.RequestOptions>,
  instances = 1,
  oldAddress?: 'not found' | 'a page',
): Promise<readonly unknown[]> {
  let options: http.RequestOptions | undefined
  const go = op('go', fc.constant(null), async () => get((options ??= await prepare())))
  const system: System = {
    nodes: { bank: serve(() => bank, { instances }) },
    operations: [go],
    invariants: [sometimes('ran', () => true)],
  }
  const deploy: Fault = {
    kind: 'deploy',
    node: 'bank',
    graceMs: 30_000,
    ...(oldAddress === undefined ? {} : { oldAddress }),
    at: { root: rootOf('go#0'), path: [], from: 'client', to: 'bank', operation: 'GET /', leg: 'request', nth: 1 },
  }
  const invocations = [0, 1].map((id) => ({ id, operation: 'go', client: 0, afterMs: 100, input: null }))
  const run = async (faults: readonly Fault[]): Promise<History> => {
    options = undefined
    return simulate(system, { workload: { invocations }, plan: { kind: 'listed', faults }, seed: 1 })
  }
  const told = ({ events }: History): readonly unknown[] =>
    events.flatMap((event) => (event.kind === 'ok' ? [event.value] : []))
  expect(told(await run([]))).toEqual(['200 from 10.0.0.1', '200 from 10.0.0.1'])
  const { events } = await run([deploy])
  expect((await run([deploy])).events).toEqual(events)
  return events.flatMap((event) => (event.kind === 'ok' ? [event.value] : []))
}

/** A lookup that asks once for each name. */
function caching(): LookupFunction {
  let known: unknown
  return (host, options, done) => {
    if (known !== undefined) process.nextTick(done, null, known)
    else
      dns.lookup(host, options, (error, found) => {
        known = found
        done(error, found)
      })
  }
}

describe('after a deploy', () => {
  test('a name leads to the new process', async () => {
    const [, second] = await answersOf(async () => ({ host: 'bank' }))
    expect(second).toBe('200 from 10.0.1.1')
  })

  test('an address that was looked up once is refused', async () => {
    const [, second] = await answersOf(async () => ({ host: (await dns.promises.lookup('bank')).address }))
    expect(second).toBe('ECONNREFUSED')
  })

  test('somebody else may be there by then, who answers as to anybody', async () => {
    const once = async (): Promise<http.RequestOptions> => ({ host: (await dns.promises.lookup('bank')).address })
    expect((await answersOf(once, 1, 'not found'))[1]).toBe('404 from 10.0.0.1')
    expect((await answersOf(once, 1, 'a page'))[1]).toBe('200 from 10.0.0.1')
    expect((await answersOf(async () => ({ host: 'bank' }), 1, 'a page'))[1]).toBe('200 from 10.0.1.1')
    expect((await answersOf(async () => ({ host: 'bank', lookup: caching() }), 1, 'not found'))[1]).toMatch('404')
  })

  test('a lookup that caches for ever is refused, and one that asks again is not', async () => {
    const [, cached] = await answersOf(async () => ({ host: 'bank', lookup: caching() }))
    const [, fresh] = await answersOf(async () => ({ host: 'bank', lookup: dns.lookup }))
    expect([cached, fresh]).toEqual(['ECONNREFUSED', '200 from 10.0.1.1'])
  })
})

describe('a lookup of the user', () => {
  const nodes = { bank: serve(() => bank) }
  test.each<[string, LookupFunction, unknown]>([
    ['gives all addresses', (_, __, done) => done(null, [{ address: '10.0.0.1', family: 4 }]), '200 from 10.0.0.1'],
    ['gives one', (_, __, done) => done(null, '10.0.0.1', 4), '200 from 10.0.0.1'],
    ['takes long', (_, __, done) => void setTimeout(done, 500, null, '10.0.0.1', 4), '200 from 10.0.0.1'],
    ['fails', (_, __, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), ''), 'ENOTFOUND'],
  ])('%s', async (_, lookup, expected) => {
    expect((await play({ nodes }, async () => get({ host: 'bank', lookup }))).seen).toBe(expected)
  })
})

test('several instances keep their address, which is that of their balancer', async () => {
  const once = async (): Promise<http.RequestOptions> => ({ host: (await dns.promises.lookup('bank')).address })
  expect((await answersOf(once, 2))[1]).toBe('200 from 10.0.0.1')
})
