// Readings: each row of a failing history has the time and the cause of its own commit, and none where it was there
// before.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { always, map, noFaults, op, rows, serve, simulate, type System } from '../../src/index.ts'

const shelf = new Map<string, string>([['old', 'there before']])
const book = rows('book', () => [...shelf].map(([id, title]) => ({ id, title })))
const add = op('add', fc.constant('x'), () => fetch('http://shop/', { method: 'POST' }))

function system(query = book): System {
  return {
    nodes: {
      shop: serve(() => () => {
        shelf.set('first', 'one')
        shelf.set('second', 'two')
        return new Response('done')
      }),
    },
    operations: [add],
    stores: [map(shelf, { name: 'shelf' })],
    invariants: [always('any', query, () => true)],
  }
}

const scenario = {
  workload: { invocations: [{ id: 0, operation: 'add', client: 0, afterMs: 0, input: 'x' }] },
  plan: noFaults,
  seed: 1,
}

test('two commits of one step are told apart, and what was there before has no time', async () => {
  const { events, readings } = await simulate(system(), scenario)
  const writes = events.filter((event) => event.kind === 'store' && event.write).map(({ seq }) => seq)

  expect(readings.map(({ value, event, atMs }) => [(value as { id: string }).id, event, atMs])).toEqual([
    ['old', undefined, undefined],
    ['first', writes[0], 20],
    ['second', writes[1], 20],
  ])
})

test('a query that takes its time is read after the step', async () => {
  const slow = rows('book', async () => [...shelf].map(([id, title]) => ({ id, title })))

  const { readings } = await simulate(system(slow), scenario)

  expect(readings.map(({ atMs }) => atMs)).toEqual([undefined, 20, 20])
})

test('a query that fails ends the run with its error, and is never thrown at the handler', async () => {
  const broken = rows<never>('book', () => {
    if (shelf.size > 1) throw new Error('no such column')
    return []
  })

  await expect(simulate(system(broken), scenario)).rejects.toThrow('rows("book"): its query failed: no such column')
})
