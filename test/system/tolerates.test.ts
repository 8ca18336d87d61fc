// Claims: what each entry allows, where, and what the claim leaves out in words. Then, through whole explorations, that
// no history has another fault or more of them, and that a named part that never fired is told.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deliveryOf, faultKinds, faultsAt, type Fault, type FaultKind } from '../../src/scenario/fault/registry.ts'
import { assess } from '../../src/property.ts'
import { formatAssessment } from '../../src/report/format-assessment.ts'
import { bootAddress, clientAddress } from '../../src/scenario/address.ts'
import type { CallSite, Site } from '../../src/scenario/site.ts'
import { claimOf, endsOf, withEngines } from '../../src/system/tolerates.ts'
import type { Store } from '../../src/system/store.ts'
import type { System, Tolerates } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { holds, violated, type Invariant } from '../../src/verdict/verdict.ts'
import { anyFault } from '../arbitraries.ts'
import { amount, full } from '../full.ts'
import { bootSite, callSite, writeSite } from '../scenario/fault/sites.ts'
import { act, nothingToJudge } from '../simulate/systems.ts'

const ends = ['shop', 'bank', 'worker', 'orders']

function onLink(from: string, to: string, leg: 'request' | 'reply'): CallSite {
  const site = callSite(leg, { repeatable: true, timersMs: [5_000], ...(leg === 'reply' ? { bodyBytes: 10 } : {}) })
  return { ...site, nodes: [to, from].filter((name) => ends.includes(name)), address: { ...site.address, from, to } }
}

const sites: readonly Site[] = [
  ...[['client', 'shop'] as const, ['shop', 'bank'] as const].flatMap(([from, to]) => [
    onLink(from, to, 'request'),
    onLink(from, to, 'reply'),
  ]),
  { ...onLink('shop', 'bank', 'request'), reach: 'kept connection' },
  { ...writeSite, nodes: ['shop'], address: { ...writeSite.address, from: 'shop', to: 'orders' } },
  ...(['readonly', 'stale', 'unsynced'] as const).map((engine) => ({
    ...writeSite,
    ...{ nodes: engine === 'unsynced' ? ['shop'] : [], engine },
    address: { ...writeSite.address, from: 'shop', to: 'orders', nth: 2 },
  })),
  { ...bootSite, address: bootAddress('bank'), nodes: ['bank'] },
  { ...bootSite, address: clientAddress('pay', 0), nodes: ['client'] },
]

const all = sites.flatMap((site) => faultKinds.flatMap((kind) => faultsAt(kind, site)))

/** What a claim makes of every fault there is at the sites above. */
function tried(tolerates: Tolerates): readonly Fault[] {
  const { allowed } = claimOf(tolerates, ends)
  return all.flatMap((fault) => allowed(fault) ?? [])
}

function kindsOf(faults: readonly Fault[]): readonly FaultKind[] {
  return faultKinds.filter((kind) => faults.some((fault) => fault.kind === kind))
}

