// Checkers that nothing could have violated: every key occurs once, or no read comes late enough. It is said, where it
// is so in all histories, and only there.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atMostOnce,
  boundedStaleness,
  journal,
  keyValue,
  linearizable,
  map,
  noLostUpdate,
  noOversell,
  op,
  rows,
  serve,
  type Act,
  type System,
  type Transaction,
} from '../../src/index.ts'
import { fold } from '../../src/check/fold.ts'
import { holds, weakly, type Verdict } from '../../src/verdict/verdict.ts'
import { answers, effect, ends, historyOf, invoke, type Line } from './build-history.ts'

interface Sale {
  readonly sale: string
  readonly thing: string
}

const sale = journal<Sale>('sale')

/** Two clients buy, and each sale is an entry. */
function bought(first: Sale, second: Sale): readonly Line[] {
  return [
    invoke(0, 'buy', 0, { thing: first.thing, order: 'o-1' }, 0),
    invoke(0, 'buy', 1, { thing: second.thing, order: 'o-2' }, 1),
    effect(1, 'sale', first),
    effect(2, 'sale', second),
    ends(3, 'ok', 0),
    ends(3, 'ok', 1),
  ]
}

/** `strong`: something could have violated it. `open`: this history does not show that. */
function strengthOf({ kind, weak }: Verdict): string {
  if (kind !== 'holds') return kind
  return weak === undefined ? 'strong' : weak.text === '' ? 'open' : 'weak'
}

describe('noOversell', () => {
  const different = historyOf(...bought({ sale: 's-1', thing: 'a' }, { sale: 's-2', thing: 'b' }))
  const same = historyOf(...bought({ sale: 's-1', thing: 'a' }, { sale: 's-2', thing: 'a' }))
  const bySale = noOversell(
    sale.by((s) => s.sale),
    { stock: 1 },
  )
  const byThing = noOversell(
    sale.by((s) => s.thing),
    { stock: 2 },
  )

  test('shows nothing by the id of the sale, though two buy the same', () => {
    expect([bySale.check(same), bySale.check(different)].map(strengthOf)).toEqual(['weak', 'weak'])
  })

  test('shows nothing where no two ask for the same thing', () => {
    expect([byThing.check(different), byThing.check(same)].map(strengthOf)).toEqual(['weak', 'strong'])
  })

  test('is not doubted for one sale, nor for one of two things at once', () => {
    const [ask, , entry] = bought({ sale: 's-1', thing: 'a' }, { sale: 's-2', thing: 'b' })
    const one = historyOf(...[ask, entry].flatMap((line) => line ?? []))

    expect(strengthOf(byThing.check(one))).toBe('open')
  })
})

describe('atMostOnce', () => {
  test('shows nothing by an id that no operation asked for', () => {
    const history = historyOf(...bought({ sale: '7f3c', thing: 'a' }, { sale: '81de', thing: 'b' }))

    expect(strengthOf(atMostOnce(sale.by((s) => s.sale)).check(history))).toBe('weak')
    expect(strengthOf(atMostOnce(sale.by((s) => s.thing)).check(history))).toBe('strong')
  })

  test('is not doubted by a key that holds what was asked for', () => {
    const history = historyOf(...bought({ sale: 'x', thing: 'lamp' }, { sale: 'y', thing: 'sofa' }))

    expect(strengthOf(atMostOnce(sale.by((s) => `${s.thing}-2026`)).check(history))).toBe('strong')
  })
})

describe('by keys of acts', () => {
  const put = op('put', fc.string(), () => undefined)
  const acts = put.as((key): Act => ({ f: 'put', key, input: 1 }))
  const updates = put.as((key, answer): Transaction => [
    ['r', key, answer === undefined ? undefined : null],
    ['w', key, 1],
  ])
  const puts = (...keys: readonly string[]): ReturnType<typeof historyOf> =>
    historyOf(...keys.flatMap((key, id) => [invoke(10 * id, 'put', id, key), answers(10 * id + 5, id, null)]))

  test('linearizable shows nothing where no two operations have one key', () => {
    const invariant = linearizable(keyValue(), [acts])

    expect([puts('a'), puts('a', 'b'), puts('a', 'a')].map((history) => strengthOf(invariant.check(history)))).toEqual([
      'open',
      'weak',
      'strong',
    ])
  })

  test('noLostUpdate shows nothing where no two transactions update one key', () => {
    const invariant = noLostUpdate([updates])

    expect([puts('a'), puts('a', 'b')].map((history) => strengthOf(invariant.check(history)))).toEqual(['open', 'weak'])
  })
})

test('boundedStaleness shows nothing where no read comes so late, and says how late one came', () => {
  const put = op('put', fc.string(), () => undefined)
  const get = op('get', fc.string(), () => undefined)
  const stale = (ms: number): Verdict =>
    boundedStaleness(ms, [
      put.as((value): Transaction => [['w', 'k', value]]),
      get.as((_, answer): Transaction => [['r', 'k', answer]]),
    ]).check(
      historyOf(
        invoke(0, 'put', 0, 'v', 0),
        ends(1_000, 'ok', 0),
        invoke(5_000, 'get', 1, '', 1),
        answers(6_000, 1, 'v'),
      ),
    )

  expect(strengthOf(stale(3_999))).toBe('strong')
  expect(stale(4_000).weak?.text).toMatch(/anything older than 4\.000 s: the latest one came 4\.000 s after a write/)
})

describe('over all histories', () => {
  function weakOf(...verdicts: readonly Verdict[]): string | undefined {
    const run = fold([{ name: 'one' }])
    for (const verdict of verdicts) run.add([verdict])
    return run.result()[0]?.weak
  }

  test('it is told only if none could have failed, by the largest number', () => {
    expect(weakOf(weakly('2 s', 2), weakly('3 s', 3), weakly('', 9), weakly('1 s', 1))).toBe('3 s')
    expect(weakOf(weakly('2 s', 2), holds)).toBeUndefined()
    expect(weakOf(weakly(''), weakly(''))).toBeUndefined()
  })

  test.each([
    ['sale', true],
    ['thing', false],
  ] as const)('a shop that is keyed by the %s: %s', async (key, isTold) => {
    const sold = new Map<string, Sale>()
    const order = fc.record({ order: fc.uuid(), thing: fc.constantFrom('a', 'b') })
    const buy = op('buy', order, (o) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(o) }))
    const row = rows('row', () => [...sold.values()])
    const system: System = {
      nodes: {
        shop: serve(() => async (request: Request) => {
          const asked = (await request.json()) as { readonly order: string; readonly thing: string }
          if ([...sold.values()].some(({ thing }) => thing === asked.thing)) return new Response(null, { status: 409 })
          sold.set(asked.order, { sale: crypto.randomUUID(), thing: asked.thing })
          return new Response(null, { status: 201 })
        }),
      },
      stores: [map(sold, { name: 'sold' })],
      operations: [buy],
      invariants: [
        noOversell(
          row.by((s) => s[key]),
          { stock: 1 },
        ),
      ],
      tolerates: ['lose'],
    }

    const { kind, remarks } = await assess(system, { seed: 1, numRuns: 20 })

    expect(kind).toBe('holds')
    expect(remarks.some((remark) => remark.includes('could not fail in any of'))).toBe(isTold)
  })
})
