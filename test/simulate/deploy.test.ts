// A deploy: SIGTERM, a new process beside the old one, and a kill once its time to finish is over. Signals reach the
// simulated process alone.
import process from 'node:process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { journal } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { assess } from '../../src/property.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import type { Deploy } from '../../src/scenario/fault/deploy.ts'
import { everyFault, singleFaults } from '../../src/scenario/plan.ts'
import { map } from '../../src/store/map.ts'
import { op, type Operation } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'
import { act, eventsOf, nothingToJudge, outcomesOf, pause, post, runOnce, scenarioOf } from './systems.ts'

interface Order {
  readonly order: string
}

const done = journal<Order>('done')

const pay: Operation<Order> = op('pay', fc.record({ order: fc.uuid() }), (order) =>
  fetch('http://shop/pay', { method: 'POST', body: JSON.stringify(order) }),
)
const orderOf = ({ order }: Order): string => order

function shopOf(boot: () => (request: Request) => Promise<Response>, ...invariants: readonly Invariant[]): System {
  return { nodes: { shop: serve(boot) }, operations: [pay], invariants }
}

/** Works for a second before it answers. */
function slowly(onSigterm: (underWay: number) => void): () => (request: Request) => Promise<Response> {
  return () => {
    let underWay = 0
    process.on('SIGTERM', () => onSigterm(underWay))
    return async (request) => {
      underWay += 1
      const order = (await request.json()) as Order
      await pause(1_000)
      done.add(order)
      underWay -= 1
      return new Response('done')
    }
  }
}

const first = { id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: 'a' } }
const one = [first]

async function deploysOf(system: System): Promise<readonly Deploy[]> {
  const { sites } = await runOnce(system, scenarioOf(system, [], one), { collect: true })
  return singleFaults(sites, everyFault).filter((fault) => fault.kind === 'deploy')
}

/** As the first request has come in. */
async function firstOf(system: System): Promise<Deploy> {
  const fault = (await deploysOf(system)).find(({ at }) => at.leg === 'request')
  if (fault === undefined) throw new Error('nothing is deployed')
  return fault
}

async function deployed(system: System, more: Partial<Deploy> = {}, invocations = one): Promise<History> {
  const fault = await firstOf(system)
  const { history, fired } = await runOnce(system, scenarioOf(system, [{ ...fault, ...more }], invocations))
  expect(fired).toHaveLength(1)
  return history
}

/** `20 signal`, `20 boot`, `1020 done`. */
function livesIn(history: History): readonly string[] {
  const told = ['boot', 'crash', 'signal', 'effect', 'ok', 'fail', 'info']
  return history.events
    .filter(({ kind, atMs }) => told.includes(kind) && (kind !== 'boot' || atMs > 0))
    .map((event) => `${event.atMs} ${event.kind === 'crash' ? event.why : event.kind}`)
}

