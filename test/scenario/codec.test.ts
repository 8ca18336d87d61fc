import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rootOf, stepOf } from '../address-of.ts'
import { amount } from '../full.ts'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { jsonText } from '../../src/plain/json.ts'
import { mostSimilar } from '../../src/plain/suggestion.ts'
import { faultKinds, faultSpec } from '../../src/scenario/fault/registry.ts'
import { faultId, planId, type ListedPlan } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { anyFaultOf, anyScenario, anyValue } from '../arbitraries.ts'

/** As version 1 wrote it. It must be readable for ever: never edit this text. */
const golden = `{
  "format": "two-generals/scenario",
  "version": 1,
  "seed": 42,
  "workload": {
    "invocations": [
      { "id": 0, "operation": "pay", "client": 0, "afterMs": 0, "input": { "order": "3f0c", "amount": 5 } },
      { "id": 3, "operation": "pay", "client": 1, "afterMs": 12.5, "input": { "$undefined": true } }
    ]
  },
  "plan": {
    "kind": "listed",
    "faults": [
      { "kind": "lose", "at": { "root": "pay#0", "from": "client", "to": "shop", "operation": "POST /orders", "key": "order#0", "leg": "reply", "nth": 1 } },
      {
        "kind": "crash",
        "at": {
          "root": "pay#3",
          "path": ["client -> shop POST /orders 1"],
          "from": "shop",
          "to": "db",
          "operation": "insert orders",
          "leg": "reply",
          "nth": 2
        },
        "node": "shop",
        "restartAfterMs": 1000
      },
      { "kind": "skew", "at": { "root": "boot(shop)", "from": "shop", "to": "shop", "operation": "boot", "leg": "request", "nth": 1 }, "byMs": -60000 }
    ]
  }
}
`

const scenario: Scenario = decodeScenario(JSON.parse(golden), 'golden')

describe('what is written', () => {
  test('reads as it did in version 1', () => {
    expect(scenario).toStrictEqual({
      seed: 42,
      workload: {
        invocations: [
          { id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: '3f0c', amount: 5 } },
          { id: 3, operation: 'pay', client: 1, afterMs: 12.5, input: undefined },
        ],
      },
      plan: {
        kind: 'listed',
        faults: [
          {
            kind: 'lose',
            at: {
              root: rootOf('pay#0'),
              path: [],
              from: 'client',
              to: 'shop',
              operation: 'POST /orders',
              key: 'order#0',
              leg: 'reply',
              nth: 1,
            },
          },
          {
            kind: 'crash',
            at: {
              root: rootOf('pay#3'),
              path: [stepOf('client -> shop POST /orders 1')],
              from: 'shop',
              to: 'db',
              operation: 'insert orders',
              leg: 'reply',
              nth: 2,
            },
            node: 'shop',
            restartAfterMs: 1_000,
          },
          {
            kind: 'skew',
            at: {
              root: rootOf('boot(shop)'),
              path: [],
              from: 'shop',
              to: 'shop',
              operation: 'boot',
              leg: 'request',
              nth: 1,
            },
            byMs: -60_000,
          },
        ],
      },
    })
    expect(JSON.stringify(encodeScenario(scenario))).toBe(JSON.stringify(JSON.parse(golden)))
  })

  test('a drawn plan is written too, its rates in the order of the kinds', () => {
    const drawn: Scenario = {
      ...scenario,
      plan: { kind: 'drawn', seed: 7, rates: { skew: 0.1, lose: 0.5 }, maxFaults: 12 },
    }
    expect(JSON.stringify(encodeScenario(drawn))).toContain(
      '"plan":{"kind":"drawn","seed":7,"rates":{"lose":0.5,"skew":0.1},"maxFaults":12}',
    )
    expect(decodeScenario(encodeScenario(drawn), 'it')).toStrictEqual(drawn)
  })

  test('every scenario comes back from its text as it was', () => {
    fc.assert(
      fc.property(anyScenario, (any) => {
        expect(isDeepStrictEqual(decodeScenario(JSON.parse(jsonText(encodeScenario(any))), 'it'), any)).toBe(true)
      }),
      { numRuns: amount(3_000) },
    )
  })

  test('reading and writing again gives the same bytes', () => {
    fc.assert(
      fc.property(anyScenario, (any) => {
        const text = jsonText(encodeScenario(any))
        expect(jsonText(encodeScenario(decodeScenario(JSON.parse(text), 'it')))).toBe(text)
      }),
      { numRuns: amount(2_000) },
    )
  })

  test('the order in which a fault’s fields were set does not show', () => {
    fc.assert(
      fc.property(fc.constantFrom(...faultKinds).chain(anyFaultOf), (fault) => {
        const reversed = Object.fromEntries(Object.entries(fault).toReversed()) as typeof fault // the same fields
        const withFault = (it: typeof fault): Scenario => ({ ...scenario, plan: { kind: 'listed', faults: [it] } })
        const text = jsonText(encodeScenario(withFault(fault)))
        expect(jsonText(encodeScenario(withFault(reversed)))).toBe(text)
        const { plan } = decodeScenario(JSON.parse(text), 'it') as { plan: ListedPlan } // a listed plan was written
        expect(planId(plan)).toBe(faultId(fault))
      }),
    )
  })

  test('a change that comes late stands in the plan beside the faults', () => {
    const at = { root: rootOf('pay#0'), path: [], from: 'a', to: 'b', operation: 'o', leg: 'reply', nth: 1 } as const
    const json = (late: object): unknown => ({
      ...(encodeScenario(scenario) as object),
      plan: { kind: 'listed', faults: [], order: [{ at: { ...at, root: 'pay#0', path: [] }, ...late }] },
    })
    const { plan } = decodeScenario(json({ reads: 2 }), 'it')
    expect(plan).toEqual({ kind: 'listed', faults: [], order: [{ at, reads: 2 }] })
    expect(() => decodeScenario(json({ reads: 0 }), 'it')).toThrow('plan.order[0].reads is 0')
    expect(() => decodeScenario(json({ read: 1 }), 'it')).toThrow('Did you mean "reads"?')
  })

  test('what could not be read back is refused at once', () => {
    const fault = {
      kind: 'delay',
      at: { root: rootOf('pay#0'), path: [], from: 'a', to: 'b', operation: 'o', leg: 'reply', nth: 1 },
      byMs: Number.NaN,
    } as const
    expect(() => encodeScenario({ ...scenario, plan: { kind: 'listed', faults: [fault] } })).toThrow(
      'Cannot save this scenario: plan.faults[0].byMs is NaN. Expected milliseconds: a finite number from 1.',
    )
    const later = { ...fault, byMs: 1, toMs: 2 }
    expect(() => encodeScenario({ ...scenario, plan: { kind: 'listed', faults: [later] } })).toThrow(
      'plan.faults[0].toMs is an unknown field',
    )
    const pay = { id: 0, operation: 'pay', client: 0, afterMs: 0 }
    expect(() =>
      encodeScenario({ ...scenario, workload: { invocations: [{ ...pay, input: { list: [() => 1] } }] } }),
    ).toThrow('workload.invocations[0].input.list[0] is a function')
    expect(() =>
      encodeScenario({
        ...scenario,
        workload: {
          invocations: [
            { ...pay, input: 1 },
            { ...pay, input: 2 },
          ],
        },
      }),
    ).toThrow('workload.invocations[1].id is 0. Expected an id of its own: invocations[0] has this one.')
  })
})

