// What the user says that an operation means is checked at the first act: a misspelt part would be ignored, and a sound
// store blamed for a value that nobody wrote, or nothing would be looked at.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  assess,
  counterBounds,
  keyValue,
  linearizable,
  map,
  mutualExclusion,
  op,
  queueDelivery,
  register,
  serializable,
  serve,
  type Invariant,
  type System,
} from '../../src/index.ts'
import { check } from '../../src/check/check.ts'
import { ends, historyOf, invoke, over } from './build-history.ts'

interface Put {
  readonly key: string
  readonly value: number
}

const input: fc.Arbitrary<Put> = fc.record({ key: fc.constantFrom('a', 'b'), value: fc.integer({ min: 1 }) })
const put = op('put', input, ({ key, value }) => fetch(`http://store/${key}`, { method: 'PUT', body: String(value) }))
const get = op('get', input, async ({ key }) => {
  const answer = await fetch(`http://store/${key}`)
  if (!answer.ok) throw new Error('no answer')
  return Number(await answer.text())
})

/** A sound store, and what its operations are said to mean. */
function storing(invariant: Invariant): System {
  const kept = new Map<string, string>()
  const store = async (request: Request): Promise<Response> => {
    const key = new URL(request.url).pathname.slice(1)
    if (request.method === 'PUT') kept.set(key, await request.text())
    return new Response(kept.get(key) ?? '0')
  }
  return { nodes: { store: serve(() => store) }, stores: [map(kept)], operations: [put, get], invariants: [invariant] }
}

const asRead = get.as(({ key }, output) => ({ f: 'get', key, output }))

/** A meaning as plain JavaScript may give it. */
function meaning(give: (one: Put) => unknown): ReturnType<typeof put.as<never>> {
  return put.as((one) => give(one) as never)
}

test('a put whose value stands in "value" is an error, and no violation of a sound store', async () => {
  const wrong = meaning(({ key, value }) => ({ f: 'put', key, value }))
  await expect(assess(storing(linearizable(keyValue(0), [wrong, asRead])), { seed: 1 })).rejects.toThrow(
    'but an act has no "value". Return what was asked as input, and the answer as output: { f: "put", key, input, output }.',
  )
  const right = put.as(({ key, value }) => ({ f: 'put', key, input: value }))
  expect((await assess(storing(linearizable(keyValue(0), [right, asRead])), { seed: 1, numRuns: 10 })).kind).toBe(
    'holds',
  )
})

test.each<[string, (one: Put) => unknown, string]>([
  ['a misspelt key', ({ key, value }) => ({ f: 'put', keys: key, input: value }), 'Did you mean "key"?'],
  ['a misspelt input', ({ key, value }) => ({ f: 'put', key, inputs: value }), 'Did you mean "input"?'],
  ['parts of a model', ({ key }) => ({ f: 'cas', key, from: 1, to: 2 }), 'an act has no "from"'],
  ['nothing to write', ({ key }) => ({ f: 'put', key }), 'which writes nothing. Return the written value'],
  ['a value that is not there', ({ key }) => ({ f: 'put', key, input: undefined }), 'null for no value'],
  ['no act', () => undefined, 'returned undefined, which is no act. Return { f, key, input, output }'],
  ['a name alone', () => 'put', 'returned "put", which is no act'],
  ['a transaction', ({ key, value }) => [['w', key, value]], 'which is no act'],
  ['an act without a name', ({ key }) => ({ key }), 'which is no act'],
])('%s is an error', (_, give, text) => {
  const history = historyOf(invoke(0, 'put', 0, { key: 'a', value: 1 }), ends(5, 'ok', 0), over(9))
  const meanings = [meaning(give)]
  for (const invariant of [
    linearizable(register(), meanings),
    counterBounds(meanings),
    queueDelivery(meanings),
    mutualExclusion(meanings),
  ]) {
    const [verdict] = check(history, [invariant])
    expect(verdict?.kind).toBe('unknown')
    expect(verdict?.reasons[0]?.text).toContain(`put.as(...) returned`)
    expect(verdict?.reasons[0]?.text).toContain(text)
  }
})

test.each<[string, (one: Put) => unknown]>([
  ['an act', ({ key, value }) => ({ f: 'put', key, input: value })],
  ['a step with a long name', ({ key, value }) => [['write', key, value]]],
  ['a single step', ({ key, value }) => ['w', key, value]],
  ['a step without a key', ({ value }) => [['w', undefined, value]]],
  ['nothing', () => undefined],
])('%s is no transaction', (_, give) => {
  const history = historyOf(invoke(0, 'put', 0, { key: 'a', value: 1 }), ends(5, 'ok', 0), over(9))
  const [verdict] = check(history, [serializable([meaning(give)])])
  expect(verdict?.kind).toBe('unknown')
  expect(verdict?.reasons[0]?.text).toContain('which is no transaction. Return a list of ["r", key, value]')
})

test('an act that no model has is an error of the test, too', async () => {
  const wrong = put.as(({ key, value }) => ({ f: 'store', key, input: value }))
  await expect(assess(storing(linearizable(keyValue(0), [wrong, asRead])), { seed: 1 })).rejects.toThrow(
    'The model key-value has no "store"',
  )
})

test('what else goes wrong in a checker is no verdict, and no error of the test', async () => {
  const broken: Invariant = {
    kind: 'invariant',
    name: 'broken',
    effects: [],
    check() {
      throw new Error('out of budget')
    },
  }
  expect((await assess(storing(broken), { seed: 1, numRuns: 1 })).kind).toBe('inconclusive')
})