describe('allowed are', () => {
  test('all faults, if nothing is claimed', () => {
    const { allowed, kinds, named, atMost, notTried } = claimOf(undefined, ends)
    fc.assert(fc.property(anyFault, (fault) => allowed(fault) === fault))
    expect({ kinds, named, atMost, notTried }).toEqual({ kinds: faultKinds, named: [], atMost: Infinity })
  })

  test('the listed kinds, or all but the excepted ones', () => {
    expect(kindsOf(tried(['lose', 'crash']))).toStrictEqual(['lose', 'crash'])
    expect(tried([])).toStrictEqual([])
    expect(kindsOf(tried({ except: ['lose', 'crash'] }))).toStrictEqual(
      faultKinds.filter((kind) => !['lose', 'crash', 'deploy', 'unsynced'].includes(kind)), // a deploy ends a process, too
    )
  })

  test('on a link, what strikes its messages, and its ends as these leave and arrive', () => {
    const found = tried({ 'client -> shop': ['lose', 'crash'] })
    expect(kindsOf(found)).toStrictEqual(['lose', 'crash'])
    expect(new Set(found.map(({ at }) => `${at.from} -> ${at.to}`))).toStrictEqual(new Set(['client -> shop']))
  })

  test('of a node, what strikes its process and its clocks wherever that is, and the messages of calls to it', () => {
    const found = tried({ shop: ['crash', 'lose'] })
    const crashes = found.filter((fault) => fault.kind === 'crash')
    expect(new Set(crashes.map(({ node }) => node))).toStrictEqual(new Set(['shop']))
    expect(new Set(crashes.map(({ at }) => at.to))).toStrictEqual(new Set(['shop', 'bank', 'orders']))
    expect(new Set(found.filter(({ kind }) => kind === 'lose').map(({ at }) => at.to))).toStrictEqual(new Set(['shop']))
    expect(tried({ bank: ['skew'] }).map(({ at }) => at.to)).toStrictEqual(['bank', 'bank'])
    expect(tried({ client: ['skew', 'jump'] }).length).toBeGreaterThan(0)
  })

  test('of an outside host, the messages of calls to it', () => {
    const { allowed } = claimOf({ 'api.stripe.com': ['lose'] }, ends)
    const lose = (to: string): Fault => ({ kind: 'lose', at: { ...bootAddress('shop'), to } })
    expect(allowed(lose('api.stripe.com'))).toStrictEqual(lose('api.stripe.com'))
    expect(allowed(lose('api.other.com'))).toBeUndefined()
  })

  test.each<[Tolerates, (fault: Fault) => boolean]>([
    [[{ kind: 'lose', leg: 'request' }], ({ at }) => at.leg === 'request'],
    [[{ kind: 'delay', leg: 'reply' }], ({ at }) => at.leg === 'reply'],
    [[{ kind: 'error', point: 'before work' }], ({ at }) => at.leg === 'request'],
    [[{ kind: 'reset', point: ['before work', 'after work'] }], (fault) => !('atByte' in fault)],
    [[{ kind: 'reset', point: 'mid-body' }], (fault) => 'atByte' in fault],
    [[{ kind: 'duplicate', after: 'reply' }], (fault) => fault.kind === 'duplicate' && fault.after === 'reply'],
    [[{ kind: 'garble', body: 'html' }], (fault) => fault.kind === 'garble' && fault.body === 'html'],
    [[{ kind: 'partition', way: 'one' }], (fault) => fault.kind === 'partition' && fault.way !== 'both'],
    [[{ kind: 'throttle', form: 'date' }], (fault) => fault.kind === 'throttle' && fault.form === 'date'],
    [[{ kind: 'jump', direction: 'forward' }], (fault) => fault.kind === 'jump' && fault.byMs > 0],
    [[{ kind: 'jump', direction: 'back' }], (fault) => fault.kind === 'jump' && fault.byMs < 0],
    [[{ kind: 'skew', direction: 'slow' }], (fault) => fault.kind === 'skew' && fault.byMs < 0],
    [[{ kind: 'drift', direction: 'fast' }], (fault) => fault.kind === 'drift' && fault.ppm > 0],
    [[{ kind: 'pause', replaced: 'no' }], (fault) => fault.kind === 'pause' && fault.replaced === 'no'],
    [[{ kind: 'crash', point: 'before work' }], (fault) => fault.at.leg === 'request' && isAtCallee(fault)],
    [[{ kind: 'crash', point: 'at the answer' }], (fault) => fault.at.leg === 'reply' && isAtCallee(fault)],
    [[{ kind: 'crash', point: 'between steps' }], (fault) => !isAtCallee(fault)],
  ])('of %j exactly the faults of that part', (tolerates, belongs) => {
    const [{ kind } = { kind: 'lose' }] = tolerates as readonly { readonly kind: FaultKind }[]
    const ofKind = all.filter((fault) => fault.kind === kind)
    const found = tried(tolerates)
    expect(found).toStrictEqual(ofKind.filter(belongs))
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThan(ofKind.length)
    // Both ways of saying it divide the kind
    expect(tried({ except: tolerates as never }).filter((fault) => fault.kind === kind)).toStrictEqual(
      ofKind.filter((fault) => !belongs(fault)),
    )
  })

  test.each<[Tolerates, string, number]>([
    [[{ kind: 'delay', withinMs: 50 }], 'byMs', 50],
    [[{ kind: 'pause', withinMs: 5_000 }], 'forMs', 5_000],
    [[{ kind: 'skew', withinMs: 200 }], 'byMs', 200],
    [[{ kind: 'jump', withinMs: 5_000 }], 'byMs', 5_000],
    [[{ kind: 'drift', withinPpm: 100 }], 'ppm', 100],
    [[{ kind: 'throttle', withinMs: 900 }], 'retryAfterMs', 900],
    [[{ kind: 'slow', withinMs: 300 }], 'byMs', 300],
    [[{ kind: 'latency', withinMs: 300 }], 'tailMs', 300],
    [[{ kind: 'partition', withinMs: 2_000 }], 'forMs', 2_000],
  ])('of %j the largest within the bound, where all usual ones are larger', (tolerates, field, most) => {
    const values = tried(tolerates).map((fault) => Number((fault as never)[field]))
    expect(values.length).toBeGreaterThan(0)
    expect(values.every((value) => Math.abs(value) <= most)).toBe(true)
    expect(values.some((value) => Math.abs(value) === most)).toBe(true)
  })

  test('of two entries of one kind, what either allows', () => {
    const back = tried([
      { kind: 'jump', direction: 'forward' },
      { kind: 'jump', direction: 'back', withinMs: 100 },
    ]).flatMap((fault) => (fault.kind === 'jump' ? [fault.byMs] : []))
    expect(new Set(back)).toStrictEqual(new Set([-100, 3_600_000]))
  })

  test('nothing that strikes the process or the clocks of a trusted node', () => {
    const found = tried({ trusted: ['bank'] })
    const own = (fault: Fault): boolean => {
      const { crashes, pauses, deploys = [], jumps, drifts } = deliveryOf([fault])
      return [...crashes, ...pauses, ...deploys, ...jumps, ...drifts].some(({ node }) => node === 'bank')
    }
    expect(found).toStrictEqual(all.filter((fault) => !own(fault)))
    expect(found.length).toBeLessThan(all.length)
  })

  test('both limits together', () => {
    const found = tried({ only: { shop: ['crash', 'lose'] }, except: ['lose'] })
    expect(kindsOf(found)).toStrictEqual(['crash'])
  })
})