describe('a process gets SIGTERM', () => {
  test('and ends at once where it does not listen: who waits is reset', async () => {
    const system = shopOf(() => async () => (await pause(1_000), new Response('done')), nothingToJudge)
    const history = await deployed(system)
    expect(livesIn(history)).toEqual(['20 signal', '20 boot', '20 SIGTERM', '40 info'])
    expect(eventsOf(history, 'lost').map(({ why }) => why)).toEqual(['reset'])
  })

  test('and ends at once too where it stands still: it does nothing more when it goes on', async () => {
    const orders = new Map<string, Order>()
    const boot = () => async (request: Request) => {
      const order = (await request.json()) as Order
      done.add(order)
      orders.set(order.order, order)
      return new Response('done')
    }
    const system = { ...shopOf(boot, nothingToJudge), stores: [map(orders, { name: 'orders' })] }
    const { sites } = await runOnce(system, scenarioOf(system, [], one), { collect: true })
    const faults = singleFaults(sites, everyFault)
    const stands = faults.find(({ kind, at }) => kind === 'pause' && at.to === 'orders')
    const replaced = faults.find(({ kind, at }) => kind === 'deploy' && at.leg === 'reply')
    if (stands === undefined || replaced === undefined) throw new Error('both are possible')
    const two = [...one, { ...first, id: 1, client: 1, input: { order: 'b' } }]

    const { history, fired } = await runOnce(system, scenarioOf(system, [stands, replaced], two))

    expect(fired).toHaveLength(2)
    expect(livesIn(history)).toEqual(['20 effect', '20 signal', '20 boot', '20 SIGTERM', '40 ok', '40 info'])
  })

  test('and finishes what it has where it listens; a new one takes what comes', async () => {
    const system = shopOf(
      slowly(() => undefined),
      nothingToJudge,
    )
    const two = [...one, { ...first, id: 1, client: 1, afterMs: 500, input: { order: 'b' } }]
    const history = await deployed(system, {}, two)
    expect(livesIn(history)).toEqual(['20 signal', '20 boot', '1020 effect', '1040 ok', '1520 effect', '1540 ok'])
  })

  test('and is killed where it takes longer than that', async () => {
    const system = shopOf(
      slowly(() => undefined),
      nothingToJudge,
    )
    const history = await deployed(system, { graceMs: 500 })
    expect(livesIn(history)).toEqual(['20 signal', '20 boot', '520 SIGKILL', '540 info'])
  })

  test('and the old one serves until the new one is ready', async () => {
    let boots = 0
    const system: System = {
      nodes: {
        shop: serve(async () => {
          const version = (boots += 1)
          process.on('SIGTERM', () => undefined)
          if (version > 1) await pause(1_000)
          return () => new Response(`v${version}`)
        }),
      },
      operations: [pay],
      invariants: [nothingToJudge],
    }
    const later = [500, 1_500].map((afterMs, index) => ({ ...first, id: index + 1, client: index + 1, afterMs }))
    const fault = await firstOf(system)
    boots = 0
    const { history } = await runOnce(system, scenarioOf(system, [fault], [...one, ...later]))
    expect(eventsOf(history, 'ok').map(({ value }) => value)).toMatchObject([
      { body: 'v1' },
      { body: 'v1' },
      { body: 'v2' },
    ])
  })

  test('and a balancer that hears of it late sends requests to one that has ended', async () => {
    const system = shopOf(
      slowly(() => process.exit(0)),
      nothingToJudge,
    )
    const late = [{ ...first, id: 1, client: 1, afterMs: 500, input: { order: 'b' } }]
    const told = await deployed(system, { stillRoutedMs: 1_000 }, [...one, ...late])
    expect(livesIn(told)).toEqual(['20 signal', '20 boot', '20 process.exit', '40 info', '540 fail'])
    const atOnce = await deployed(system, {}, [...one, ...late])
    expect(livesIn(atOnce)).toEqual(['20 signal', '20 boot', '20 process.exit', '40 info', '1520 effect', '1540 ok'])
  })
})

describe('single faults', () => {
  test('deploy each node once at each request, and once at each of its answers', async () => {
    const system: System = {
      nodes: {
        shop: serve(() => async () => fetch('http://bank/charges', { method: 'POST' })),
        bank: serve(() => () => new Response('ok')),
      },
      operations: [post('pay', 'http://shop/pay')],
      invariants: [nothingToJudge],
    }
    const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
    const faults = singleFaults(sites, everyFault).filter((fault) => fault.kind === 'deploy')
    const usual = faults.filter(
      ({ at, node, stillRoutedMs }) => stillRoutedMs === undefined && (at.leg === 'request' || node === at.to),
    )
    expect(usual.map(({ at, node }) => `${node} ${at.operation} ${at.leg}`)).toEqual([
      'bank POST /charges reply',
      'shop POST /pay reply',
      'shop POST /pay request',
      'bank POST /charges request',
      'shop POST /charges request',
    ])
    expect(faults).toHaveLength(8)
  })

  test('are saved and read again', async () => {
    const system = shopOf(
      slowly(() => undefined),
      nothingToJudge,
    )
    const faults = await deploysOf(system)
    const scenario = scenarioOf(
      system,
      faults.map((fault) => ({ ...fault, stillRoutedMs: 7 })),
      one,
    )
    expect(decodeScenario(encodeScenario(scenario), 'deploy.json')).toStrictEqual(scenario)
  })
})

