// Mistakes in a system, a claim or a workload: each error states what failed, what was found and what to do.
import { HttpResponse, http as msw } from 'msw'
import { describe, expect, test } from 'vitest'
import { assess } from '../../src/property.ts'
import { faultKinds } from '../../src/scenario/fault/registry.ts'
import { SetupError } from '../../src/simulate/setup-error.ts'
import { open } from '../../src/simulation.ts'
import type { System, Tolerates } from '../../src/system/system.ts'
import { map } from '../../src/store/map.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, node, nothingToJudge, oneAfterTheOther, pause, post, runOnce, scenarioOf } from './systems.ts'

function system(parts: Partial<System> = {}): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [nothingToJudge],
    ...parts,
  }
}

describe('a system', () => {
  const wrong: readonly (readonly [why: string, parts: Partial<System>, text: string])[] = [
    ['without nodes', { nodes: {} }, 'The system has no nodes. Give `nodes: { shop: serve(() => app) }`.'],
    [
      'without operations',
      { operations: [] },
      'The system has no operations, so nothing would ever happen. Give `operations: [op(...)]`.',
    ],
    [
      'without invariants',
      { invariants: [] },
      'The system has no invariants, so nothing could ever fail. Give e.g. `invariants: [noHang()]`; or let ' +
        'testResilience, which needs none, list what it finds.',
    ],
    [
      'with two operations of one name',
      { operations: [post('go', 'http://shop/'), post('go', 'http://shop/else')] },
      'Two operations have the name "go". Histories tell them apart by it: give each its own.',
    ],
    [
      'with two stores of one name',
      { stores: [map(new Map(), { name: 'seen' }), map(new Set(), { name: 'seen' })] },
      'Two stores have the name "seen". Give one of them another, as in map(..., { name: "seen-2" }).',
    ],
    [
      'with a store called like a node',
      { stores: [map(new Map(), { name: 'shop' })] },
      'A node and a store have the same name, "shop". Each has a column of its own in stories, and faults are ' +
        'addressed by it: name the store otherwise, as in map(..., { name: "shop-store" }).',
    ],
    [
      'with two nodes at one address',
      { nodes: { shop: node(() => undefined), bank: { ...node(() => undefined), at: 'http://shop' } } },
      'Two nodes answer at http://shop. Give one of them another name, or another `at`.',
    ],
    [
      'with a handler for a node',
      { nodes: { shop: (() => new Response()) as never } },
      'nodes: "shop" is a function, and not a node. Write shop: serve(() => handler).',
    ],
    [
      'with an app for a node',
      { nodes: { shop: { fetch: () => new Response() } as never } },
      'nodes: "shop" is an object, and not a node. Write shop: serve(() => handler).',
    ],
    [
      'with invariants that are undefined',
      { invariants: undefined as never },
      'two-generals: expected a system, { nodes, operations, invariants }, and found an object with nodes, ' +
        'operations, invariants, where invariants is undefined. ' +
        'Write { nodes: { shop: serve(() => app) }, operations: [pay], invariants: [noHang()] }.',
    ],
    [
      'with an option in it',
      { numRuns: 1_000 } as never,
      'The system has "numRuns", which is an option: write it beside the system, as in ' +
        'testResilience(name, { numRuns }, system).',
    ],
    [
      'with a misspelt part beside the right one',
      { tolerates: ['lose'], tolerate: ['delay'] } as never,
      'The system has "tolerate", which no system has. Did you mean "tolerates"?',
    ],
    [
      'with a misspelt part',
      { tolerate: ['lose'] } as never,
      'The system has "tolerate", which no system has. Did you mean "tolerates"?',
    ],
    ['with no clients', { clients: 0 }, 'clients is 0; give a whole number from 1.'],
    ['with half an operation', { maxOperations: 0.5 }, 'maxOperations is 0.5; give a whole number from 1.'],
  ]
  test.each(wrong)('%s', async (_why, parts, text) => {
    await expect(open(system(parts))).rejects.toThrow(new Error(text))
  })

  test('with an unknown part that resembles no known one: it may serve the caller', async () => {
    const simulation = await open(system({ title: 'paid once' } as never))
    await simulation.close()
  })

  test.each([-5, 0.5, Number.NaN])('explored for %s runs', async (numRuns) => {
    await expect(assess(system(), { numRuns })).rejects.toThrow(`numRuns is ${numRuns}; give a whole number from 0.`)
  })

  test('with a node made of an app, and not of a factory', () => {
    expect(() => serve({ fetch: () => new Response() } as never)).toThrow(
      'serve(): its first argument is no function. Give a factory, which makes what a crash takes: serve(() => app).',
    )
  })

  test('whose operation waits for what never comes', async () => {
    const waits = act('go', () => new Promise(() => undefined))

    const assessment = await assess(system({ operations: [waits] }))

    expect(assessment.kind === 'broken' && assessment.text).toContain('(nothing is left that could end it)')
  })

  test('whose operation polls for ever', { tags: ['full'] }, async () => {
    const polls = act('go', async () => {
      for (;;) await pause(0)
    })

    const assessment = await assess(system({ operations: [polls] }))

    expect(assessment.kind === 'broken' && assessment.text).toContain('something repeats for ever')
  })

  test('with a node called client, or by no host name', async () => {
    for (const name of ['client', 'my shop']) {
      await expect(open(system({ nodes: { [name]: node(() => undefined) } }))).rejects.toThrow(
        `nodes: "${name}" cannot be the name of a node: it is a host name, and "client" is taken`,
      )
    }
  })

  test('that cannot be opened leaves its stores as they were', async () => {
    const kept = new Map([['a', 1]])
    const own = Reflect.ownKeys(kept)

    await expect(
      open(
        system({
          stores: [map(kept, { name: 'kept' }), map(new Map([['f', () => undefined]]), { name: 'functions' })],
        }),
      ),
    ).rejects.toThrow('map("functions")')
    expect([Reflect.ownKeys(kept), [...kept]]).toEqual([own, [['a', 1]]])
  })
})