function isAtCallee(fault: Fault): boolean {
  return fault.kind === 'crash' && fault.node === fault.at.to
}

test.each<[Tolerates | undefined, string | undefined]>([
  [undefined, undefined],
  [[], 'any fault'],
  [['lose', 'crash'], 'anything but lose and crash'],
  [
    { worker: ['crash', 'pause'], 'shop -> bank': [{ kind: 'lose', leg: 'reply' }] },
    'anything but crash and pause of worker, lose (replies) on shop -> bank',
  ],
  [
    { except: { bank: ['crash', 'pause'], 'shop -> bank': [{ kind: 'lose', leg: 'reply' }] } },
    'crash, pause, deploy and unsynced of bank, lose (replies) on shop -> bank',
  ],
  [{ only: [{ kind: 'jump', direction: 'back', withinMs: 5_000 }] }, 'anything but jump (back, within 5 s)'],
  [
    { trusted: ['bank'], atMost: 2 },
    'crash, pause, deploy, unsynced, jump, skew and drift of bank, which is trusted; more than 2 faults in one history',
  ],
])('%j leaves out, in words: %s', (tolerates, words) => {
  expect(claimOf(tolerates, ends).notTried).toBe(words)
})

const visit = act('visit', () => fetch('http://shop/', { method: 'POST' }), { retries: 2, timeout: 2_000 })

function shopOf(tolerates: Tolerates, invariants: readonly Invariant[] = [nothingToJudge]): System {
  return {
    nodes: {
      shop: serve(() => async () => (await fetch('http://bank/')) && new Response('ok')),
      bank: serve(() => () => new Response('ok')),
    },
    operations: [visit],
    invariants,
    tolerates,
  }
}

