// Stores in a running history: where they are crash points, what their calls are called, and when rows are read.
import * as fc from 'fast-check'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { rows } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { singleFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { act, eventsOf, labelOf, node, nothingToJudge, post, runOnce, scenarioOf } from './systems.ts'

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

test("writes are crash points of the node that makes them, reads are none, and a client's are nobody's", async () => {
  const seen = new Map<string, number>()
  const one = system({
    nodes: {
      shop: node(() => {
        seen.get('a')
        seen.set('a', 1)
        seen.delete('b')
      }),
    },
    stores: [map(seen, { name: 'seen' })],
    operations: [
      act('go', async () => {
        seen.set('client', 1)
        return fetch('http://shop/', { method: 'POST' })
      }),
    ],
  })
  const { history, sites } = await runOnce(one, scenarioOf(one), { collect: true })
  expect(
    eventsOf(history, 'store').map(({ node: name, address, write }) => [name, address.from, address.operation, write]),
  ).toEqual([
    ['client#0', 'client', 'set seen', true],
    ['shop', 'shop', 'get seen', false],
    ['shop', 'shop', 'set seen', true],
    ['shop', 'shop', 'delete seen', true],
  ])
  const stored = singleFaults(sites, (fault) => (fault.kind === 'crash' ? fault : undefined)).filter(
    ({ at }) => at.to === 'seen',
  )
  expect(stored.map(labelOf)).toEqual(['crash shop on reply of set seen', 'crash shop on reply of delete seen'])
})

test('calls carry the alias of the value they are about, and count among their like', async () => {
  const seen = new Set<string>()
  const one = system({
    nodes: {
      shop: serve(() => async (request) => {
        const id = await request.text()
        for (const key of [id, id, 'other']) seen.add(key)
        return new Response()
      }),
    },
    stores: [map(seen, { name: 'seen' })],
    operations: [
      op('go', fc.record({ order: fc.uuid() }), ({ order }) => fetch('http://shop/', { method: 'POST', body: order })),
    ],
  })
  const order = '3f0c1b2a-0000-4000-8000-000000000001'
  const { history } = await runOnce(
    one,
    scenarioOf(one, [], [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: { order } }]),
  )
  expect(eventsOf(history, 'store').map(({ address: { key, nth } }) => [key, nth])).toEqual([
    ['order#0', 1],
    ['order#0', 2],
    [undefined, 1],
  ])
})

test('rows are read at the end; on request after every commit, each with its time and cause', async () => {
  const db = new DatabaseSync(':memory:')
  db.exec('create table t (a integer)')
  const one = system({
    nodes: {
      shop: node(async () => {
        db.exec('begin')
        db.exec('insert into t values (1)')
        await new Promise((resolve) => {
          setTimeout(resolve, 10)
        })
        db.exec('insert into t values (1)')
        db.exec('commit')
        await new Promise((resolve) => {
          setTimeout(resolve, 10)
        })
        db.exec('insert into t values (1)')
      }),
    },
    stores: [sqlite(db, { name: 'db' })],
    invariants: [
      always(
        'any',
        rows('t', () => db.prepare('select a from t').all()),
        () => true,
      ),
    ],
  })
  const simulation = await open(one)
  const plain = await simulation.run(scenarioOf(one))
  const { history } = await simulation.run(scenarioOf(one), { annotate: true })
  await simulation.close()
  expect(plain.history.readings).toEqual(Array.from({ length: 3 }, () => ({ effect: 't', value: { a: 1 } })))
  expect(
    history.readings.map(({ atMs, event }) => [
      atMs,
      event === undefined
        ? undefined
        : (history.events[event] as { address?: { operation: string } }).address?.operation,
    ]),
  ).toEqual([
    [30, 'commit'],
    [30, 'commit'],
    [40, 'insert t'],
  ])
  expect(db.prepare('select count(*) as n from t').get()).toEqual({ n: 0 })
})

test('rows may hold instances of classes, each with its time too', async () => {
  class Decimal {
    readonly cents: number
    constructor(cents: number) {
      this.cents = cents
    }
  }
  const seen = new Map<string, number>()
  const one = system({
    nodes: {
      shop: node(() => {
        seen.set('a', 1)
        seen.set('b', 2)
      }),
    },
    stores: [map(seen, { name: 'seen' })],
    invariants: [
      always(
        'any',
        rows('total', () => [...seen.values()].map((cents) => ({ total: new Decimal(cents) }))),
        () => true,
      ),
    ],
  })
  const { history } = await runOnce(one, scenarioOf(one), { annotate: true })
  expect(history.readings).toMatchObject([
    { value: { total: new Decimal(1) }, atMs: 20 },
    { value: { total: new Decimal(2) }, atMs: 20 },
  ])
})

test('every history starts from the first content, and so does whoever comes after', async () => {
  const stock = new Map([['apple', 3]])
  const one = system({
    nodes: {
      shop: node(() => {
        stock.set('apple', (stock.get('apple') ?? 0) - 1)
      }),
    },
    stores: [map(stock, { name: 'stock' })],
    invariants: [
      always(
        'any',
        rows('stock', () => [...stock.values()]),
        () => true,
      ),
    ],
  })
  const simulation = await open(one)
  for (let n = 0; n < 3; n++)
    expect((await simulation.run(scenarioOf(one))).history.readings.map(({ value }) => value)).toEqual([2])
  await simulation.close()
  expect([...stock]).toEqual([['apple', 3]])
})

test('histories that share a store take turns, whoever opened them', async () => {
  const log: string[] = []
  const shared = new Set<string>()
  const store = map(shared, { name: 'shared' })
  const make = (name: string): System =>
    system({
      nodes: {
        shop: node(async () => {
          shared.add(name)
          await new Promise((resolve) => {
            setTimeout(resolve, 10)
          })
          log.push([...shared].join())
        }),
      },
      stores: [store],
    })
  const simulation = await open(make('a'))
  await Promise.all(Array.from({ length: 4 }, () => simulation.run(scenarioOf(make('a')))))
  await simulation.close()
  expect(log).toEqual(['a', 'a', 'a', 'a'])
  await expect(Promise.all([open(make('a')), open(make('b'))])).rejects.toThrow(
    'map("shared"): it is in use by another simulation at this moment.',
  )
})
