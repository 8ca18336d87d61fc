// The same scenario gives the same history, byte for byte: again, after others, beside others, and with its drawn
// faults written out.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amount, full } from '../full.ts'
import { journal } from '../../src/history/effect.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { divergence } from '../../src/history/divergence.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { listed, noFaults } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { drawn, nothingToJudge, pause } from './systems.ts'

const entered = journal<string>('entered')
const order = fc.record({ id: fc.uuid(), amount: fc.integer({ min: 1, max: 100 }) })

type Order = { readonly id: string; readonly amount: number }

/**
 * A bit of everything: a store, a ledger that answers slowly, random ids, real work, an outbox on an interval, parallel
 * calls.
 */
function shopping(): System {
  const orders = new Map<string, Order>()
  const shop = serve(() => {
    const outbox: string[] = []
    const deliver = async (): Promise<void> => {
      const id = outbox.shift()
      if (id === undefined) return
      const response = await fetch('http://mail/', {
        method: 'POST',
        body: id,
        signal: AbortSignal.timeout(2_000),
      }).catch(() => undefined)
      if (response?.ok !== true) outbox.push(id)
    }
    setInterval(() => void deliver(), 500)
    return async (request) => {
      const given = (await request.json()) as Order
      orders.set(given.id, given)
      const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(given.id))).toString('hex')
      const replies = await Promise.allSettled(
        [0, 1].map((part) =>
          fetch(`http://bank/${part}/${hash.slice(0, 4)}`, { method: 'PUT', body: crypto.randomUUID() }),
        ),
      )
      outbox.push(given.id)
      const texts = await Promise.allSettled(
        replies.map(async (reply) => (reply.status === 'fulfilled' ? reply.value.text() : 'none')),
      )
      return Response.json(
        { texts, at: Date.now(), size: orders.size },
        { status: replies.every(({ status }) => status === 'fulfilled') ? 201 : 503 },
      )
    }
  })
  const bank = serve(() => async (request) => {
    const id = await request.text()
    entered.add(id)
    await pause(Math.floor(Math.random() * 50))
    if (Math.random() < 0.05)
      setTimeout(() => {
        throw new Error('a bug')
      }, 10)
    return new Response(`${id} ${performance.now()}`)
  })
  const mail = serve(() => async (request) => {
    entered.add(await request.text())
    return new Response()
  })
  return {
    nodes: { shop, bank, mail },
    stores: [map(orders, { name: 'orders' })],
    invariants: [nothingToJudge],
    operations: [
      op('buy', order, (input) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(input) }), {
        retries: 2,
        timeout: 1_000,
      }),
      op('look', fc.constant(null), () => fetch('http://bank/look')),
    ],
  }
}

const rates = [0, 0.02, 0.1, 0.5]

function scenarios(count: number): readonly Scenario[] {
  const { operations } = shopping()
  return Array.from({ length: count }, (_, seed) => {
    const rate = rates[seed % rates.length] ?? 0
    return {
      workload: randomWorkload(seed, { operations, clients: 3, maxOperations: 5 }, new Shrinkers()),
      plan: rate === 0 ? noFaults : drawn(seed, rate),
      seed,
    }
  })
}

async function bytesOf(simulation: Simulation, given: readonly Scenario[]): Promise<readonly string[]> {
  const all: string[] = []
  for (const scenario of given) all.push(historyBytes((await simulation.run(scenario)).history))
  return all
}

describe('many scenarios', () => {
  const given = scenarios(full ? 300 : 16)

  test('are equal in the other order, and most of them differ', async () => {
    const simulation = await open(shopping())
    const first = await bytesOf(simulation, given)
    const again = await bytesOf(simulation, given.toReversed())
    await simulation.close()

    expect(again.toReversed()).toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(given.length * 0.96)
  })

  test('are equal beside seven others', async () => {
    const lanes = await Promise.all(Array.from({ length: 8 }, async () => open(shopping())))
    const alone = lanes[0]

    if (alone === undefined) throw new Error('no lane')
    const expected = await bytesOf(alone, given.slice(0, full ? 80 : 4))
    const beside = await Promise.all(
      lanes.map((lane, index) => bytesOf(lane, rotated(given.slice(0, full ? 80 : 4), index * 10))),
    )
    for (const lane of lanes) await lane.close()
    beside.forEach((bytes, index) => expect(bytes).toEqual(rotated(expected, index * 10)))
  })

  test('are equal with their drawn faults listed, and those in any order', async () => {
    const simulation = await open(shopping())
    let fired = 0

    for (const scenario of given) {
      const run = await simulation.run(scenario)
      fired += run.fired.length
      for (const faults of [run.fired, run.fired.toReversed()]) {
        const written = await simulation.run({ ...scenario, plan: listed(faults) })
        expect(differenceOf(run.history, written.history)).toBeUndefined()
        // Those of one leg come in a fixed order
        if (new Set(run.fired.map(({ at }) => JSON.stringify(at))).size < run.fired.length) break
      }
    }
    await simulation.close()

    expect(fired).toBeGreaterThan(given.length)
  }, 60_000)

  test('are equal whether sites are collected and readings repeated or not', async () => {
    const simulation = await open(shopping())
    for (const scenario of given.slice(0, amount(60))) {
      const plain = await simulation.run(scenario)
      const watched = await simulation.run(scenario, { collect: true, annotate: true })
      expect(differenceOf(plain.history, watched.history)).toBeUndefined()
    }
    await simulation.close()
  })
})

function differenceOf(a: History, b: History): unknown {
  const where = divergence(a, b)
  if (where === undefined && historyBytes(a) !== historyBytes(b)) return 'the bytes differ'
  return where
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  return [...items.slice(by), ...items.slice(0, by)]
}