/** Violated by a history with another fault than one of these, or with more of them. */
function onlyFaults(most: number, belongs: (fault: Fault) => boolean): Invariant {
  return {
    kind: 'invariant',
    name: 'only what is claimed',
    effects: [],
    check({ events }) {
      const faults = events.flatMap((event) => (event.kind === 'fault' ? [event.fault] : []))
      return faults.length <= most && faults.every(belongs)
        ? holds
        : violated({ kind: 'custom', of: 'claim', text: JSON.stringify(faults), events: [] })
    },
  }
}

test('what no engine of a store does is not drawn, and what one does is', () => {
  const claim = claimOf(undefined, [])
  const drawn = (stores: readonly Pick<Store, 'faults'>[]) => withEngines(claim, stores).kinds
  expect(drawn([])).toEqual(faultKinds.filter((kind) => !['readonly', 'stale', 'unsynced'].includes(kind)))
  expect(drawn([{ faults: ['stale'] }, {}])).toContain('stale')
  expect(drawn([{ faults: ['stale'] }, {}])).not.toContain('unsynced')
})

describe('an exploration', () => {
  test('never has more faults in one history than are claimed', async () => {
    for (const atMost of [1, 2]) {
      const assessment = await assess(shopOf({ atMost }, [onlyFaults(atMost, () => true)]), { numRuns: amount(60) })
      expect(assessment.kind).toBe('holds')
    }
    const two = await assess(shopOf({ atMost: 2 }, [onlyFaults(1, () => true)]), { numRuns: amount(60) })
    expect(two.kind).toBe('violated')
  })

  test('has only faults of the claimed parts, at the claimed places', async () => {
    const tolerates: Tolerates = { bank: [{ kind: 'pause', withinMs: 3_000 }], 'client -> shop': ['lose'] }
    const belongs = (fault: Fault): boolean =>
      fault.kind === 'pause' ? fault.node === 'bank' && fault.forMs <= 3_000 : fault.at.from === 'client'
    const assessment = await assess(shopOf(tolerates, [onlyFaults(Infinity, belongs)]), { numRuns: full ? 40 : 10 })
    expect(assessment.kind).toBe('holds')
    expect(Object.keys(assessment.explored.fired).toSorted()).toStrictEqual(['lose', 'pause'])
  })

  test('shrinks within the claim: a partition that is claimed to end stays one that ends', async () => {
    const cut: Invariant = onlyFaults(Infinity, (fault) => fault.kind !== 'partition')
    const assessment = await assess(shopOf([{ kind: 'partition', withinMs: 5_000 }], [cut]), { numRuns: 10 })
    if (assessment.kind !== 'violated') throw new Error(`expected a violation, found ${assessment.kind}`)
    expect(assessment.counterexample.scenario.plan).toMatchObject({ faults: [{ kind: 'partition', forMs: 1_000 }] })
  })

  test('that never fired a named part fails, and names it with its place', async () => {
    const assessment = await assess(
      shopOf({
        bank: ['lose', { kind: 'garble', body: 'html' }],
        'shop -> bank': [{ kind: 'duplicate', after: 'reply' }],
        'bank -> shop': ['lose'],
      }),
      { numRuns: 20 },
    )
    expect(assessment).toMatchObject({ kind: 'inconclusive', missed: ['lose on bank -> shop'] })
    expect(formatAssessment(assessment, { test: 'visits' }).replace(/\s+/g, ' ')).toContain(
      'Never fired, though the test names it in `tolerates`: lose on bank -> shop. What was not tried is not tolerated.',
    )
  })

  test('says in one line what the claim leaves out', async () => {
    const assessment = await assess(shopOf({ except: ['skew'], trusted: ['bank'] }), { numRuns: 5 })
    expect(formatAssessment(assessment, { test: 'visits' }).replace(/\s+/g, ' ')).toContain(
      'Not tried as claimed: skew; crash, pause, deploy, unsynced, jump, skew and drift of bank, which is trusted',
    )
  })
})

test('the names at the ends of links are those of nodes and stores', () => {
  expect(endsOf(shopOf([]))).toStrictEqual(['shop', 'bank'])
})