describe('what cannot be read says where, what was found and what to do', () => {
  /** The golden scenario with one place changed; undefined removes it. */
  function changed(path: readonly (string | number)[], value: unknown): unknown {
    const json: unknown = JSON.parse(golden)
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((at, name) => (at as Record<string | number, unknown>)[name], json) as Record<
      string | number,
      unknown
    >
    const last = path.at(-1) ?? ''
    if (value === undefined) delete parent[last]
    else parent[last] = value
    return json
  }

  const fault = ['plan', 'faults', 0]
  const cases: readonly (readonly [string, readonly (string | number)[], unknown, string])[] = [
    [
      'another format',
      ['format'],
      'x',
      'format is "x". Expected "two-generals/scenario": is this another kind of file?',
    ],
    ['no format', ['format'], undefined, 'format is missing. Expected "two-generals/scenario"'],
    [
      'a newer version',
      ['version'],
      2,
      'it was written by a newer two-generals: version is 2, this one reads 1. Update two-generals.',
    ],
    ['no version', ['version'], undefined, 'version is missing. Expected a whole number from 1.'],
    ['a version of old', ['version'], 0, 'version is 0. Expected a whole number from 1.'],
    ['a version in words', ['version'], '1', 'version is "1". Expected a whole number from 1.'],
    ['no seed', ['seed'], undefined, 'seed is missing: this place has format, version, seed, workload, plan. Add it.'],
    ['half a seed', ['seed'], 0.5, 'seed is 0.5. Expected a whole number.'],
    [
      'a newer field',
      ['schedule'],
      [],
      'schedule is an unknown field: this place has format, version, seed, workload, plan. Correct or remove ' +
        'it; if a newer two-generals wrote it, update.',
    ],
    ['a workload that is a list', ['workload'], [], 'workload is []. Expected an object { ... }.'],
    ['no list', ['workload', 'invocations'], {}, 'workload.invocations is {}. Expected a list [ ... ].'],
    [
      'an odd name',
      ['workload', 'in vocations'],
      1,
      'workload["in vocations"] is an unknown field: this place has invocations. Did you mean "invocations"?',
    ],
    [
      'negative time',
      ['workload', 'invocations', 0, 'afterMs'],
      -1,
      'workload.invocations[0].afterMs is -1. Expected milliseconds: a finite number from 0.',
    ],
    [
      'a nameless operation',
      ['workload', 'invocations', 0, 'operation'],
      '',
      'workload.invocations[0].operation is "". Expected a text that is not empty.',
    ],
    [
      'an id that is taken',
      ['workload', 'invocations', 1, 'id'],
      0,
      'workload.invocations[1].id is 0. Expected an id of its own',
    ],
    ['no input', ['workload', 'invocations', 0, 'input'], undefined, 'workload.invocations[0].input is missing'],
    [
      'a value of the future',
      ['workload', 'invocations', 0, 'input', 'order'],
      { $url: 'x' },
      'workload.invocations[0].input.order is an unknown kind of value "$url"',
    ],
    [
      'an unknown plan',
      ['plan', 'kind'],
      'list',
      'plan.kind is "list". Expected one of "listed", "drawn". Did you mean "listed"?',
    ],
    ['a plan that is null', ['plan'], null, 'plan is null. Expected an object { ... }.'],
    [
      'an unknown kind',
      [...fault, 'kind'],
      'earthquake',
      'plan.faults[0].kind is "earthquake", which is no kind of fault here (have lose, duplicate,',
    ],
    ['a misspelt kind', [...fault, 'kind'], 'loose', 'Did you mean "lose"? If a newer two-generals wrote it, update.'],
    [
      'a kind from the prototype',
      [...fault, 'kind'],
      'constructor',
      'plan.faults[0].kind is "constructor", which is no kind of fault',
    ],
    ['no kind', [...fault, 'kind'], undefined, 'plan.faults[0].kind is missing.'],
    [
      'a missing field',
      ['plan', 'faults', 2, 'byMs'],
      undefined,
      'plan.faults[2].byMs is missing: a fault of kind "skew" has kind, at, byMs. Add it.',
    ],
    [
      'an ill-typed field',
      ['plan', 'faults', 2, 'byMs'],
      'soon',
      'plan.faults[2].byMs is "soon". Expected milliseconds: a finite number.',
    ],
    [
      'a field below its least',
      ['plan', 'faults', 1, 'restartAfterMs'],
      -5,
      'plan.faults[1].restartAfterMs is -5. Expected milliseconds: a finite number from 0.',
    ],
    [
      'a misspelt field',
      ['plan', 'faults', 2, 'byMS'],
      1,
      'plan.faults[2].byMS is an unknown field: a fault of kind "skew" has kind, at, byMs. Did you mean "byMs"?',
    ],
    [
      'a node that is none',
      ['plan', 'faults', 1, 'node'],
      7,
      'plan.faults[1].node is 7. Expected a text that is not empty.',
    ],
    ['an address that is text', [...fault, 'at'], 'pay#0', 'plan.faults[0].at is "pay#0". Expected an object { ... }.'],
    [
      'a bad leg',
      [...fault, 'at', 'leg'],
      'answer',
      'plan.faults[0].at.leg is "answer". Expected one of "request", "reply".',
    ],
    ['a nought-th call', [...fault, 'at', 'nth'], 0, 'plan.faults[0].at.nth is 0. Expected a whole number from 1.'],
    [
      'a path that holds no text',
      [...fault, 'at', 'path'],
      ['client -> shop POST /orders 1', 1],
      'plan.faults[0].at.path[1] is 1. Expected a text that is not empty.',
    ],
    [
      'a path that holds no call',
      [...fault, 'at', 'path'],
      ['client'],
      'plan.faults[0].at.path[0] is "client". Expected a call of the chain: "client -> shop POST /orders order#0 1".',
    ],
    [
      'an unknown root',
      [...fault, 'at', 'root'],
      'start',
      'plan.faults[0].at.root is "start". Expected what started the chain of calls: ' +
        '"pay#0", "boot(shop)" or "tick(shop#0, 3)".',
    ],
    [
      'an address without root',
      [...fault, 'at', 'root'],
      undefined,
      'plan.faults[0].at.root is missing: an address has root, from, to, operation, leg, nth. Add it.',
    ],
    [
      'an unknown rate',
      ['plan'],
      { kind: 'drawn', seed: 1, maxFaults: 1, rates: { loose: 1 } },
      'plan.rates.loose is an unknown field',
    ],
    [
      'a rate above one',
      ['plan'],
      { kind: 'drawn', seed: 1, maxFaults: 1, rates: { lose: 2 } },
      'plan.rates.lose is 2. Expected a chance: a finite number from 0 to 1.',
    ],
  ]

  test.each(cases)('%s', (_, path, value, message) => {
    expect(() => decodeScenario(changed(path, value), 'order.json')).toThrow(`Cannot read order.json: `)
    expect(() => decodeScenario(changed(path, value), 'order.json')).toThrow(message)
  })

  test('a document that is no object', () => {
    for (const [json, found] of [
      [null, 'null'],
      [[], '[]'],
      ['{}', '"{}"'],
      [undefined, 'missing'],
    ] as const) {
      expect(() => decodeScenario(json, 'order.json')).toThrow(
        `Cannot read order.json: it is ${found}. Expected an object { ... }.`,
      )
    }
  })

  test('a place inside a larger document is named in full', () => {
    expect(() => decodeScenario(changed(['seed'], 'x'), 'order.json', 'scenario')).toThrow(
      'Cannot read order.json: scenario.seed is "x"',
    )
  })

  test('whatever one place is changed to, it reads alike or throws an error of ours, never another', () => {
    const places: (string | number)[][] = []
    const collect = (json: unknown, path: (string | number)[]): void => {
      if (path.length > 0) places.push(path)
      if (typeof json === 'object' && json !== null)
        for (const [key, item] of Object.entries(json)) collect(item, [...path, key])
    }
    collect(JSON.parse(golden), [])
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
        const json = changed(path, value)
        let read: Scenario
        try {
          read = decodeScenario(json, 'it')
        } catch (error) {
          expect(String(error)).toMatch(/^Error: Cannot read it: (?:.+ is|it was written by) /s)
          return
        }
        expect(decodeScenario(encodeScenario(read), 'again')).toStrictEqual(read)
      }),
      { numRuns: amount(2_000) },
    )
  })
})

