import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, noFaults, op, serve, simulate, type History, type System } from 'two-generals'
import { check } from '../../src/check/check.ts'
import { costBudget } from '../../src/check/cost-budget.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { costTwin, spendingHistory, stores } from './brute-force/budgets.ts'
import { pay } from './brute-force/nouns.ts'
import { historyOf, invoke, sends } from './build-history.ts'

const link = { root: 'pay#0', from: 'shop', to: 'bank' }
const begun = invoke(0, 'pay', 0, {})

describe('costBudget', () => {
  test('holds when every operation stays within the limits', () => {
    expect(
      costBudget({ calls: 2 }).check(
        historyOf(begun, sends(0, link), sends(1, { ...link, to: 'mail' }), sends(1, { ...link, root: 'boot(shop)' })),
      ),
    ).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by an operation that causes more, on all links together', () => {
    expect(
      costBudget({ calls: 3 }, pay).check(
        historyOf(
          begun,
          sends(0, { ...link, from: 'client', to: 'shop' }),
          sends(1, link),
          sends(2, link),
          sends(3, link),
        ),
      ).reasons,
    ).toEqual([
      {
        text:
          'pay#0 caused 4 requests by 0.003 s: 3 of POST /work shop -> bank and 1 of POST /work client -> shop; ' +
          'expected at most 3.',
        kind: 'too-many-requests',
        of: 'pay',
        events: [4],
        against: [1, 2, 3],
      },
    ])
    expect(
      costBudget({ storeCalls: 1 }).check(historyOf(begun, stores(0, 'pay#0'), stores(0, 'pay#0'))).reasons[0]?.text,
    ).toBe('pay#0 caused 2 store calls by 0.000 s: 2 of select items shop -> db; expected at most 1.')
  })

  test('counts the bytes of bodies, there and back', () => {
    const large = { ...link, bytes: 300 }
    expect(costBudget({ bytes: 500 }).check(historyOf(begun, sends(0, large), sends(1, link))).kind).toBe('holds')
    expect(costBudget({ bytes: 500 }).check(historyOf(begun, sends(0, large), sends(1, large))).reasons).toEqual([
      {
        text: 'pay#0 caused 600 bytes by 0.001 s: 600 of POST /work shop -> bank; expected at most 500.',
        kind: 'too-many-bytes',
        events: [2],
        against: [1],
      },
    ])
    expect(costBudget({ bytes: 1 }).check(historyOf(begun, sends(0, link))).reasons[0]?.text).toBe(
      'no operation caused a body.',
    )
  })

  test('is unknown when the history is malformed', () => {
    // A call that only JavaScript allows
    expect(check({ ...historyOf(), events: undefined as never }, [costBudget({ calls: 1 })])[0]?.kind).toBe('unknown')
  })

  test('is vacuous when no operation caused anything', () => {
    expect(costBudget({ calls: 1 }, pay).check(historyOf(begun, stores(0, 'pay#0'))).reasons[0]?.text).toBe(
      'no "pay" operation caused a request.',
    )
    expect(costBudget({ calls: 1, storeCalls: 1 }).check(historyOf(begun)).reasons[0]?.text).toBe(
      'no operation caused a request or a store call.',
    )
  })

  test('is refused without limits', () => {
    expect(() => costBudget({})).toThrow('give a limit: calls, storeCalls or bytes')
    expect(() => costBudget({ calls: 0 })).toThrow('costBudget(calls 0): calls is 0')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      costBudget({ calls: 1 }),
      costTwin({ calls: 1 }, ['pay#0', 'pay#1', 'buy#2']),
      ['holds', 'violated', 'vacuous'],
      spendingHistory,
    )
    expectAgreement(
      costBudget({ calls: 2, storeCalls: 1 }, pay),
      costTwin({ calls: 2, storeCalls: 1 }, ['pay#0', 'pay#1'], 'pay'),
      ['holds', 'violated', 'vacuous'],
      spendingHistory,
    )
    expectAgreement(
      costBudget({ bytes: 2 }),
      costTwin({ bytes: 2 }, ['pay#0', 'pay#1', 'buy#2']),
      ['holds', 'violated', 'vacuous'],
      spendingHistory,
    )
  })
})

describe('in a simulation', () => {
  const goods = Array.from({ length: 100 }, (_, id) => ({ id, name: `good ${id}` }))
  const show = op('show', fc.constant({ id: 7 }), ({ id }) =>
    fetch('http://shop/', { method: 'POST', body: JSON.stringify({ id }) }),
  )
  /** Shows one of the goods. `asks`: for all of them, or for this one. */
  const system = (all: boolean): System => ({
    nodes: {
      shop: serve(() => async (request: Request) => {
        const { id } = (await request.json()) as { id: number }
        const answer = await fetch(`http://stock/goods/${all ? '' : id}`)
        return Response.json(all ? ((await answer.json()) as object[])[id] : await answer.json())
      }),
      stock: serve(() => (request: Request) => {
        const id = new URL(request.url).pathname.split('/')[2] ?? ''
        return Response.json(id === '' ? goods : goods[Number(id)])
      }),
    },
    operations: [show],
    invariants: [costBudget({ bytes: 200 }, show)],
    tolerates: ['lose'],
  })

  test('who fetches all to show one is found, and who fetches that one holds', async () => {
    expect((await assess(system(true), { numRuns: 5, seed: 1 })).kind).not.toBe('holds')
    expect((await assess(system(false), { numRuns: 20, seed: 1 })).kind).toBe('holds')
  })

  test('nothing is counted where nobody asks', async () => {
    const invocations = [{ id: 0, operation: 'show', client: 0, afterMs: 0, input: { id: 7 } }]
    const scenario = { workload: { invocations }, plan: noFaults, seed: 1 }
    const bytesOf = ({ events }: History): unknown[] =>
      events.flatMap((event) => (event.kind === 'send' ? [event.bytes] : []))
    const sound = system(false)
    expect(bytesOf(await simulate(sound, scenario))).toEqual([8, undefined, 24, 24])
    const unasked = { ...sound, invariants: [costBudget({ calls: 5 }, show)] }
    expect(bytesOf(await simulate(unasked, scenario))).toEqual([undefined, undefined, undefined, undefined])
  })
})
