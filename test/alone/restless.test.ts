// asIfAlone on systems that never rest: what changes for ever is left out, and the rest is judged.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asIfAlone } from '../../src/as-if-alone.ts'
import { amount } from '../full.ts'
import { assess, journal, map, op, serve, type System } from '../../src/index.ts'

const orders = new Map<number, string>()
const shipped = new Map<string, boolean>()
const beats = new Map<number, number>()
const beat = journal<number>('beat')

/** Something that is done every minute, for ever, and whether it is kept in a store. */
interface Minutely {
  readonly run: () => void
  readonly isKept: boolean
}

const writes: Minutely = { isKept: true, run: () => void beats.set(0, Date.now()) }
const grows: Minutely = { isKept: true, run: () => void beats.set(beats.size, Date.now()) }
const notes: Minutely = { isKept: false, run: () => beat.add(Date.now()) }

const pay = op('pay', fc.uuid(), (order) => fetch('http://shop/', { method: 'POST', body: order }), {
  retries: 1,
  timeout: 5_000,
})

interface Habits {
  readonly minutely: Minutely
  /** Whether it looks for the order first. */
  readonly looks: boolean
  /** Ships what was paid once an hour, in place of at once. */
  readonly hourly?: boolean
}

function restless({ minutely, looks, hourly = false }: Habits): System {
  const ship = (): void => orders.forEach((order) => shipped.set(order, true))
  return {
    nodes: {
      shop: serve(() => {
        setInterval(minutely.run, 60_000)
        if (hourly) setInterval(ship, 3_600_000)
        return async (request: Request) => {
          const order = await request.text()
          if (!looks || ![...orders.values()].includes(order)) orders.set(orders.size, order)
          return new Response('paid')
        }
      }),
    },
    stores: [
      map(orders, { name: 'orders' }),
      ...(minutely.isKept ? [map(beats, { name: 'beats' })] : []),
      ...(hourly ? [map(shipped, { name: 'shipped' })] : []),
    ],
    operations: [pay],
    invariants: [asIfAlone()],
    tolerates: ['lose', 'delay'],
  }
}

describe.each([
  ['one row that is written again', writes],
  ['a row more', grows],
  ['an entry more in a journal', notes],
] as const)('a system that never rests (%s)', (_, minutely) => {
  test('is judged by what else it leaves: an order that is written twice is found', async () => {
    const assessment = await assess(restless({ minutely, looks: false }), { numRuns: amount(30) })

    expect(assessment).toMatchObject({
      kind: 'violated',
      counterexample: { violation: { reason: { kind: 'too-many', of: 'orders' } } },
    })
  })

  test('holds where it looks first', async () => {
    const { kind, folded } = await assess(restless({ minutely, looks: true }), { numRuns: amount(30) })

    expect([kind, folded[0]?.counts.unknown]).toEqual(['holds', 0])
  })
})

test('what was left out is told', async () => {
  const assessment = await assess(restless({ minutely: grows, looks: false }), { numRuns: 3 })
  if (assessment.kind !== 'violated') throw new Error(assessment.kind)
  expect(assessment.counterexample.violation.reason.text).toMatch(/Left out, since it changes for ever: beats\.$/)
})

test('what comes an hour later still comes', async () => {
  const { kind } = await assess(restless({ minutely: writes, looks: true, hourly: true }), { numRuns: 3 })
  expect(kind).toBe('holds')
})
