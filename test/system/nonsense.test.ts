// Nonsense is refused, by plain JavaScript or a cast: each part of a system and each option, with what was found and
// what to write. Nobody gets a TypeError from inside, and nothing is ignored.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actor,
  assess,
  authentic,
  conservation,
  contained,
  costBudget,
  journal,
  latencyBudget,
  linearizable,
  map,
  monotonic,
  mutualExclusion,
  noHang,
  noOversell,
  noticed,
  op,
  port,
  queueDelivery,
  register,
  requests,
  resilience,
  retryBudget,
  rows,
  saga,
  scenario,
  sequential,
  serializable,
  serve,
  sqlite,
  store,
  takenOver,
  traced,
  type System,
} from '../../src/index.ts'
import { runsOncePerSlot } from '../../src/queues.ts'
import { assertResilienceOptions } from '../../src/verify.ts'

const pay = op('pay', fc.constant(null), () => fetch('http://shop/'))

function system(parts: Readonly<Record<string, unknown>> = {}): System {
  const sound = { nodes: { shop: serve(() => () => new Response()) }, operations: [pay], invariants: [noHang()] }
  return { ...sound, ...parts }
}

/** What a value of the wrong kind is called in messages. */
const found: readonly (readonly [value: unknown, words: string])[] = [
  [null, 'null'],
  [Number.NaN, 'NaN'],
  [-1, '-1'],
  [1.5, '1.5'],
  ['3', '"3"'],
  [() => 3, 'a function'],
  [{ a: 1 }, 'an object'],
  [[3], 'a list'],
  [true, 'true'],
]

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error
    return error instanceof Error ? error.message : String(error)
  }
  return 'accepted'
}

interface Field {
  readonly name: string
  /** What is said of a wrong value, after the words for it. */
  readonly write: string | RegExp
  /** Values of the list above that are right here. */
  readonly right?: readonly unknown[]
  readonly give: (value: unknown) => unknown
}

const of = (part: string): Pick<Field, 'name' | 'give'> => ({
  name: part,
  give: (value) => assess(system({ [part]: value }), { numRuns: 0 }),
})
const option = (name: string): Pick<Field, 'name' | 'give'> => ({
  name,
  give: (value) => assess(system(), { numRuns: 0, [name]: value }),
})
const ofOp = (name: string): Pick<Field, 'name' | 'give'> => ({
  name: `op("pay"): ${name}`,
  give: (value) => op('pay', fc.constant(null), () => undefined, { [name]: value }),
})
const ofCapacity = (name: string): Pick<Field, 'name' | 'give'> => ({
  name: `serve(): capacity: ${name}`,
  give: (value) => serve(() => () => new Response(), { capacity: { concurrent: 1, [name]: value } }),
})
const ofTest = (name: string): Pick<Field, 'name' | 'give'> => ({
  name,
  give: (value) => assertResilienceOptions('paid', { [name]: value }),
})

