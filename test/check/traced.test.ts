import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invocationOf, sameRoot } from '../../src/scenario/address.ts'
import { rootText } from '../../src/scenario/address-text.ts'
import { traced } from '../../src/check/traced.ts'
import type { History, Send } from '../../src/history/history.ts'
import { assess, op, serve, simulate, noFaults, type System } from '../../src/index.ts'
import { traceParent } from '../../src/history/trace.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { contradiction, type Finding } from './brute-force/twins.ts'
import { historyOf, invoke, over, replies, sends, type Line, type Link } from './build-history.ts'
import { failureName } from '../../src/verdict/reason.ts'
import { full } from '../full.ts'

const ids = { a: 'a'.repeat(32), b: 'b'.repeat(32) }
const header = (trace: keyof typeof ids, span = 1): string => `00-${ids[trace]}-${String(span).padStart(16, '0')}-01`
const atShop = { root: 'pay#0', from: 'client', to: 'shop' }
const atBank = { root: 'pay#0', path: ['client -> shop POST /work 1'], from: 'shop', to: 'bank' }

/** A request with a traceparent. */
function tells(atMs: number, trace: string | undefined, link: Link): Line {
  const line = sends(atMs, link)
  return line.kind === 'event' && trace !== undefined
    ? { kind: 'event', make: (seq, before) => ({ ...line.make(seq, before), trace }) as Send }
    : line // sends makes one
}

describe('traced', () => {
  test("holds where every request of an operation carries its client's trace, by whatever span", () => {
    expect(
      traced().check(
        historyOf(
          invoke(0, 'pay', 0),
          tells(1, header('a'), atShop),
          tells(2, header('a', 2), atBank),
          tells(5, header('a', 3), atShop),
          replies(6, 1, 200, atShop),
          invoke(7, 'pay', 1, undefined, 1),
          tells(8, header('b'), { ...atShop, root: 'pay#1' }),
          over(9),
        ),
      ).kind,
    ).toBe('holds')
  })

  test('is violated by a request without a traceparent, whoever sends it; the first is named, the others are counted', () => {
    const lost = historyOf(
      invoke(0, 'pay', 0),
      tells(1, header('a'), atShop),
      tells(2, undefined, atBank),
      tells(3, header('b'), { ...atBank, from: 'bank', to: 'ledger' }),
    )

    expect(traced().check(lost)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'POST /work from shop to bank at 0.002 s carries no traceparent, caused by pay#0, whose client sent ' +
            `trace ${ids.a} at 0.001 s (1 more of its requests are wrong); expected the same trace.`,
          kind: 'no-trace',
          of: 'shop -> bank',
          between: ['shop', 'bank'],
          subject: 'pay#0',
          events: [1, 2],
        },
      ],
    })

    const early = historyOf(invoke(0, 'pay', 0), tells(1, undefined, atShop), tells(2, header('a'), atShop))

    expect(traced().check(early)).toMatchObject({
      kind: 'violated',
      reasons: [{ kind: 'no-trace', of: 'client -> shop', events: [1, 2] }],
    })
  })

  test('is violated by another trace, and by an invalid traceparent', () => {
    const another = traced().check(
      historyOf(invoke(0, 'pay', 0), tells(1, header('a'), atShop), tells(2, header('b'), atBank), over(9, 'maxSteps')),
    )

    expect(another).toMatchObject({ kind: 'violated', reasons: [{ kind: 'another-trace', of: 'shop -> bank' }] })
    expect(another.reasons[0]?.text).toContain(`carries trace ${ids.b}, caused by pay#0`)

    const odd = traced().check(historyOf(invoke(0, 'pay', 0), tells(1, header('a'), atShop), tells(2, 'xyz', atBank)))

    expect(odd.reasons[0]?.text).toContain('carries "xyz", which is no traceparent, caused by pay#0')
  })

  test('gives each operation its own trace, and judges only operations that began with one', () => {
    const history = historyOf(
      invoke(0, 'pay', 0),
      tells(1, header('a'), atShop),
      invoke(1, 'pay', 1, undefined, 1),
      tells(2, undefined, { ...atShop, root: 'pay#1' }),
      tells(3, undefined, { ...atBank, root: 'pay#1' }),
      tells(4, header('b'), { ...atBank, root: 'pay#1' }),
      tells(5, undefined, { ...atBank, root: 'tick(shop#0, 1)', path: [] }),
    )

    expect(traced().check(history).kind).toBe('holds')
  })

  test('ignores hosts in except', () => {
    const history = historyOf(invoke(0, 'pay', 0), tells(1, header('a'), atShop), tells(2, undefined, atBank))

    expect(traced({ except: ['bank'] }).check(history).kind).toBe('holds')
    expect(traced({ except: ['bank', 'shop'] }).check(history).kind).toBe('vacuous')
  })

  test('is vacuous when no client sent a traceparent, and says why', () => {
    const reason = (...lines: readonly Line[]): string | undefined => {
      const { kind, reasons } = traced().check(historyOf(...lines))
      return kind === 'vacuous' ? reasons[0]?.text : kind
    }

    expect(reason(over(9))).toBe('no operation sent a request.')
    expect(reason(invoke(0, 'pay', 0), tells(1, undefined, atShop), tells(2, header('a'), atBank))).toBe(
      'no client sent a traceparent: let the operation set the header, as a browser or gateway that traces does.',
    )
    expect(reason(invoke(0, 'pay', 0), tells(1, 'abc', atShop))).toBe(
      'no client sent a traceparent: "abc" of pay#0 at 0.001 s is not one; write "00-<32 hex digits>-<16 hex digits>-01".',
    )
  })

  test('agrees with its twin', () => {
    expectAgreement(traced({ except: ['far'] }), tracedTwin, ['holds', 'violated', 'vacuous'], someRequests)
  })
})

