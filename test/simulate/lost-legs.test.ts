// A lost event names a leg that did not arrive: its cause is the send of that leg.
import { describe, expect, test } from 'vitest'
import { map } from '../../src/store/map.ts'
import { journal } from '../../src/history/effect.ts'
import type { Arrive, History, Lost, Send } from '../../src/history/history.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { drawn, eventsOf, node, nothingToJudge, oneAfterTheOther, pause, post, runOnce, scenarioOf } from './systems.ts'

const done = journal<string>('done')

/** A shop that asks a bank, and answers whatever comes of it. */
function asking(bank: System['nodes'][string], operation = post('pay', 'http://shop/pay')): System {
  return {
    nodes: {
      shop: node(async () => {
        await fetch('http://bank/charge', { method: 'POST' }).catch(() => undefined)
        done.add('paid')
      }),
      bank,
    },
    operations: [operation],
    invariants: [nothingToJudge],
  }
}

test('when a reset reply finds its caller paused, the reply is lost, not the request', async () => {
  const system = asking(node(() => done.add('charged')))
  const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
  const legs = sites.flatMap(({ address }) => (address.to === 'bank' && address.operation !== 'boot' ? [address] : []))
  const [request, reply] = legs
  if (request === undefined || reply === undefined) throw new Error('The bank was not asked.')
  const faults: readonly Fault[] = [
    { kind: 'pause', at: request, node: 'shop', forMs: 500, replaced: 'no' },
    { kind: 'reset', at: reply },
  ]

  const { history, fired } = await runOnce(system, scenarioOf(system, faults))

  expect(fired).toHaveLength(faults.length)
  const [lost] = eventsOf(history, 'lost')
  expect([lost?.why, lost?.node]).toEqual(['reset', 'shop'])
  expect(history.events[lost?.cause ?? -1]).toMatchObject({ kind: 'send', address: { to: 'bank', leg: 'reply' } })
})

test('a platform that gives up after the reply was lost names that reply, not the request', async () => {
  const system = asking(node(() => undefined))
  const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
  const reply = sites.find(({ address }) => address.to === 'bank' && address.leg === 'reply')
  if (reply === undefined) throw new Error('The bank did not answer.')

  const { history } = await runOnce(system, scenarioOf(system, [{ kind: 'lose', at: reply.address }]))

  const lost = eventsOf(history, 'lost').filter((event) => event.node === 'shop')
  const legs = lost.map(({ cause }) => history.events[cause]).map((send) => send?.kind === 'send' && send.address.leg)
  expect(lost.map(({ why }) => why)).toEqual(['lost', 'timeout'])
  expect(legs).toEqual(['reply', 'reply'])
})

const cache = new Map<string, number>()

const systems: Readonly<Record<string, System>> = {
  'a chain of two': asking(
    node(() => undefined),
    post('pay', 'http://shop/pay', { retries: 2, timeout: 5_000 }),
  ),
  'a callee that takes its time': asking(node(() => pause(700))),
  'a callee that throws': asking(
    node(() => {
      throw new Error('out of money')
    }),
  ),
  'a callee that never answers': asking(serve(() => () => new Promise<Response>(() => undefined))),
  'a caller with a time limit': {
    ...asking(node(() => pause(90))),
    nodes: {
      shop: node(() =>
        fetch('http://bank/charge', { method: 'PUT', signal: AbortSignal.timeout(100) }).catch(() => undefined),
      ),
      bank: node(() => cache.set('charge', 1)),
    },
    stores: [map(cache)],
  },
  'two instances': asking(
    serve(() => () => new Response('ok'), { instances: 2 }),
    post('pay', 'http://shop/pay', { retries: 1, doubleSubmit: true }),
  ),
  'bodies in pieces': asking(serve(() => () => new Response(slowBody()))),
}

function slowBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(new Uint8Array([1]))
      await pause(50)
      controller.enqueue(new Uint8Array([2]))
      controller.close()
    },
  })
}

/** Histories of each system, each with faults of its own. */
const seeds = 60
const rate = 0.15

describe.each(Object.entries(systems))('%s, under drawn faults', (_, system) => {
  test('every lost event names a leg that did not arrive', async () => {
    const [operation] = system.operations
    const workload = { invocations: oneAfterTheOther(operation?.name ?? '', operation?.name ?? '') }
    let found = 0

    for (let seed = 0; seed < seeds; seed++) {
      const { history } = await runOnce(system, { workload, plan: drawn(seed, rate), seed })
      for (const lost of eventsOf(history, 'lost')) {
        found += 1
        expect({ seed, lost, wrong: wrongIn(history, lost) }).toEqual({ seed, lost, wrong: undefined })
      }
    }

    expect(found).toBeGreaterThan(seeds / 4)
  })
})

/** What is wrong with a lost event; undefined where nothing is. */
function wrongIn(history: History, lost: Lost): string | undefined {
  const send = history.events[lost.cause]
  if (send?.kind !== 'send' || send.seq > lost.seq) return 'its cause is no leg that left before'
  const arrivals = eventsOf(history, 'arrive').filter((arrive) => isOf(arrive, send))
  if (lost.why === 'timeout' || (lost.why === 'reset' && hasEnded(history, lost, send)))
    return givenUp(history, lost, send, arrivals)
  // One send stands for all copies of a request: some may be lost where others arrive
  if (wasCopied(history, send)) return undefined
  return arrivals.length > 0 ? 'the leg arrived' : undefined
}

/** Whether the process that a request was sent to has just ended, so that its connections are reset. */
function hasEnded(history: History, lost: Lost, { address, request }: Send): boolean {
  const ends = ['SIGTERM', 'SIGKILL']
  const [asked] = request === -1 ? [address.to] : []
  return eventsOf(history, 'crash').some(
    ({ node: name, why = '', seq }) => name === asked && seq < lost.seq && ends.includes(why),
  )
}

/** A caller that gives up, or whose connection is reset, names the leg that it waits for: the reply that left, or the request where none has left. */
function givenUp(history: History, lost: Lost, send: Send, arrivals: readonly Arrive[]): string | undefined {
  if (send.request !== -1) return arrivals.length > 0 ? 'the reply arrived' : undefined
  const reply = eventsOf(history, 'send').find(({ request, seq }) => request === send.seq && seq < lost.seq)
  return reply === undefined ? undefined : 'a reply had left'
}

/** Somebody waited for it. */
function isOf(arrive: Arrive, send: Send): boolean {
  return arrive.cause === send.seq && !arrive.late
}

function wasCopied(history: History, send: Send): boolean {
  return eventsOf(history, 'fault').some(({ cause, fault }) => cause === send.seq && fault.kind === 'duplicate')
}
