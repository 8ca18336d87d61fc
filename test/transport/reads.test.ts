// reads: what clients hold, as effects. The story of a screen whose replies come out of order: shown for ever, or not.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actor,
  always,
  assess,
  convergence,
  formatAssessment,
  map,
  noFaults,
  op,
  rows,
  serve,
  simulate,
  type System,
} from 'two-generals'
import { amount } from '../full.ts'

const items = new Map<string, string>()

/** Adds an item; always answers with all of them. */
const server = serve(() => async (request: Request): Promise<Response> => {
  if (request.method === 'POST') {
    const name = await request.text()
    items.set(name, name)
  }
  return Response.json([...items.values()])
})

/** A store behind a screen: it adds, and then loads anew; the user does not wait. */
class Store {
  items: readonly string[] = []
  #asked = 0
  #shown = 0
  readonly #ignoresOlder: boolean

  constructor(ignoresOlder: boolean) {
    this.#ignoresOlder = ignoresOlder
  }

  async add(name: string): Promise<void> {
    await fetch('http://shop/items', { method: 'POST', body: name })
    const asked = ++this.#asked
    const response = await fetch('http://shop/items')
    const loaded = (await response.json()) as readonly string[]
    if (this.#ignoresOlder && asked < this.#shown) return
    this.#shown = asked
    this.items = loaded
  }
}

function screens(ignoresOlder: boolean): System {
  const screen = actor('screen', () => new Store(ignoresOlder))
  const shown = screen.reads('shown', (store) => store.items)
  const add = screen.op('add', fc.string({ minLength: 6, maxLength: 8 }), (store, name) => {
    void store.add(name)
  })
  return {
    nodes: { shop: server },
    operations: [add],
    stores: [map(items, { name: 'items' })],
    clients: 1,
    tolerates: ['delay'],
    invariants: [convergence([shown, rows('item', () => [...items.values()])])],
  }
}

describe('a screen converges to the server', () => {
  test('not where an older reply overwrites a newer one', async () => {
    const assessment = await assess(screens(false), { numRuns: 50 })
    if (assessment.kind !== 'violated') throw new Error(assessment.kind)
    const { workload, plan } = assessment.counterexample.scenario
    expect(workload.invocations.length).toBe(2)
    expect(plan).toMatchObject({ faults: [{ kind: 'delay' }] })
    const story = formatAssessment(assessment, { test: 'x' })
    expect(story).toContain('shown of client 0 and item differ at the end: only item has add#1')
    const [newer, older] = story.split('\n').filter((line) => line.includes('shown: '))
    expect(newer).toMatch(/^ +0\.120 +\* shown add#0 .* shown: 'add#0', 'add#1'$/)
    expect(older).toMatch(/^ +0\.121 +\|<-- 200 [ .|]* shown: 'add#0'$/) // the late reply takes it away again
    expect(story).not.toMatch(/<- here +<- here/)
  })

  test('where older replies are ignored', async () => {
    expect(await assess(screens(true), { numRuns: amount(200) })).toMatchObject({
      kind: 'holds',
      explored: { fired: { delay: expect.any(Number) as number } },
    })
  })
})

const counter = actor('counter', () => ({ seen: [] as string[] }))
const see = counter.op('see', fc.string(), async (state, text) => {
  state.seen.push(text)
  await fetch('http://shop/items')
})
const seen = counter.reads('seen', (state) => state.seen)
const by = (...steps: readonly (readonly [client: number, text: string])[]) => ({
  workload: { invocations: steps.map(([client, input], id) => ({ id, operation: 'see', client, afterMs: 0, input })) },
  plan: noFaults,
  seed: 1,
})
const counting: System = { nodes: { shop: server }, operations: [see], invariants: [always('any', seen, () => true)] }

describe('reads', () => {
  test('gives each client that has acted a view, with the time and the event at which each value was first there', async () => {
    const { readings, views, events } = await simulate(counting, by([0, 'a'], [2, 'b'], [0, 'c']))
    expect(views).toEqual([
      { effect: 'seen', node: 'client#0' },
      { effect: 'seen', node: 'client#2' },
    ])
    expect(
      readings.map(({ effect, node, value, atMs, event }) => [effect, node, value, atMs, events[event ?? -1]?.node]),
    ).toEqual([
      ['seen', 'client#0', 'a', 0, 'client#0'],
      ['seen', 'client#0', 'c', 40, 'client#0'],
      ['seen', 'client#2', 'b', 0, 'client#2'],
    ])
  })

  test('shows nothing where no client has booted the actor', async () => {
    const other = op('other', fc.string(), () => fetch('http://shop/items'))
    const { readings, views } = await simulate(
      { ...counting, operations: [see, other] },
      { ...by(), workload: { invocations: [{ id: 0, operation: 'other', client: 0, afterMs: 0, input: '' }] } },
    )
    expect([readings, views]).toEqual([[], []])
  })

  test('a view that fails says which', async () => {
    const bad = (view: (state: { seen: string[] }) => unknown): System => ({
      ...counting,
      invariants: [always('any', counter.reads('bad', view as () => readonly unknown[]), () => true)],
    })
    await expect(
      simulate(
        bad(() => {
          throw new TypeError('no')
        }),
        by([0, 'a']),
      ),
    ).rejects.toThrow('actor("counter").reads("bad"): its view failed: TypeError: no. Give a function')
    await expect(
      simulate(
        bad((state) => state.seen.length),
        by([0, 'a']),
      ),
    ).rejects.toThrow('it gave no array')
    expect(() => counter.reads('bad', undefined as unknown as () => readonly string[])).toThrow(
      'its second argument is undefined, not a function',
    )
  })
})
