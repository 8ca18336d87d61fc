// Wall clocks that step during a call, and clocks of clients: each wrong use of a clock falls to one single fault, and
// its sound twin to none.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { always, journal, op, serve, type System } from 'two-generals'
import { breaks } from './systems.ts'

const took = journal<number>('took')
const clocks = { wall: () => Date.now(), monotonic: () => performance.now() }
type ClockName = keyof typeof clocks

const plausible = always('no time is negative, or an hour', took, (all) => all.every((ms) => ms >= 0 && ms < 3_000_000))

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

async function measured(clock: ClockName, work: () => Promise<unknown>): Promise<void> {
  const now = clocks[clock]
  const start = now()
  await work().catch(() => undefined)
  took.add(now() - start)
}

const ask = (): Promise<Response> => fetch('http://bank/')
const bank = serve(() => () => new Response())

/** A stopwatch in a node. */
const inNode = (clock: ClockName, work: () => Promise<unknown>): System => ({
  nodes: {
    shop: serve(() => async () => {
      await measured(clock, work)
      return new Response()
    }),
    bank,
  },
  operations: [op('order', fc.constant(null), () => fetch('http://shop/'))],
  invariants: [plausible],
})

/** A stopwatch in a client. */
const inClient = (clock: ClockName): System => ({
  nodes: { bank },
  operations: [op('order', fc.constant(null), () => measured(clock, ask))],
  invariants: [plausible],
})

describe('a stopwatch', () => {
  test('around a call falls to the step of its own clock', async () => {
    expect(await breaks(inNode('wall', ask))).toEqual([
      'jump back shop on reply of GET /',
      'jump back shop later on request of GET /',
      'jump forward shop later on request of GET /',
      'jump back shop on request of GET /',
      'jump forward shop on request of GET /',
    ])
    expect(await breaks(inNode('monotonic', ask))).toEqual([])
  })

  test('around work without a call falls to a step in the midst of it', async () => {
    expect(await breaks(inNode('wall', () => sleep(500)))).toEqual([
      'jump back shop later on request of GET /',
      'jump forward shop later on request of GET /',
    ])
    expect(await breaks(inNode('monotonic', () => sleep(500)))).toEqual([])
  })

  test('of a client falls to the step of the client’s clock', async () => {
    expect(await breaks(inClient('wall'))).toEqual([
      'jump back client on reply of GET /',
      'jump back client on request of GET /',
      'jump forward client on request of GET /',
    ])
    expect(await breaks(inClient('monotonic'))).toEqual([])
  })
})

describe('the clock of a client may be wrong from its start', () => {
  const stamped = journal<number>('stamped')
  const slept = journal<number>('slept')
  const writing = (stamp: () => number): System => ({
    nodes: {
      notes: serve(() => async (request) => {
        stamped.add(Math.abs(Number(await request.text()) - Date.now()))
        return new Response()
      }),
    },
    operations: [
      op('write', fc.constant(null), () => fetch('http://notes/', { method: 'PUT', body: String(stamp()) })),
    ],
    invariants: [always('a stamp is of now', stamped, (all) => all.every((ms) => ms < 30_000))],
    tolerates: ['skew'],
  })

  test('its stamps are those of another time', async () => {
    expect(await breaks(writing(() => Date.now()))).toEqual(expect.arrayContaining(['skew client', 'skew notes']))
  })

  test('its timers run fast or slow', async () => {
    const system: System = {
      nodes: { notes: bank },
      operations: [
        op('wait', fc.constant(null), async () => {
          const start = Date.now()
          await sleep(1_000)
          slept.add(Date.now() - start)
          return fetch('http://notes/')
        }),
      ],
      invariants: [always('a second is a second', slept, (all) => all.every((ms) => ms >= 1_000 && ms <= 1_001))],
    }
    expect(await breaks(system)).toEqual(['drift client fast', 'drift client slow'])
  })
})
