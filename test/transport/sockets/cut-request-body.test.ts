// A partition that begins while the body of a request is under way: what has left arrives, and nothing after it. Both
// ends see silence until the network heals, and then the end of the connection.
import http from 'node:http'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  boundedCall,
  check,
  journal,
  listed,
  noHang,
  op,
  serve,
  simulate,
  type Fault,
  type NodeDefinition,
  type System,
} from 'two-generals'
import { rootOf } from '../../address-of.ts'

const body = '0123456789'
const told = journal<string>('told')

const post = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asking = http.request(url, { method: 'POST' }, (answer) => resolve(answer.resume().statusCode ?? 0))
    asking.on('error', reject)
    asking.end(body)
  })

/** Puts something into the shop, by a gateway. */
const put = op('put', fc.constant(null), () => fetch('http://gateway/', { method: 'POST' }))
/** Looks at the shop, and not by the gateway. */
const look = op('look', fc.constant(null), () => fetch('http://shop/'))

const gateway = serve(() => async () => {
  try {
    return new Response(null, { status: await post('http://shop/') })
  } catch (error) {
    told.add(`gateway: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`)
    return new Response(null, { status: 502 })
  }
})

/** Whose the shop is: one after the other. */
class Turns {
  #last: Promise<unknown> = Promise.resolve()
  take<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work)
    this.#last = next.catch(() => undefined)
    return next
  }
}

const shops: Readonly<Record<string, (early: boolean) => NodeDefinition>> = {
  'a handler of node:http': (early) =>
    serve(() => {
      const turns = new Turns()
      return (request: http.IncomingMessage, response: http.ServerResponse) => {
        const read = (): Promise<string> => text(request)
        const end = (status: number): void => void response.writeHead(status).end()
        const done = early ? turns.take(read) : read().then((all) => turns.take(() => Promise.resolve(all)))
        done.then(
          (all) => {
            told.add(`shop: ${all}`)
            end(201)
          },
          (error: NodeJS.ErrnoException) => {
            told.add(`shop: ${error.code}`)
            end(400)
          },
        )
      }
    }),
  'a handler of Requests': (early) =>
    serve(() => {
      const turns = new Turns()
      return async (request: Request) => {
        const read = (): Promise<string> => request.text()
        try {
          const all = early ? await turns.take(read) : await read()
          told.add(`shop: ${all}`)
          return await turns.take(() => Promise.resolve(new Response(null, { status: 201 })))
        } catch (error) {
          told.add(`shop: ${(error as NodeJS.ErrnoException).code}`)
          return new Response(null, { status: 400 })
        }
      }
    }),
}

const root = rootOf('put#0')
const path = [{ from: 'client', to: 'gateway', operation: 'POST /', nth: 1 }]
const trickles: Fault = {
  kind: 'trickle',
  at: { root, path, from: 'gateway', to: 'shop', operation: 'POST /', leg: 'request', nth: 1 },
  overMs: 2_000,
}
const parted: Fault = {
  kind: 'partition',
  at: { root: rootOf('look#1'), path: [], from: 'client', to: 'shop', operation: 'GET /', leg: 'request', nth: 1 },
  side: ['gateway'],
  other: ['shop'],
  way: 'both',
  forMs: 10_000,
}

async function under(shop: NodeDefinition, ...faults: readonly Fault[]) {
  const system: System = {
    nodes: { gateway, shop },
    operations: [put, look],
    invariants: [noHang(), boundedCall(5_000, look)],
  }
  const invocations = [
    { id: 0, operation: 'put', client: 0, afterMs: 0, input: null },
    { id: 1, operation: 'look', client: 1, afterMs: 1_000, input: null },
  ]
  const history = await simulate(system, { workload: { invocations }, plan: listed(faults), seed: 1 })
  return {
    fired: history.events.filter(({ kind }) => kind === 'fault').length,
    told: history.events.flatMap((event) =>
      event.kind === 'effect' && event.value !== 'shop: ' ? [`${event.atMs} ${String(event.value)}`] : [],
    ),
    verdicts: check(history, system.invariants).map(({ kind }) => kind),
  }
}

describe.each(Object.entries(shops))('%s', (_, shop) => {
  test('hears nothing until the network heals, and then the end of the connection', async () => {
    const { fired, told: events } = await under(shop(false), trickles, parted)
    expect(fired).toBe(2)
    expect(events).toEqual(['71000 gateway: ECONNRESET', '71000 shop: ECONNRESET'])
  })

  test('gets all of it where only one of the two happens', async () => {
    expect(await under(shop(false), trickles)).toMatchObject({ fired: 1, told: [`2040 shop: ${body}`] })
    expect(await under(shop(false), parted)).toMatchObject({ fired: 1, told: [`40 shop: ${body}`] })
  })

  test('keeps others waiting where it reads in its turn, and not where it takes its turn afterwards', async () => {
    const early = shop(true)
    expect((await under(early, trickles)).verdicts).toEqual(['holds', 'holds'])
    expect((await under(early, parted)).verdicts).toEqual(['holds', 'holds'])
    expect((await under(early, trickles, parted)).verdicts).toEqual(['holds', 'violated'])
    expect((await under(shop(false), trickles, parted)).verdicts).toEqual(['holds', 'holds'])
  })
})