const fields: readonly Field[] = [
  { ...of('nodes'), write: /Write \{ nodes|give names|and not a node/ },
  { ...of('operations'), write: /Write \{ nodes|give a list: \[op\(\.\.\.\)\]|give operations: \[op/ },
  { ...of('invariants'), write: /Write \{ nodes|give a list: \[noHang\(\)\]|give invariants: \[noHang/ },
  { ...of('probe'), write: /give a list: \[op\(\.\.\.\)\]|give probe: \[op/ },
  { ...of('stores'), write: /give a list: \[map\(\.\.\.\)\]|give stores: \[map/ },
  { ...of('outside'), write: /setupServer/ },
  { ...of('tolerates'), write: /a list of kinds|no kind of fault|kinds of fault/ },
  { ...of('clients'), write: 'a whole number from 1' },
  { ...of('maxOperations'), write: 'a whole number from 1' },
  { ...of('faultsForMs'), write: 'milliseconds from 0', right: [1.5] },
  { ...of('recoverForMs'), write: 'milliseconds from 0', right: [1.5] },
  { ...option('numRuns'), write: 'a whole number from 0' },
  { ...option('exhaustive'), write: '1, 2 or 3' },
  { ...option('announce'), write: 'a function' },
  { ...option('seed'), write: 'a whole number', right: [-1] },
  { ...option('timeLimitMs'), write: 'milliseconds from 0', right: [1.5] },
  { ...option('saved'), write: 'saved counterexamples' },
  { ...option('stopped'), write: 'a function' },
  { ...option('shrink'), write: 'true or false', right: [true] },
  { ...ofOp('retries'), write: 'a whole number from 0' },
  { ...ofOp('timeout'), write: 'milliseconds above 0', right: [1.5] },
  { ...ofOp('doubleSubmit'), write: 'true or false', right: [true] },
  { ...ofOp('outcome'), write: 'a function' },
  { ...ofTest('numRuns'), write: 'a whole number from 0' },
  { ...ofTest('exhaustive'), write: '1, 2 or 3' },
  { ...ofTest('seed'), write: 'a whole number', right: [-1] },
  { ...ofTest('timeout'), write: 'milliseconds from 0', right: [1.5] },
  { name: 'name', write: 'a text', right: ['3'], give: (name) => resilience(system(), { name: name as never }) },
  {
    name: 'timeLimitMs',
    write: 'milliseconds from 0',
    right: [1.5],
    give: (timeLimitMs) => resilience(system(), { timeLimitMs: timeLimitMs as never }),
  },
  { ...ofCapacity('concurrent'), write: 'a whole number from 1' },
  { ...ofCapacity('serviceMs'), write: 'milliseconds from 0', right: [1.5] },
  { ...ofCapacity('queue'), write: 'a whole number from 0' },
  { name: 'map(): name', write: 'a text', right: ['3'], give: (name) => map(new Map(), { name: name as never }) },
  ...(['name', 'wipe', 'seed'] as const).map((name): Field => ({
    name: `sqlite(): ${name}`,
    write: /a text|true or false|a function/,
    right: name === 'name' ? ['3'] : name === 'wipe' ? [true] : [],
    give: (value) => sqlite(new DatabaseSync(':memory:'), { [name]: value }),
  })),
]

describe.each(fields.map((field) => [field.name, field] as const))('%s', (_, { name, write, right = [], give }) => {
  test.each(found.filter(([value]) => typeof value !== 'function' || !/outcome|stopped|announce|seed$/.test(name)))(
    'given as %s',
    async (value, words) => {
      const text = await refusal(() => give(value))
      if (right.includes(value)) return expect(text).toBe('accepted')
      expect(text).not.toBe('accepted')
      expect(text).toMatch(write)
      if (!Array.isArray(value) && typeof value !== 'object') expect(text).toContain(words)
      if (value === null) expect(text).toContain(`${name.split(' ').at(-1) ?? ''} is null`)
    },
  )
})

test.each<[string, (options: never) => unknown]>([
  ['op("pay")', (options) => op('pay', fc.constant(null), () => undefined, options)],
  ['serve()', (options) => serve(() => () => new Response(), options)],
  ['serve(): capacity', (capacity) => serve(() => () => new Response(), { capacity })],
  ['map()', (options) => map(new Map(), options)],
  ['sqlite()', (options) => sqlite(new DatabaseSync(':memory:'), options)],
  ['assess()', (options) => assess(system(), options)],
  ['resilience()', (options) => resilience(system(), options)],
  ['testResilience("paid")', (options) => assertResilienceOptions('paid', options)],
  ['op("pay")', (options) => actor('sdk', () => 1).op('pay', fc.constant(null), () => undefined, options)],
])('%s refuses options of which it knows nothing', async (of, give) => {
  expect(await refusal(() => give({ nonsense: 1 } as never))).toMatch(`${of} has no option "nonsense" (have "`)
  for (const [value, words] of [
    [null, 'null'],
    [3, '3'],
    ['x', '"x"'],
    [[], 'a list'],
  ] as const)
    expect(await refusal(() => give(value as never))).toContain(`${of}: its options are ${words}; give an object: {`)
})

test.each([
  [{ retry: 3 }, 'Did you mean "retries"?'],
  [{ timeOut: 5 }, 'Did you mean "timeout"?'],
])('a misspelt option gets a suggestion: %o', async (options, text) => {
  expect(await refusal(() => op('pay', fc.constant(null), () => undefined, options as never))).toContain(text)
})

test('an invariant without an effect is refused by its name', async () => {
  const without = [{ ...noHang(), name: 'mine', effects: [undefined] as never }]

  await expect(refusal(() => assess(system({ invariants: without }), { numRuns: 0 }))).resolves.toBe(
    'Invariant "mine" was given undefined in the place of an effect. Give rows(...), requests(...), journal(...), or ' +
      'one of these with .by(...).',
  )
})

test('numRun is no option', async () => {
  expect(await refusal(() => assess(system(), { numRun: 5 } as never))).toContain('Did you mean "numRuns"?')
  expect(await refusal(() => assertResilienceOptions('paid', { numRun: 5 } as never))).toContain('mean "numRuns"?')
})

test.each<[unknown, string]>([
  [{}, 'tolerates is {}; give a list of kinds ([] for none), kinds for each node or link, as in'],
  [null, 'tolerates is null; give a list of kinds'],
  ['lose', 'tolerates is "lose"; give a list of kinds'],
  [{ except: ['lose'], 'client -> shop': ['lose'] }, 'tolerates has "except" beside "client -> shop".'],
  [{ except: 'lose' }, 'tolerates: "except" is "lose"; give a list: kinds of fault'],
  [{ 'client -> shop': null }, 'tolerates: "client -> shop" is null; give a list: kinds of fault'],
  [{ exept: ['lose'] }, '"atMost", "trusted"). Did you mean "except"?'],
  [{ atMost: 0 }, 'tolerates: atMost is 0; give a whole number from 1.'],
  [{ trusted: 'bank' }, 'tolerates: trusted is "bank"; give a list: names of nodes'],
  [{ trusted: ['shp'] }, 'tolerates: trusted names "shp", which is no node (have "shop"). Did you mean "shop"?'],
  [[{ kind: 'jump', way: 'back' }], 'tolerates: "jump" has no "way" (have "direction", "withinMs").'],
  [[{ kind: 'refuse', leg: 'reply' }], 'tolerates: "refuse" has no "leg"; it has no parts: write "refuse".'],
  [[{ kind: 'lose', leg: 'replies' }], 'leg of "lose" is "replies" (have "request", "reply"). Did you mean "reply"?'],
  [[{ kind: 'lose', leg: 7 }], 'leg of "lose" is 7; give "request" or "reply".'],
  [[{ kind: 'lose', leg: [] }], 'leg of "lose" is an empty list; give "request" or "reply".'],
  [[{ kind: 'pause', withinMs: '5 s' }], 'withinMs of "pause" is "5 s"; give milliseconds above 0.'],
  [[{ kind: 'drift', withinPpm: 0 }], 'withinPpm of "drift" is 0; give millionths above 0.'],
  [{ except: [{ kind: 'pause', withinMs: 5 }] }, 'except names pause (within 5 ms), which would leave the larger ones'],
  [{ 'client -> shp': ['lose'] }, 'ends at "shp", which is no node, store, port or host (have "shop"'],
  [[null], 'tolerates: "null" is no kind of fault'],
])('a claim of %o is refused', async (tolerates, text) => {
  expect(await refusal(() => assess(system({ tolerates }), { numRuns: 0 }))).toContain(text)
  expect(await refusal(() => scenario(system({ tolerates })))).toContain(text)
})

test.each<[string, unknown, string]>([
  [
    'operations',
    [pay.by(() => 1)],
    'operations[0] is of the kind "keyed-operation", and no operation; give the operation itself',
  ],
  ['operations', [pay, undefined], 'operations[1] is undefined, and no operation; give operations: [op(...)].'],
  ['invariants', [noHang], 'invariants[0] is a function, and no invariant; give invariants: [noHang()].'],
  ['stores', [new Map()], 'stores[0] is an object, and no store; give stores: [map(...)].'],
  ['nodes', { shop: null }, 'nodes: "shop" is null, and not a node. Write shop: serve(() => handler).'],
  ['nodes', null, 'where nodes is null. Write { nodes:'],
])('%s made of something else', async (part, value, text) => {
  expect(await refusal(() => assess(system({ [part]: value })))).toContain(text)
})

test.each<[string, () => unknown, string]>([
  [
    'op without a function',
    () => op('pay', fc.constant(null), null as never),
    'its third argument is null; give a function',
  ],
  ['op without a name', () => op(null as never, fc.constant(null), () => 1), 'a name is one word'],
  ['serve at no origin', () => serve(() => () => new Response(), { at: 5 as never }), 'this is no origin'],
  [
    'serve without instances',
    () => serve(() => () => new Response(), { instances: null as never }),
    'a whole number from 1',
  ],
  [
    'a capacity without a number of places',
    () => serve(() => () => new Response(), { capacity: { serviceMs: 5 } as never }),
    'serve(): capacity has no "concurrent"; give how many requests it works on at once: { concurrent: 10 }.',
  ],
])('%s', async (_, give, text) => {
  expect(await refusal(give)).toContain(text)
})

test('what is right is accepted', async () => {
  const sound = system({ probe: [pay], stores: [], tolerates: ['lose'], clients: 1, maxOperations: 1, title: 'mine' })
  const options = { numRuns: 0, seed: -3, saved: [], timeLimitMs: Infinity, stopped: () => false, shrink: false }
  expect((await assess(sound, { ...options, exhaustive: 1, announce: () => {} })).kind).toBe('holds')
  assertResilienceOptions('paid', { timeout: 0, numRuns: 0, exhaustive: 3, seed: 1 })
})

const paid = journal<{ id: string; n: number }>('paid')
const keyed = paid.by(({ id }) => id)
const sent = op('pay', fc.string(), () => undefined).by((id) => id)

test.each<[string, (options: never) => unknown]>([
  ['noOversell(paid)', (options) => noOversell(keyed, options)],
  ['conservation(paid)', (options) => conservation(paid, ({ n }) => n, options)],
  ['monotonic(paid)', (options) => monotonic(paid, ({ id }) => id, options)],
  ['mutualExclusion(paid)', (options) => mutualExclusion(paid, options)],
  ['queueDelivery()', (options) => queueDelivery(sent, keyed, options)],
  ['saga()', (options) => saga([{ done: keyed }], options)],
  ['saga(): a step', (options) => saga([options])],
  ['runsOncePerSlot(paid)', (options) => runsOncePerSlot(paid, options)],
  ['retryBudget()', (options) => retryBudget(options)],
  ['contained(bank)', (options) => contained('bank', options)],
  ['contained(bank): spared', (options) => contained('bank', { spared: options })],
  ['contained(bank): breaker', (options) => contained('bank', { breaker: options })],
  ['takenOver(paid, paid)', (options) => takenOver(keyed, keyed, options)],
  ['noticed', (options) => noticed(options)],
  ['latencyBudget()', (options) => latencyBudget(options)],
  ['costBudget()', (options) => costBudget(options)],
  [
    'authentic()',
    (options) =>
      authentic(
        pay.as(() => ({ key: 1 })),
        paid,
        ({ id }) => ({ key: id }),
        options,
      ),
  ],
  ['traced()', (options) => traced(options)],
  ['serializable()', (options) => serializable([], options)],
  ['linearizable(register)', (options) => linearizable(register(), [], options)],
  ['sequential(register)', (options) => sequential(register(), [], options)],
  ['rows("row")', (options) => rows('row', () => [], options)],
  ['requests("charge")', (options) => requests('charge', 'POST https://pay.example/charges', () => 1, options)],
  ['store("kept")', (options) => store('kept', options)],
  ['port("mailer")', (options) => port('mailer', { send: () => Promise.resolve() }, options)],
])('%s refuses options of which it knows nothing', async (of, give) => {
  const refused = await refusal(() => give({ nonsense: 1 } as never))
  expect(refused).toMatch(/has no option "nonsense" \(have "/)
  expect(refused).toContain(of.replace(/\(\)$/, ''))
  for (const [value, words] of [
    [3, '3'],
    ['x', '"x"'],
    [[], 'a list'],
  ] as const) {
    const text = await refusal(() => give(value as never))
    expect(text).toContain(`its options are ${words}; give an object: {`)
  }
})

test.each<[string, () => unknown, string]>([
  ['no stock', () => noOversell(keyed, {} as never), 'stock is null; give a number, or a function of the key.'],
  ['no limits', () => noOversell(keyed, undefined as never), 'its options are null; give an object: { stock,'],
  ['an order that is none', () => saga([{ done: keyed }], { order: 'up' as never }), 'order is "up"; give \'reverse\''],
  ['versions of no kind', () => serializable([], { versions: 'x' as never }), 'versions is "x"; give \'session\''],
  ['no list', () => traced({ except: 'bank' as never }), 'except is "bank"; give a list'],
  ['rows of no function', () => rows('row', [] as never), 'its second argument is a list; give a function'],
  ['requests of no function', () => requests('a', 'GET http://a', null as never), 'its third argument is null'],
])('%s', async (_, give, text) => {
  expect(await refusal(give)).toContain(text)
})
