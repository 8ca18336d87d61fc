// A drifting node's timers and performance.now keep their own pace; its wall clock and the other nodes keep true time.
// Healing ends it.
import { expect, test } from 'vitest'
import { bootAddress, invocationOf } from '../../src/scenario/address.ts'
import { always } from '../../src/check/always.ts'
import { journal } from '../../src/history/effect.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { historyHash } from '../../src/history/history-bytes.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { Clock, epochMs } from '../../src/simulate/clock.ts'
import {
  act,
  breaks,
  effectsIn,
  node,
  nothingToJudge,
  oneAfterTheOther,
  outcomesOf,
  pause,
  post,
  runOnce,
  scenarioOf,
} from './systems.ts'

const slept = journal<readonly number[]>('slept')

const drifting = (ppm: number, name = 'shop'): Fault => ({ kind: 'drift', at: bootAddress(name), ppm })

/** Sleeps for a second by its own timer: how long it was by `Date`, and by `performance`. */
const sleeper = (ms: number): System => ({
  nodes: {
    shop: node(async () => {
      const [wall, timer] = [Date.now(), performance.now()]
      await pause(ms)
      slept.add([Date.now() - wall, performance.now() - timer])
    }),
  },
  operations: [post('sleep', 'http://shop/')],
  invariants: [nothingToJudge],
  faultsForMs: 60_000,
})

test.each([
  [250_000, 800],
  [-200_000, 1_250],
  [0, 1_000],
])('at %i ppm a second by timer takes %i ms of true time', async (ppm, trueMs) => {
  const one = sleeper(1_000)
  const { history } = await runOnce(one, scenarioOf(one, [drifting(ppm)]))
  expect(effectsIn(history, 'slept')).toEqual([{ atMs: 20 + trueMs, value: [trueMs, 1_000] }])
  expect(outcomesOf(history)).toEqual(['ok'])
})

test('a timer never seems to have come early, whatever the pace', async () => {
  const one = sleeper(1_003)
  for (const ppm of [100, -100, 33_333, -33_333, 99_999, -77_777]) {
    const { history } = await runOnce(one, scenarioOf(one, [drifting(ppm)]))
    expect(effectsIn(history, 'slept').map(({ value }) => (value as number[])[1])).toEqual([1_003])
  }
})

test('other nodes and clients keep true time, and two drifts of one node add up', async () => {
  const one = sleeper(1_000)
  const two: System = {
    ...one,
    nodes: {
      ...one.nodes,
      other: node(async () => {
        await pause(1_000)
      }),
    },
    operations: [post('other', 'http://other/'), ...one.operations],
  }
  const { history } = await runOnce(two, scenarioOf(two, [drifting(150_000), drifting(100_000)]))
  expect(effectsIn(history, 'slept')).toEqual([{ atMs: 1_060 + 800, value: [800, 1_000] }])
})

test.each([1_000_000, -500_000])(
  'healing ends a drift of %i ppm: what is left of a timer takes its true time',
  async (ppm) => {
    const one = sleeper(200_000)
    const { history } = await runOnce(one, scenarioOf(one, [drifting(ppm)]))
    const passedMs = (60_000 - 20) * (1 + ppm / 1_000_000) // on its clock, from when it was armed until healing
    const atMs = 60_000 + (200_000 - passedMs)
    expect(effectsIn(history, 'slept')).toEqual([{ atMs, value: [atMs - 20, 200_000] }])
  },
)

test.each([
  [undefined, 500],
  [250, 750],
])('from a request on, for %s ms: a second by timer takes %i ms of true time', async (forMs, trueMs) => {
  const one = sleeper(1_000)
  const { sites } = await runOnce(one, scenarioOf(one), { collect: true })
  const at = sites.find(({ address }) => address.operation === 'POST /' && address.leg === 'request')?.address
  if (at === undefined) throw new Error('no site')
  const { history } = await runOnce(
    one,
    scenarioOf(one, [{ kind: 'drift', at, ppm: 1_000_000, ...(forMs === undefined ? {} : { forMs }) }]),
  )
  expect(effectsIn(history, 'slept')).toEqual([{ atMs: 20 + trueMs, value: [trueMs, 1_000] }])
})