describe('every kind of fault', () => {
  test.each(faultKinds)('%s: each of its fields is needed unless it is optional, and checked', (kind) => {
    const [fault] = fc.sample(anyFaultOf(kind), { numRuns: 1, seed: 1 })
    const json = JSON.stringify(
      encodeScenario({
        seed: 1,
        workload: { invocations: [] },
        plan: { kind: 'listed', faults: fault === undefined ? [] : [fault] },
      }),
    )
    for (const [name, field] of Object.entries(faultSpec(kind).fields)) {
      const change = (value: unknown): unknown =>
        JSON.parse(json, (key, item: unknown) =>
          key === 'faults' ? (item as object[]).map((it) => ({ ...it, [name]: value })) : item,
        )
      expect(() => decodeScenario(change([]), 'it')).toThrow(`plan.faults[0].${name} is []. Expected `)
      const without = JSON.parse(JSON.stringify(change(undefined))) as unknown
      if (field.optional === true) expect(decodeScenario(without, 'it').plan).toMatchObject({ faults: [{ kind }] })
      else expect(() => decodeScenario(without, 'it')).toThrow(`plan.faults[0].${name} is missing`)
      if (field.type === 'nodes')
        expect(() => decodeScenario(change(['a', '']), 'it')).toThrow(`plan.faults[0].${name}[1] is`)
      if (field.type === 'choice')
        expect(() => decodeScenario(change('none of them'), 'it')).toThrow('Expected one of ')
    }
    expect(decodeScenario(JSON.parse(json), 'it').plan).toStrictEqual({ kind: 'listed', faults: [fault] })
  })
})