const kept = ackDurable(pay.by(orderOf), done.by(orderOf))

/** Answers 202 and works on in memory. */
const promises = shopOf(() => {
  process.on('SIGTERM', () => process.exit(0))
  return async (request) => {
    const order = (await request.json()) as Order
    setTimeout(() => done.add(order), 1_000)
    return new Response(null, { status: 202 })
  }
}, kept)

/** Writes down what it promises, and does it at its next start where it did not come to it. */
function persists(): System {
  return shopOf(() => {
    process.on('SIGTERM', () => process.exit(0))
    return async (request) => {
      done.add((await request.json()) as Order)
      return new Response(null, { status: 202 })
    }
  }, kept)
}

const ticked = journal<number>('ticked')

/** Works off the minutes. Two versions side by side do so twice, unless the old one stops at SIGTERM. */
function poller(stops: boolean): System {
  return shopOf(
    () => {
      let minute = 0
      const timer = setInterval(() => ticked.add((minute += 1)), 1_000)
      process.on('SIGTERM', () => {
        if (stops) clearInterval(timer)
      })
      return async () => (await pause(3_500), clearInterval(timer), new Response('done'))
    },
    {
      kind: 'invariant',
      name: 'one at a time',
      effects: [],
      check: ({ events }) => {
        const times = events.flatMap((event) => (event.kind === 'effect' ? [event.atMs] : []))
        const [twice] = events.filter(
          (event) =>
            event.kind === 'effect' && times.filter((ms) => ms - event.atMs >= 0 && ms - event.atMs < 900).length > 1,
        )
        return twice === undefined
          ? { kind: 'holds', reasons: [] }
          : {
              kind: 'violated',
              reasons: [{ kind: 'custom', of: 'two at once', text: 'Two ran at once.', events: [twice.seq] }],
            }
      },
    },
  )
}

describe('only a deploy breaks', () => {
  const claim = { tolerates: ['deploy'], maxOperations: 1 } as const

  test('an answer that comes before the work, and not one that comes after it', async () => {
    const broken = await assess({ ...promises, ...claim }, { numRuns: 0 })
    expect(broken.kind).toBe('violated')
    expect(formatAssessment(broken, { test: 'promises' })).toContain(
      'shop is replaced by a deploy: SIGTERM, killed 30 s later',
    )
    expect((await assess({ ...persists(), ...claim }, { numRuns: 0 })).kind).toBe('holds')
  })

  test('a poller that goes on beside the new one, and not one that stops', async () => {
    expect((await assess({ ...poller(false), ...claim }, { numRuns: 0 })).kind).toBe('violated')
    expect((await assess({ ...poller(true), ...claim }, { numRuns: 0 })).kind).toBe('holds')
  })

  test('a listener that exits in the middle of a request, and not one that waits', async () => {
    const answered: Invariant = {
      kind: 'invariant',
      name: 'everybody is answered',
      effects: [],
      check: ({ events }) => {
        const info = events.find(({ kind }) => kind === 'info')
        return info === undefined
          ? { kind: 'holds', reasons: [] }
          : {
              kind: 'violated',
              reasons: [{ kind: 'custom', of: 'unanswered', text: 'Nobody answered.', events: [info.seq] }],
            }
      },
    }
    const exits = shopOf(
      slowly(() => process.exit(0)),
      answered,
    )
    expect((await assess({ ...exits, ...claim }, { numRuns: 0 })).kind).toBe('violated')
    const waits = shopOf(
      slowly((underWay) => {
        if (underWay === 0) process.exit(0)
      }),
      answered,
      noHang(),
    )
    expect((await assess({ ...waits, ...claim }, { numRuns: 0 })).kind).toBe('holds')
  })

  test('work that is handed over while it goes on, which neither a crash nor a pause does', async () => {
    const handedOver = (waits: boolean): System =>
      shopOf(
        () => {
          const inHand = new Set<Order>()
          process.on('SIGTERM', () => {
            if (!waits) for (const order of inHand) done.add(order)
          })
          return async (request) => {
            const order = (await request.json()) as Order
            inHand.add(order)
            await pause(1_000)
            done.add(order)
            inHand.delete(order)
            return new Response('done')
          }
        },
        atMostOnce(done.by(orderOf)),
      )
    expect((await assess({ ...handedOver(false), ...claim }, { numRuns: 0 })).kind).toBe('violated')
    const others = { except: ['deploy'] } as const
    expect((await assess({ ...handedOver(false), tolerates: others, maxOperations: 1 }, { numRuns: 0 })).kind).toBe(
      'holds',
    )
    expect((await assess({ ...handedOver(true), maxOperations: 1 }, { numRuns: 0 })).kind).toBe('holds')
  })
})