test.each([-100_000, 100_000, -77_777, 33_333])(
  'timers of one delay, armed at one moment, fire in the order they were armed in, at %i ppm from between them on',
  async (ppm) => {
    const fired = journal<number>('fired')
    let armed = 0
    const two: System = {
      nodes: {
        shop: serve(() => {
          armed = 0
          return async () => {
            const own = armed++
            await pause(300)
            fired.add(own)
            return new Response()
          }
        }),
      },
      operations: [post('ask', 'http://shop/')],
      invariants: [nothingToJudge],
    }
    const together = [0, 1].map((client) => ({ id: client, operation: 'ask', client, afterMs: 0, input: null }))
    const { sites } = await runOnce(two, scenarioOf(two, [], together), { collect: true })
    const at = sites.find(({ address }) => invocationOf(address.root) === 1 && address.leg === 'request')?.address
    if (at === undefined) throw new Error('no site')
    const { history } = await runOnce(two, scenarioOf(two, [{ kind: 'drift', at, ppm }], together))
    expect(effectsIn(history, 'fired').map(({ value }) => value)).toEqual([0, 1])
  },
)

test('what has run apart stays apart', () => {
  const clock = new Clock()
  clock.run(1_000, 2)
  clock.run(2_000, 0.5)
  clock.run(4_000, 1)
  expect([500, 1_000, 4_000, 5_000].map((nowMs) => clock.wallMs(nowMs) - epochMs)).toEqual([500, 1_000, 4_000, 5_000])
  expect([4_000, 5_000].map((nowMs) => clock.timerMs(nowMs))).toEqual([4_000, 5_000])
  clock.run(6_000, 2)
  expect([clock.timerMs(7_000), clock.wallMs(7_000) - epochMs, clock.virtualDelay(10)]).toEqual([8_000, 7_000, 5])
})

test('the same scenario gives the same history', async () => {
  const one = sleeper(1_234)
  const scenario = scenarioOf(one, [drifting(-98_765)])
  expect(historyHash((await runOnce(one, scenario)).history)).toBe(historyHash((await runOnce(one, scenario)).history))
})

const granted = journal<number>('granted')

/** Ten calls a second: a permit comes back by timer, the window is judged by the wall clock. */
function limiter(by: 'timer' | 'wall'): System {
  const window = new Map<string, number>()
  const shop = node(async () => {
    for (let call = 0; call < 3; call++) {
      window.set('since', Date.now())
      if (by === 'timer') await pause(1_000)
      else while (Date.now() - (window.get('since') ?? 0) < 1_000) await pause(10)
      granted.add(Date.now())
    }
  })
  const spaced = (times: readonly number[]): boolean =>
    times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= 1_000)
  return {
    nodes: { shop },
    stores: [map(window, { name: 'window' })],
    operations: [act('go', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [always('a second apart by the wall clock', granted, spaced)],
    tolerates: ['drift'],
  }
}

/** Measures how its timers run and corrects them: once as it starts, or before each wait. */
function calibrated(once: boolean): System {
  const shop = serve(() => {
    const measure = async (): Promise<number> => {
      const [wall, timer] = [Date.now(), performance.now()]
      await pause(100)
      return (performance.now() - timer) / (Date.now() - wall)
    }
    const atStart = measure()
    return async () => {
      const pace = await (once ? atStart : measure())
      const sinceMs = Date.now()
      await pause(Math.ceil(10_000 * pace) + 200)
      granted.add(Date.now() - sinceMs)
      return new Response()
    }
  })
  return {
    nodes: { shop },
    operations: [post('go', 'http://shop/')],
    tolerates: ['drift'],
    invariants: [always('ten seconds by the wall clock', granted, (waits) => waits.every((ms) => ms >= 10_000))],
  }
}

test('a node that corrects the drift it had at its start breaks only under one that comes later', async () => {
  const twice = oneAfterTheOther('go', 'go')
  expect((await breaks(calibrated(true), twice)).filter((label) => label.startsWith('drift'))).toEqual([
    'drift shop fast on request of POST /',
  ])
  expect((await breaks(calibrated(false), twice)).filter((label) => label.startsWith('drift'))).toEqual([])
})

test(
  'a rate limiter that waits by timer for a limit by wall clock breaks under drift; one that looks at one clock does not',
  { tags: ['full'] },
  async () => {
    expect((await breaks(limiter('timer'))).filter((label) => label.startsWith('drift'))).toEqual([
      'drift shop fast',
      'drift shop fast on request of POST /',
    ])
    expect((await breaks(limiter('wall'))).filter((label) => label.startsWith('drift'))).toEqual([])
  },
)
