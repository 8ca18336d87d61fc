// Several instances of a node: lives with memory, timers and clocks of their own behind one name and before one store.
// What one remembers the other does not know; what strikes one leaves the others alone.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rootText } from '../../src/scenario/address-text.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { journal } from '../../src/history/effect.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { singleFaults, everyFault } from '../../src/scenario/plan.ts'
import { assess } from '../../src/property.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { Site } from '../../src/scenario/site.ts'
import type { NodeDefinition, System } from '../../src/system/system.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import {
  act,
  effectsIn,
  endOf,
  eventsOf,
  nothingToJudge,
  oneAfterTheOther,
  outcomesOf,
  post,
  runOnce,
  scenarioOf,
} from './systems.ts'

const did = journal<string>('did')

/** Each life tells the clients apart by a number of its own. */
function counting(instances: number): NodeDefinition {
  let lives = 0
  return serve(
    () => {
      const own = ++lives
      return () => {
        did.add(`life ${own}`)
        return new Response()
      }
    },
    { instances },
  )
}

function system(shop: NodeDefinition, parts: Partial<System> = {}): System {
  return {
    nodes: { shop },
    operations: [post('a', 'http://shop/'), post('b', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

/** Lives are counted by the system: each history has one of its own. */
type Make = () => System

async function historyOf(make: Make, faults: readonly Fault[] = []): Promise<History> {
  const of = make()
  return (await runOnce(of, scenarioOf(of, faults))).history
}

/** The single fault that a test means: by its kind, its operation's root and its leg. */
async function fault(make: Make, kind: Fault['kind'], root: string, leg = 'request'): Promise<Fault> {
  const sites = await sitesOf(make)
  const found = singleFaults(sites, everyFault).find(
    ({ kind: one, at }) => one === kind && rootText(at.root) === root && at.leg === leg,
  )
  if (found === undefined) throw new Error(`No single fault ${kind} at ${root}`)
  return found
}

async function sitesOf(make: Make): Promise<readonly Site[]> {
  const of = make()
  return (await runOnce(of, scenarioOf(of), { collect: true })).sites
}

function didIn(history: History): readonly unknown[] {
  return effectsIn(history, 'did').map(({ value }) => value)
}

describe('requests', () => {
  test('go to the instances by turns, and say to which', async () => {
    const history = await historyOf(() => system(counting(2)))
    expect(didIn(history)).toEqual(['life 1', 'life 2'])
    expect(eventsOf(history, 'boot').map(({ instance, incarnation }) => [instance, incarnation])).toEqual([
      [1, 1],
      [2, 1],
    ])
    expect(eventsOf(history, 'arrive').map(({ instance }) => instance)).toEqual([1, undefined, 2, undefined])
  })

  test('a single instance is not mentioned', async () => {
    const history = await historyOf(() => system(counting(1)))
    expect(didIn(history)).toEqual(['life 1', 'life 1'])
    expect(historyBytes(history)).not.toContain('instance')
  })

  test('a retry goes to the next instance, and so does a copy', async () => {
    const retrying: Make = () =>
      system(counting(2), { operations: [post('a', 'http://shop/', { retries: 1, timeout: 1_000 })] })
    expect(didIn(await historyOf(retrying, [await fault(retrying, 'lose', 'a#0', 'reply')]))).toEqual([
      'life 1',
      'life 2',
    ])
    expect(didIn(await historyOf(retrying, [await fault(retrying, 'duplicate', 'a#0')]))).toEqual(['life 1', 'life 2'])
  })

  test('a call that the retry of another causes goes to the next instance as well', async () => {
    const shop = serve(() => () => fetch('http://bank/', { method: 'POST' }))
    const chain: Make = () => ({
      ...system(shop, { operations: [post('a', 'http://shop/', { retries: 1, timeout: 1_000 })] }),
      nodes: { shop, bank: counting(3) },
    })
    expect(didIn(await historyOf(chain, [await fault(chain, 'lose', 'a#0', 'reply')]))).toEqual(['life 1', 'life 2'])
  })

  test('are not sent elsewhere because another operation is missing', async () => {
    const of: Make = () => system(counting(2))
    const only: Scenario = scenarioOf(of(), [], oneAfterTheOther('a', 'b').slice(1))
    expect(didIn((await runOnce(of(), only)).history)).toEqual(['life 2'])
  })
})

describe('a fault', () => {
  test('crashes the one instance that takes the request; the other takes them all until it is back', async () => {
    const of: Make = () =>
      system(counting(2), { operations: ['a', 'b', 'c'].map((name) => post(name, 'http://shop/')) })
    const history = await historyOf(of, [await fault(of, 'crash', 'a#0', 'reply')])
    expect(didIn(history)).toEqual(['life 1', 'life 2', 'life 3'])
    expect(eventsOf(history, 'crash')).toMatchObject([{ instance: 1, incarnation: 1 }])
    expect(eventsOf(history, 'boot').at(-1)).toMatchObject({ instance: 1, incarnation: 2 })
    const early: Make = () =>
      system(counting(2), {
        operations: [
          post('a', 'http://shop/', { retries: 1, timeout: 100 }),
          act('wait', () => undefined),
          post('c', 'http://shop/'),
        ],
      })
    const soon = await historyOf(early, [await fault(early, 'crash', 'a#0', 'reply')])
    expect(didIn(soon)).toEqual(['life 1', 'life 2', 'life 2'])
    expect(outcomesOf(soon)).toEqual(['ok', 'ok', 'ok'])
  })

  test('connections are refused only while all are down', async () => {
    const two: Make = () =>
      system(counting(2), {
        operations: [
          post('a', 'http://shop/', { timeout: 100 }),
          post('b', 'http://shop/', { timeout: 100 }),
          post('c', 'http://shop/'),
        ],
      })
    const history = await historyOf(two, [
      await fault(two, 'crash', 'a#0', 'reply'),
      await fault(two, 'crash', 'b#1', 'reply'),
    ])
    expect(outcomesOf(history)).toEqual(['info timeout', 'info timeout', 'fail refused'])
  })

  test('pauses one instance; replaced, it is a zombie beside two that run', async () => {
    const of: Make = () => system(counting(2))
    const pause = await fault(of, 'pause', 'a#0')
    expect(didIn(await historyOf(of, [pause]))).toEqual(['life 1', 'life 2'])
    const replaced = await historyOf(of, [{ ...pause, replaced: 'yes' } as Fault])
    expect(eventsOf(replaced, 'boot').map(({ instance, incarnation }) => [instance, incarnation])).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
    ])
    expect(eventsOf(replaced, 'resume')).toMatchObject([{ instance: 1, incarnation: 1 }])
  })

  test('moves the clock of one instance: each runs on a machine of its own', async () => {
    const telling = serve(
      () => () => {
        did.add(String(Date.now() % 1_000_000))
        return new Response()
      },
      { instances: 2 },
    )
    const of: Make = () => system(telling)
    const boots = (await sitesOf(of)).map(({ address }) => address).filter(({ root }) => root.kind === 'boot')
    expect(boots.map(({ nth }) => nth)).toEqual([1, 2])
    const [, second] = boots
    if (second === undefined) throw new Error('no second boot')
    expect(didIn(await historyOf(of, [{ kind: 'skew', at: second, byMs: 60_000 }]))).toEqual(['600020', '660060'])
    expect(didIn(await historyOf(of, [await fault(of, 'jump', 'b#1')]))).toEqual(['600020', '590060'])
  })
})

test('a job at intervals runs on every instance', async () => {
  const ticking = serve(
    () => {
      setInterval(() => did.add(`job at ${performance.now()}`), 1_000)
      return () => new Response()
    },
    { instances: 2 },
  )
  const history = await historyOf(() => system(ticking))
  expect(didIn(history).slice(0, 4)).toEqual(['job at 1000', 'job at 1000', 'job at 2000', 'job at 2000'])
})

test('all are down at healing, all start again, and the history comes to rest', async () => {
  const of: Make = () =>
    system(counting(2), {
      operations: [post('a', 'http://shop/', { timeout: 100 }), post('b', 'http://shop/', { timeout: 100 })],
    })
  const crashes = await Promise.all(
    ['a#0', 'b#1'].map(
      async (root) => ({ ...(await fault(of, 'crash', root, 'reply')), restartAfterMs: 10_000_000 }) as Fault,
    ),
  )
  const history = await historyOf(of, crashes)
  expect(
    eventsOf(history, 'boot')
      .filter(({ incarnation }) => incarnation === 2)
      .map(({ instance }) => instance),
  ).toEqual([1, 2])
  expect(endOf(history).reason).toBe('quiet')
})

describe('a set of keys that were seen', () => {
  const charged = journal<{ order: string }>('charged')
  const pay = op(
    'pay',
    fc.record({ order: fc.uuid() }),
    (order) => fetch('http://shop/pay', { method: 'POST', body: JSON.stringify(order) }),
    { retries: 1, timeout: 1_000 },
  )
  const stored = new Set<string>()

  /** Charges an order unless it was seen. */
  const charging = (seen: () => Set<string>, instances: number): NodeDefinition =>
    serve(
      () => {
        const own = seen()
        return async (request) => {
          const { order } = (await request.json()) as { order: string }
          if (!own.has(order)) charged.add({ order })
          own.add(order)
          return new Response()
        }
      },
      { instances },
    )

  const paying = (shop: NodeDefinition, parts: Partial<System> = {}): System => ({
    nodes: { shop },
    operations: [pay],
    invariants: [atMostOnce(charged.by(({ order }) => order))],
    tolerates: ['lose', 'error'],
    ...parts,
  })

  test('in memory is enough for one instance, and not for two', async () => {
    expect(await assess(paying(charging(() => new Set(), 1)), { numRuns: 20 })).toMatchObject({ kind: 'holds' })
    const broken = await assess(paying(charging(() => new Set(), 2)), { numRuns: 20 })
    expect(broken.kind).toBe('violated')
    const story = formatAssessment(broken, { test: 'two shops' }).replaceAll(/test\.ts:\d+/g, 'test.ts:N')
    expect(story).toMatchInlineSnapshot(`
      "x two shops

      charged happened twice for order#0: at 0.020 s and at 1.020 s; expected at most one.

      seconds  client            shop #1                 shop #2
        0.000  |-- pay order#0 ->|                       |
        0.020  |                 * charged order#0  (1)  |                           instances.test.ts:N
        0.020  |    x----- 200 --|                       |  reply lost
        1.000  |-- retry 1: pay order#0 ---------------->|  client timed out after 1 s
               |                 |                       |  sent again by op's retries
        1.020  |                 |                       * charged order#0  (2)  <- one too many
        1.020  |<--------------------------------- 200 --|  pay ok

      Both "charged" effects stem from one operation, pay order#0: attempts 1 and 2.
      Code        test/simulate/instances.test.ts:N  charged
                  test/simulate/instances.test.ts:N  retry of POST /pay
      Necessary   lose the reply shop -> client of pay order#0, attempt 1; without it: holds
      Inputs      order#0: any value
      Nearest     delay that reply by 950 ms instead: holds
      Explored    perfect network 8 times: holds; 1 of 10 single faults: 1 violated; 1 random history with
                  several faults: 1 violated; shrunk and confirmed in 5 executions; seed 1
      Hint        make the write idempotent: a unique key from the order, and "on conflict do nothing""
    `)
  })

  test('in a store that the instances share is enough', async () => {
    expect(
      await assess(
        paying(
          charging(() => stored, 2),
          { stores: [map(stored, { name: 'seen' })] },
        ),
        { numRuns: 20 },
      ),
    ).toMatchObject({ kind: 'holds' })
  })

  test('in one app that both instances are given hides it, and the report says so', async () => {
    const app = charging(() => stored, 1).boot()
    const hidden = await assess(
      paying(
        serve(() => app as () => Response, { instances: 2 }),
        { stores: [map(stored, { name: 'seen' })] },
      ),
      { numRuns: 5 },
    )
    expect(formatAssessment(hidden, { test: 'two shops' })).toContain('instances share their memory: "shop"')
    const apart = await assess(
      paying(
        charging(() => stored, 2),
        { stores: [map(stored, { name: 'seen' })] },
      ),
      { numRuns: 5 },
    )
    expect(formatAssessment(apart, { test: 'two shops' })).not.toContain('share their memory')
  })
})

test.each([0, 1.5, -1, Number.NaN])('instances: %s is refused', (instances) => {
  expect(() => serve(() => () => new Response(), { instances })).toThrow(/give a whole number from 1/)
})