describe('the process that the test runs in', () => {
  test('keeps its own listeners, hears of no signal and goes on', async () => {
    let heard = 0
    const own = (): void => void (heard += 1)
    process.on('SIGTERM', own)
    const before = process.rawListeners('SIGTERM')
    const { exitCode } = process
    try {
      const system = shopOf(() => {
        process.once('SIGTERM', () => process.kill(process.pid, 'SIGINT'))
        process.on('SIGINT', () => process.exit(1))
        return async () => {
          expect([process.listenerCount('SIGTERM'), process.listeners('SIGINT').length]).toEqual([1, 1])
          await pause(1_000)
          process.removeAllListeners('SIGTERM')
          return new Response('done')
        }
      }, nothingToJudge)
      expect(livesIn(await deployed(system))).toEqual([
        '20 signal',
        '20 boot',
        '20 signal',
        '20 process.exit',
        '40 info',
      ])
      expect(process.rawListeners('SIGTERM')).toEqual(before)
      expect([heard, process.exitCode]).toEqual([0, exitCode])
      process.emit('SIGTERM')
      expect(heard).toBe(1)
    } finally {
      process.off('SIGTERM', own)
    }
  })

  test('is not ended by an operation: that is said', async () => {
    const system: System = {
      nodes: { shop: serve(() => () => new Response('done')) },
      operations: [op('leave', fc.constant(null), () => process.exit(1))],
      invariants: [nothingToJudge],
    }
    await expect(runOnce(system)).rejects.toThrow('client#0 would end the process of the test (process.exit)')
  })

  test('gets no other signal of a node either', async () => {
    const killing = (pid: number, signal: NodeJS.Signals): System => ({
      nodes: { shop: serve(() => () => (process.kill(pid, signal), new Response('done'))) },
      operations: [post('go', 'http://shop/')],
      invariants: [nothingToJudge],
    })
    await expect(runOnce(killing(process.pid, 'SIGUSR2'))).rejects.toThrow('the signal SIGUSR2 to its own process')
    await expect(runOnce(killing(process.ppid, 'SIGTERM'))).rejects.toThrow('a signal to another process')
  })
})

test('a process that exits by itself is started again', async () => {
  let boots = 0
  const system: System = {
    nodes: {
      shop: serve(() => {
        boots += 1
        return () => (boots === 1 ? process.exit(1) : new Response('done'))
      }),
    },
    operations: [post('go', 'http://shop/'), act('later', async () => (await pause(1_000), fetch('http://shop/')))],
    invariants: [nothingToJudge],
  }
  const { history } = await runOnce(system)
  expect(livesIn(history).slice(0, 1)).toEqual(['20 process.exit'])
  expect(boots).toBe(2)
  expect(outcomesOf(history)).toEqual(['info error', 'ok'])
  expect(eventsOf(history, 'lost').map(({ why }) => why)).toEqual(['reset'])
})

test('one that exits as it starts, with no fault to blame, is a mistake in the set-up', async () => {
  const system: System = { ...shopOf(() => process.exit(1), nothingToJudge) }
  await expect(runOnce(system, scenarioOf(system, [], one))).rejects.toThrow('Node "shop" ends while it starts')
})

test('the same scenario gives the same history, byte for byte', async () => {
  const system = poller(false)
  const [first, second] = [await deployed(system), await deployed(system)]
  expect(historyBytes(first)).toEqual(historyBytes(second))
})
