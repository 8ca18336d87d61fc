// A node has two clocks: the wall clock can be wrong and step, the timer clock can not. Code that waits for either in a
// loop sees it move.
import { describe, expect, test } from 'vitest'
import { journal } from '../../src/history/effect.ts'
import { epochMs } from '../../src/simulate/clock.ts'
import { SetupError } from '../../src/simulate/setup-error.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { System } from '../../src/system/system.ts'
import { bootAddress } from '../../src/scenario/address.ts'
import {
  effectsIn,
  endOf,
  eventsOf,
  node,
  nothingToJudge,
  oneAfterTheOther,
  outcomesOf,
  pause,
  post,
  runOnce,
  scenarioOf,
  under,
} from './systems.ts'

const read = journal<readonly number[]>('read')
const look = (): void => read.add([Date.now() - epochMs, performance.now(), Number(process.hrtime.bigint()) / 1e6])

const readings = (history: Parameters<typeof effectsIn>[0]): unknown[] =>
  effectsIn(history, 'read').map(({ value }) => value)

const two: System = {
  nodes: { left: node(look), right: node(look) },
  operations: [post('ask-left', 'http://left/'), post('ask-right', 'http://right/')],
  invariants: [nothingToJudge],
}

const skewed = (name: string, byMs: number): Fault => ({ kind: 'skew', at: bootAddress(name), byMs })

describe('skew', () => {
  test("is a node's own, from its boot on, and leaves timers alone", async () => {
    const { history } = await runOnce(two, scenarioOf(two, [skewed('left', 60_000), skewed('right', -5_000)]))

    expect(readings(history)).toEqual([
      [60_020, 20, 20],
      [-4_940, 60, 60],
    ])
  })

  test('outlives a crash, as the machine does', async () => {
    const again = oneAfterTheOther('ask-left', 'ask-left')

    const { sites } = await runOnce(two, scenarioOf(two, [], again), { collect: true })
    const reply = sites.find(({ address }) => address.leg === 'reply' && address.to === 'left')

    if (reply === undefined) throw new Error('no site')
    const { history } = await runOnce(
      two,
      scenarioOf(
        two,
        [skewed('left', 60_000), { kind: 'crash', at: reply.address, node: 'left', restartAfterMs: 0 }],
        again,
      ),
    )

    expect(eventsOf(history, 'boot').filter(({ node: name }) => name === 'left')).toHaveLength(2)
    expect(readings(history).map((reading) => (reading as number[])[0])).toEqual([60_020, 360_020])
  })
})

describe('a jump', () => {
  const sleeper = node(async () => {
    look()
    await pause(100)
    look()
  })
  const shop: System = {
    nodes: { shop: sleeper },
    operations: [post('go', 'http://shop/'), post('again', 'http://shop/')],
    invariants: [nothingToJudge],
  }

  test.each([
    ['back', -10_000],
    ['forward', 3_600_000],
  ] as const)('%s moves the wall clock for good, and neither timers nor performance.now', async (way, byMs) => {
    const history = await under(shop, `jump ${way} shop on request of POST /`)

    expect(readings(history)).toEqual([
      [20 + byMs, 20, 20],
      [120 + byMs, 120, 120],
      [160 + byMs, 160, 160],
      [260 + byMs, 260, 260],
    ])
    expect(outcomesOf(history)).toEqual(['ok', 'ok'])
  })

  test("may be the caller's, as its request leaves", async () => {
    const calling: System = {
      nodes: {
        shop: node(async () => {
          look()
          await fetch('http://bank/work', { method: 'POST' })
          look()
        }),
        bank: node(look),
      },
      operations: [post('go', 'http://shop/')],
      invariants: [nothingToJudge],
    }

    const { sites } = await runOnce(calling, scenarioOf(calling), { collect: true })
    const at = sites.find(({ address }) => address.operation === 'POST /work')?.address

    if (at === undefined) throw new Error('no site')
    const { history } = await runOnce(calling, scenarioOf(calling, [{ kind: 'jump', at, node: 'shop', byMs: -10_000 }]))

    expect(readings(history).map((reading) => (reading as number[])[0])).toEqual([20, 40, -9_940])
  })

  test('of a timer that is armed changes nothing about it', async () => {
    const armed: System = {
      ...shop,
      nodes: {
        shop: node(() => {
          setTimeout(look, 1_000)
        }),
      },
    }

    const history = await under(armed, 'jump back shop on request of POST /')

    expect(effectsIn(history, 'read').map(({ atMs }) => atMs)).toEqual([1_020, 1_060])
  })
})

describe('a loop that waits for a clock', () => {
  const spinning = (loop: () => void): System => ({
    nodes: {
      shop: node(() => {
        loop()
        look()
      }),
    },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
  })

  test.each<[string, () => number]>([
    ['Date.now()', () => Date.now()],
    ['performance.now()', () => performance.now()],
    ['new Date()', () => new Date().getTime()],
  ])('sees %s move, and time catches up', async (_name, now) => {
    const { history } = await runOnce(
      spinning(() => {
        const startMs = now()
        while (now() < startMs + 5) {
          /* as id generators and rate limiters do */
        }
      }),
    )

    expect(readings(history)).toEqual([[25, 25, 25]])
    expect(endOf(history)).toEqual({ reason: 'quiet', atMs: 40 })
  })

  test('differs from a burst of work: over 4,096 ids fit into a millisecond, and code that waits for the next one sees it come', async () => {
    const made: number[] = []

    const { history } = await runOnce(
      spinning(() => {
        made.length = 0
        let [lastMs, sequence] = [0, 0]
        for (let n = 0; n < 10_000; n++) {
          let nowMs = Date.now()
          sequence = nowMs === lastMs ? sequence + 1 : 0
          if (sequence === 4_096) {
            while (nowMs === lastMs) nowMs = Date.now()
            sequence = 0
          }
          lastMs = nowMs
          made.push(nowMs)
        }
      }),
    )
    const inEach = [...Map.groupBy(made, (ms) => ms - epochMs)].map(([ms, ids]) => [ms, ids.length])

    expect(inEach.slice(0, 2)).toEqual([
      [20, 4_096],
      [21, expect.any(Number)],
    ])
    expect(endOf(history).reason).toBe('quiet')
  })

  test('for ten seconds passes in a moment', async () => {
    const { history } = await runOnce(
      spinning(() => {
        const startMs = Date.now()
        while (Date.now() < startMs + 10_000) {
          /* 10 million reads */
        }
      }),
    )

    expect(readings(history)).toEqual([[10_020, 10_020, 10_020]])
  })

  test('for something else fails with its line', { tags: ['full'] }, async () => {
    const flag = { up: false }

    const waiting = runOnce(
      spinning(() => {
        while (!flag.up) Date.now()
      }),
    )

    await expect(waiting).rejects.toThrow(SetupError)
    await expect(waiting).rejects.toThrow(
      /^Node "shop" read the clock 20,000,000 times in one go at test\/simulate\/clock\.test\.ts:\d+, as a loop that waits for something else does\. /,
    )
  })
})
