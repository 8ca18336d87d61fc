// A port: a fake that stands for something remote. What is asked of it takes time and meets faults, and what is not
// remote stays as it is.
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { noHang } from '../../src/check/no-hang.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { assess } from '../../src/property.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { simulate } from '../../src/simulation.ts'
import { map } from '../../src/store/map.ts'
import { store } from '../../src/store/state.ts'
import { op } from '../../src/system/operation.ts'
import type { System } from '../../src/system/system.ts'
import { port } from '../../src/transport/port.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, node, nothingToJudge, runOnce } from '../simulate/systems.ts'

interface Mail {
  readonly to: string
}

/** A mailer that keeps what it sent, in memory. */
class Mailer {
  readonly sent: Mail[] = []
  readonly #refused = new Set<string>()

  refuse(to: string): void {
    this.#refused.add(to)
  }

  async send(mail: Mail): Promise<string> {
    if (this.#refused.has(mail.to)) throw new RangeError(`nobody is called ${mail.to}`)
    this.sent.push(mail)
    return `mail ${this.sent.length}`
  }

  async find(to: string): Promise<Mail | undefined> {
    return this.sent.find((mail) => mail.to === to)
  }
}

const few = { seed: 1, numRuns: 20 }

type Order = (mailer: Mailer, to: string) => Promise<unknown>

/** A shop that sends one mail an order. */
function shop(order: Order, parts: Partial<System> = {}): System {
  const real = new Mailer()
  const confirm = op(
    'confirm',
    fc.uuid(),
    (to) => fetch(`http://shop/${to}`, { method: 'POST', signal: AbortSignal.timeout(10_000) }),
    { retries: 2 },
  )
  const mails = rows('mail', () => real.sent)
  return {
    nodes: {
      shop: serve(() => {
        const mailer = port('mailer', real, { write: ['send'] })
        return async (request) => {
          await order(mailer, new URL(request.url).pathname.slice(1))
          return new Response('ok')
        }
      }),
    },
    stores: [store('mails', { reset: () => (real.sent.length = 0) })],
    operations: [confirm],
    invariants: [atMostOnce(mails.by(({ to }) => to))],
    ...parts,
  }
}

/** One operation, and no fault. */
const once: Scenario = {
  workload: { invocations: [{ id: 0, operation: 'confirm', client: 0, afterMs: 0, input: 'ann' }] },
  plan: noFaults,
  seed: 1,
}

/** What a call under these circumstances gives its caller, in one history without faults. */
async function seen(call: (mailer: Mailer) => unknown): Promise<unknown> {
  let result: unknown
  const system: System = {
    ...shop(async (mailer) => {
      result = await Promise.resolve(call(mailer)).catch((error: unknown) => error)
    }),
    invariants: [nothingToJudge],
  }
  await runOnce(system, once)
  return result
}

describe('what is asked of a port', () => {
  test('takes the time of two legs, and stands in the history', async () => {
    let tookMs = -1
    const system = shop(async (mailer, to) => {
      const beganMs = performance.now()
      await mailer.send({ to })
      tookMs = performance.now() - beganMs
    })
    const { history } = await runOnce(system, once)
    expect(tookMs).toBe(40)
    const calls = history.events.flatMap((event) => (event.kind === 'send' ? [event] : []))
    expect(calls.map(({ node, address }) => `${node}: ${address.operation}`)).toEqual([
      'client#0: POST /:confirm',
      'shop: send()',
      'mailer: send()',
      'shop: POST /:confirm',
    ])
  })

  test('is answered with copies of plain data, and with the same errors and instances', async () => {
    const mail = { to: 'ann' }
    expect(await seen((mailer) => mailer.send(mail))).toBe('mail 1')
    const found = await seen(async (mailer) => {
      await mailer.send(mail)
      return mailer.find('ann')
    })
    expect(found).toEqual(mail)
    expect(found).not.toBe(mail)
    const refused = await seen((mailer) => {
      mailer.refuse('bob')
      return mailer.send({ to: 'bob' })
    })
    expect(refused).toBeInstanceOf(RangeError)
    expect(refused).toHaveProperty('message', 'nobody is called bob')
  })

  test('copies keep their types, where JSON would change them; other instances and functions are passed on', async () => {
    class Money {
      readonly cents = 1
    }
    const money = new Money()
    const tell = (): string => 'told'
    const sentValues = {
      at: new Date(1),
      nothing: undefined,
      large: 2n ** 70n,
      notANumber: NaN,
      known: new Map([['a', new Set([1])]]),
      bytes: new Uint8Array([1, 2]),
      list: [undefined, { deep: new Date(2) }],
      ...{ money, tell },
    }
    let arrived: typeof sentValues | undefined
    const echo = port('echo', {
      async echo(values: typeof sentValues) {
        arrived = values
        return values
      },
    })
    let answered: typeof sentValues | undefined
    await runOnce({
      nodes: {
        shop: node(async () => {
          answered = await echo.echo(sentValues)
        }),
      },
      operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
      invariants: [nothingToJudge],
    })
    for (const values of [arrived, answered]) {
      expect(values).toStrictEqual(sentValues)
      for (const key of ['at', 'known', 'bytes', 'list'] as const) expect(values?.[key]).not.toBe(sentValues[key])
      for (const key of ['money', 'tell'] as const) expect(values?.[key]).toBe(sentValues[key])
    }
    expect(answered?.list).not.toBe(arrived?.list)
  })

  test('is what the fake itself does, outside a simulation', async () => {
    const real = new Mailer()
    const mailer = port('mailer', real)
    expect(await mailer.send({ to: 'ann' })).toBe('mail 1')
    expect(mailer.sent).toBe(real.sent)
    expect(mailer).toBeInstanceOf(Mailer)
  })

  test('may be a function, or a mock', async () => {
    const asked: string[] = []
    const charge = port('gateway', async (order: string) => {
      asked.push(order)
      return order.length
    })
    const mocks = port('mocks', { ask: vi.fn(async (order: string) => `${order}!`) })
    expect(await seen(() => charge('abc'))).toBe(3)
    expect(await seen(() => mocks.ask('abc'))).toBe('abc!')
    expect(asked).toEqual(['abc'])
  })

  test('is a call where it gives a promise, however that was declared; all else is as it is', async () => {
    const fake = { count: 3, now: () => 7, later: () => Promise.resolve(8) }
    expect(await seen(() => port('clock', fake).now() + fake.count)).toBe(10)
    let tookMs = -1
    const later = async (): Promise<number> => {
      const beganMs = performance.now()
      const result = await port('clock', fake).later()
      tookMs = performance.now() - beganMs
      return result
    }
    expect(await seen(later)).toBe(8)
    expect(tookMs).toBe(40)
    const mock = { send: vi.fn<() => Promise<number>>().mockResolvedValue(9) }
    expect(await seen(() => port('mock', mock).send())).toBe(9)
  })

  test('ends for its caller when that gives up', async () => {
    const slow = port('slow', { ask: async (one: { signal: AbortSignal }) => new Promise<never>(() => void one) })
    const result = await seen(() => slow.ask({ signal: AbortSignal.timeout(100) }))
    expect(result).toHaveProperty('name', 'TimeoutError')
  })

  test.each([
    ['', {}, 'is no valid name'],
    ['client', {}, 'is no valid name'],
    ['mailer', undefined, 'nothing to call'],
    ['mailer', Object.freeze({}), 'is frozen'],
  ])('port(%j, %j): %s', (name, fake, words) => {
    expect(() => port(name, fake as object)).toThrow(words)
  })

  test.each([
    [{ writes: ['send'] }, 'Did you mean "write"?'],
    [{ write: 'send' }, 'give a list'],
    [{ write: ['sent'] }, 'no method of the fake'],
  ])('has no option %j', (options, words) => {
    expect(() => port('mailer', new Mailer(), options as never)).toThrow(words)
  })

  test('may have the name of the state that it keeps, and stand in a claim by link', async () => {
    const real = new Set<string>()
    const keeper = {
      async add(id: string) {
        real.add(id)
      },
    }
    const set = port('set', keeper)
    const system = shop((_, to) => set.add(to), {
      stores: [store('set', { reset: () => real.clear() })],
      tolerates: { 'shop -> set': ['lose'] },
      invariants: [nothingToJudge],
    })
    expect((await assess(system, few)).explored.fired).toEqual({ lose: expect.any(Number) as number })
    await expect(assess({ ...system, tolerates: { 'shop -> sets': ['lose'] } }, few)).rejects.toThrow(
      'ends at "sets", which is no node, store, port or host',
    )
  })

  test('has a name of its own', async () => {
    const again = shop((_, to) => port('shop', new Mailer()).send({ to }))
    await expect(runOnce(again, once)).rejects.toThrow('a node has this name')
  })
})

describe('faults at a port', () => {
  test('a lost reply makes a shop send twice that asks for no key', async () => {
    const system = shop((mailer, to) => mailer.send({ to }))
    const found = await assess(system, few)
    if (found.kind !== 'violated') throw new Error(`it is ${found.kind}`)
    const { scenario, history } = found.counterexample
    const report = formatAssessment(found, { test: 'one mail an order' })
    expect(scenario.plan).toMatchObject({ faults: [{ at: { to: 'mailer', operation: 'send()' } }] })
    expect(report).toContain('-- send() ')
    expect(report).toContain('mail ')
    const read = decodeScenario(JSON.parse(JSON.stringify(encodeScenario(scenario))), 'mail.json')
    expect(historyBytes(await simulate(system, read))).toBe(historyBytes(history))
  })

  test('looking before sending is not enough where two requests overlap, and a key is', async () => {
    const look: Order = async (mailer, to) => (await mailer.find(to)) ?? mailer.send({ to })
    expect((await assess(shop(look), { ...few, shrink: false })).kind).toBe('violated')
    const real = new Map<string, string>()
    const sent = journal<string>('sent')
    const outbox = {
      async send(to: string) {
        if (!real.has(to)) sent.add(to)
        real.set(to, to)
      },
    }
    const keyed = shop((_, to) => port('outbox', outbox).send(to), {
      stores: [map(real, { name: 'keys' })],
      invariants: [atMostOnce(sent.by((to) => to)), noHang()],
    })
    expect((await assess(keyed, few)).kind).toBe('holds')
  })

  test('each fault of a call strikes there: errors come with a code or a status', async () => {
    const errors = new Set<string>()
    const system = shop(async (mailer, to) => {
      try {
        await mailer.send({ to })
      } catch (error) {
        if (error instanceof Error && 'code' in error) errors.add(String(error.code))
        throw error
      }
    })
    await assess({ ...system, invariants: [nothingToJudge] }, few)
    expect([...errors]).toEqual(
      expect.arrayContaining(['429', '500', '503', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']),
    )
  })
})