describe('a claim', () => {
  const every = faultKinds.map((kind) => `"${kind}"`).join(', ')
  const wrong: readonly (readonly [tolerates: unknown, text: string])[] = [
    [['lost'], `tolerates: "lost" is no kind of fault (have ${every}). Did you mean "lose"?`],
    [{ except: ['crsh'] }, `tolerates: "crsh" is no kind of fault (have ${every}). Did you mean "crash"?`],
    [{ 'client -> shop': ['earthquake'] }, `tolerates: "earthquake" is no kind of fault (have ${every}).`],
    [
      { 'shp -> shop': ['lose'] },
      'tolerates: the link "shp -> shop" starts at "shp", which is no node (have "client", "shop"). Did you ' +
        'mean "shop"?',
    ],
    [
      { 'client->shop': ['lose'] },
      'tolerates: "client->shop" is no link. Write "caller -> callee", e.g. "client -> shop".',
    ],
    [
      { 'client -> shop -> bank': ['lose'] },
      'tolerates: "client -> shop -> bank" is no link. Write "caller -> callee", e.g. "client -> shop".',
    ],
  ]
  test.each(wrong)('%j', async (tolerates, text) => {
    await expect(open(system({ tolerates: tolerates as Tolerates }))).rejects.toThrow(new Error(text))
  })

  test('for a link limits the adversary to it', async () => {
    const calling = system({
      nodes: {
        shop: node(async () => {
          await fetch('http://bank/', { method: 'POST' }).catch(() => undefined)
        }),
        bank: node(() => undefined),
      },
      tolerates: { 'shop -> bank': ['lose', 'refuse'] },
    })

    const { explored } = await assess(calling, { numRuns: 50 })

    expect(explored.singles.total).toBe(3)
    expect(Object.keys(explored.fired).sort()).toEqual(['lose', 'refuse'])
  })
})

describe('a workload', () => {
  test('with an unknown operation', async () => {
    const two = system({ operations: [post('pay', 'http://shop/'), post('refund', 'http://shop/')] })

    await expect(runOnce(two, scenarioOf(two, [], oneAfterTheOther('buy')))).rejects.toThrow(
      new SetupError(
        'The workload invokes "buy", which is no operation of this system (it has "pay", "refund"). Was it renamed?',
      ),
    )
  })
})

test('a registered store that is never used', async () => {
  const unused = map(new Map(), { name: 'ledger' })

  expect(await assess(system({ stores: [unused] }), { numRuns: 0 })).toMatchObject({
    kind: 'broken',
    text:
      'Store "ledger" saw no call in any history. Is it the instance that the handler uses? A store that is never ' +
      'used cannot be crashed, and should not be registered.',
  })
})

test('a URL where nobody answers', async () => {
  await expect(runOnce(system({ operations: [post('go', 'http://shpo/orders')] }))).rejects.toThrow(
    /^"client" called POST http:\/\/shpo\/orders, and nobody answers there\. The nodes are http:\/\/shop\. /,
  )
})

test('a host outside that has the name of a node', async () => {
  const named = system({
    nodes: {
      shop: node(async () => {
        await fetch('https://api.bank.example/')
      }),
      'api.bank.example': node(() => undefined),
    },
    outside: [msw.get('https://api.bank.example/', () => HttpResponse.text('stub'))],
  })

  await expect(runOnce(named)).rejects.toThrow(
    'A call went to https://api.bank.example, a host outside, but the system has a node named "api.bank.example". If ' +
      'the call is meant for that node, write { at: "https://api.bank.example" } in its serve(...); if not, give the ' +
      'node another name',
  )
})