/**
 * From the definition, by looking at every pair: a client's first trace, and the first request of its operation that is
 * not of it.
 */
function tracedTwin({ events }: History): Finding {
  const requests = events.filter(
    (event): event is Send =>
      event.kind === 'send' &&
      event.request === -1 &&
      event.address.to !== 'far' &&
      invocationOf(event.address.root) !== undefined,
  )
  const idOf = ({ trace }: Send): string | undefined => (trace === undefined ? undefined : traceParent(trace)?.traceId)
  const isFirst = (one: Send, among: readonly Send[]): boolean =>
    among.every((other) => !sameRoot(other.address.root, one.address.root) || other.seq >= one.seq)
  const begins = requests.filter((one) => one.address.from === 'client' && idOf(one) !== undefined)
  const firsts = begins.filter((one) => isFirst(one, begins))
  const pairs = firsts.flatMap((first) =>
    requests
      .filter((one) => sameRoot(one.address.root, first.address.root) && idOf(one) !== idOf(first))
      .map((wrong) => ({ first, wrong })),
  )
  const told = pairs.filter(({ wrong }) =>
    isFirst(
      wrong,
      pairs.map((pair) => pair.wrong),
    ),
  )
  if (firsts.length === 0) return { kind: 'vacuous', contradictions: [] }
  return {
    kind: told.length > 0 ? 'violated' : 'holds',
    contradictions: told.map(({ first, wrong }) =>
      contradiction(
        `${wrong.trace === undefined ? 'no-trace' : 'another-trace'} ${wrong.address.from} -> ${wrong.address.to}`,
        rootText(first.address.root),
        [first.seq, wrong.seq].toSorted((a, b) => a - b),
      ),
    ),
  }
}

const someRequests: fc.Arbitrary<History> = fc
  .array(
    fc.record({
      root: fc.constantFrom('pay#0', 'pay#0', 'pay#1', 'tick(shop#0, 1)'),
      link: fc.constantFrom('client shop', 'client shop', 'shop bank', 'shop far'),
      trace: fc.constantFrom(
        header('a'),
        header('a', 2),
        header('a', 3),
        header('a'),
        header('a'),
        header('b'),
        'odd',
        undefined,
      ),
    }),
    { minLength: 0, maxLength: 6 },
  )
  .map((requests) =>
    historyOf(
      invoke(0, 'pay', 0),
      invoke(0, 'pay', 1, undefined, 1),
      ...requests.map(({ root, link, trace }, index) => {
        const [from = '', to = ''] = link.split(' ')
        return tells(index, trace, { root, from, to, path: from === 'client' ? [] : ['client -> shop POST /work 1'] })
      }),
    ),
  )

describe('in a simulation', () => {
  const pay = op(
    'pay',
    fc.nat(),
    (n) => fetch('http://shop/', { method: 'POST', headers: { traceparent: header('a', n + 1) } }),
    { retries: 1, timeout: 1_000 },
  )
  const bank = serve(() => () => new Response('ok'))

  function system(forward: (trace: string | null) => Record<string, string>, { operation = pay } = {}): System {
    const shop = serve(
      () => (request) =>
        fetch('http://bank/', { method: 'POST', headers: forward(request.headers.get('traceparent')) }),
    )
    return { nodes: { shop, bank }, operations: [operation], invariants: [traced()], maxOperations: 2 }
  }

  const words = async (tested: System): Promise<string> => {
    const assessment = await assess(tested, { numRuns: full ? 10 : 3, seed: 3, shrink: full })
    return assessment.kind === 'violated' ? failureName(assessment.counterexample.violation.reason) : assessment.kind
  }

  test('holds when the shop passes the trace on, and is violated when it does not', async () => {
    expect(await words(system((trace) => ({ Traceparent: trace ?? '' })))).toBe('holds')
    expect(await words(system(() => ({})))).toBe('no-trace shop -> bank')
    expect(await words(system(() => ({ traceparent: header('b') })))).toBe('another-trace shop -> bank')
    expect(await words(system(() => ({}), { operation: op('pay', fc.nat(), () => fetch('http://shop/')) }))).toBe(
      'inconclusive',
    )
  })

  test('a history records the header of requests that carry one, and nothing for others', async () => {
    const tested = system(() => ({}))
    const { events } = await simulate(tested, {
      workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: 4 }] },
      plan: noFaults,
      seed: 1,
    })
    const sent = events.filter((event) => event.kind === 'send')

    expect(sent.map(({ address, trace }) => [address.to, address.leg, trace])).toEqual([
      ['shop', 'request', header('a', 5)],
      ['bank', 'request', undefined],
      ['bank', 'reply', undefined],
      ['shop', 'reply', undefined],
    ])
    expect(sent.map((event) => 'trace' in event)).toEqual([true, false, false, false])
  })
})