describe('jsonText', () => {
  test('puts on one line what fits there, and is JSON whatever it holds', () => {
    expect(jsonText({ a: [1, { b: null }], c: {}, d: [] })).toBe('{ "a": [1, { "b": null }], "c": {}, "d": [] }\n')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (json) => {
        expect(JSON.parse(jsonText(json))).toStrictEqual(JSON.parse(JSON.stringify(json)))
      }),
    )
  })

  test('no line is longer than 160 unless one text is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.array(fc.integer())), { maxLength: 20 }),
        (json) => {
          for (const line of jsonText(json).split('\n')) expect(line.length).toBeLessThanOrEqual(160)
        },
      ),
    )
  })
})

test('the nearest name is one that is like it', () => {
  expect(mostSimilar('shpo', ['bank', 'shop'])).toBe('shop')
  expect(mostSimilar('Shop', ['bank', 'shop'])).toBe('shop')
  expect(mostSimilar('payments', ['pay', 'payment'])).toBe('payment')
  expect(mostSimilar('pay', ['shop', 'bank'])).toBeUndefined()
  expect(mostSimilar('pay', [])).toBeUndefined()
})

test('inputs of every sort survive a scenario', () => {
  fc.assert(
    fc.property(anyValue, (input) => {
      const any: Scenario = {
        ...scenario,
        workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input }] },
      }
      expect(isDeepStrictEqual(decodeScenario(JSON.parse(JSON.stringify(encodeScenario(any))), 'it'), any)).toBe(true)
    }),
    { numRuns: amount(2_000) },
  )
})
