// What a provider does on its way: when it delivers again, what it signs, who it is in a history, and how mistakes in
// its set-up are told.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  authentic,
  contained,
  historyBytes,
  journal,
  listed,
  noFaults,
  noHang,
  op,
  serve,
  simulate,
  standardWebhooks,
  storyOf,
  webhook,
  type Fault,
  type Invariant,
  type Plan,
  type Scenario,
  type System,
  type WebhookOptions,
} from '../../src/index.ts'
import { invocationRoot, type Address } from '../../src/scenario/address.ts'

const hour = 3_600_000
const event = fc.record({ id: fc.uuid() })
const input = { id: 'event-1' }
const to = 'POST http://shop/hooks'

interface Got {
  readonly atMs: number
  readonly body: string
  readonly signature: string | null
  readonly type: string | null
}

const got = journal<Got>('got')
const seen = journal<string>('seen')

/** A shop that notes what comes, and answers with these statuses in turn, the last one for ever. */
function shop(...statuses: readonly number[]): System['nodes'] {
  return {
    shop: serve(() => {
      let n = 0
      return async (request) => {
        const { headers } = request
        const status = statuses[Math.min(n++, statuses.length - 1)] ?? 200
        got.add({
          atMs: performance.now(),
          body: await request.text(),
          signature: headers.get('x-signature'),
          type: headers.get('content-type'),
        })
        return new Response(null, status === 302 ? { status, headers: { location: '/elsewhere' } } : { status })
      }
    }),
  }
}

const reads: Invariant = {
  kind: 'invariant',
  name: 'reads',
  effects: [got.source],
  check: () => ({ kind: 'holds', reasons: [] }),
}

function told(statuses: readonly number[], options: Partial<WebhookOptions> = {}): System {
  return {
    nodes: shop(...statuses),
    operations: [webhook('bank', event, { to, ...options })],
    invariants: [reads],
  }
}

function scenario(inputs: readonly unknown[] = [input], plan: Plan = noFaults): Scenario {
  const invocations = inputs.map((one, id) => ({ id, operation: 'bank', client: 0, afterMs: 0, input: one }))
  return { workload: { invocations }, plan, seed: 1 }
}

async function delivered(system: System, given: Scenario = scenario()): Promise<readonly Got[]> {
  const { events } = await simulate(system, given)
  return events.flatMap((one) => (one.kind === 'effect' ? [one.value as Got] : []))
}

const momentsOf = (all: readonly Got[]): readonly number[] => all.map(({ atMs }) => Math.round(atMs / 1_000))

describe('delivers', () => {
  test('once where it is accepted, as JSON; a text as it is', async () => {
    expect(await delivered(told([204]))).toMatchObject([
      { body: '{"id":"event-1"}', type: 'application/json', signature: null },
    ])
    expect(await delivered(told([204]), scenario(['a=1']))).toMatchObject([
      { body: 'a=1', type: 'text/plain;charset=UTF-8' },
    ])
  })

  test('again after 5 s, 5 minutes and 25 hours, and then gives up', async () => {
    expect(momentsOf(await delivered(told([500])))).toEqual([0, 5, 305, 90_305])
  })

  test.each([302, 404, 410, 429, 503])('again where it is answered %i', async (status) => {
    expect(momentsOf(await delivered(told([status, 200])))).toEqual([0, 5])
  })

  test('as often, and after as long, as it is told', async () => {
    expect(momentsOf(await delivered(told([500], { retries: 0 })))).toEqual([0])
    expect(momentsOf(await delivered(told([500], { backOff: [1_000, 3_000], retries: 4 })))).toEqual([0, 1, 4, 7, 10])
    expect(momentsOf(await delivered(told([500, 500, 200], { backOff: [24 * hour, 48 * hour] })))).toEqual([
      0, 86_400, 259_200,
    ])
  })

  test('again where nothing is answered in time', async () => {
    const plan = listed([{ kind: 'hang', at: requestOf(0) }])

    expect(momentsOf(await delivered(told([200], { timeout: 2_000 }), scenario([input], plan)))).toEqual([7])
  })

  test('without waiting for what it delivered before', async () => {
    const all = await delivered(told([500, 200]), scenario([input, { id: 'event-2' }]))

    expect(momentsOf(all)).toEqual([0, 0, 5])
  })
})

function requestOf(invocation: number): Address {
  const root = invocationRoot('bank', invocation)
  return { root, path: [], from: 'bank', to: 'shop', operation: 'POST /hooks', key: 'id#0', leg: 'request', nth: 1 }
}

test('the same scenario gives the same history, byte for byte', async () => {
  const bank = webhook('bank', event, { to, sign: standardWebhooks('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') })
  const system: System = {
    nodes: shop(500, 200),
    operations: [bank],
    invariants: [
      authentic(
        bank.as(({ id }) => ({ key: id })),
        got,
        ({ body }) => ({ key: body }),
      ),
    ],
  }
  const invocations = [input, { tamper: 0, afterMs: 0 }, { replayAfterMs: 600_000 }, { forge: input }].map(
    (one, id) => ({
      id,
      operation: id === 0 ? 'bank' : 'bank-attack',
      client: 0,
      afterMs: 10,
      input: one,
    }),
  )
  const given: Scenario = { workload: { invocations }, plan: noFaults, seed: 1 }
  const once = await simulate(system, given)

  expect(historyBytes(await simulate(system, given))).toEqual(historyBytes(once))
  expect(once.events.filter(({ kind }) => kind === 'effect')).toMatchObject([
    { value: { body: '{"id":"event-1"}' } },
    { value: { body: '{"id":"event-1x"}' } },
    { value: { body: '{"id":"event-1"}' } },
    { value: { body: '{"id":"event-1"}' } },
    { value: { body: '{"id":"event-1"}' } },
  ])
})

describe('signs', () => {
  const sign = (body: string, atMs: number): Record<string, string> => ({ 'x-signature': `${atMs / 1_000} ${body}` })

  test('each delivery anew, at its own time by its own clock', async () => {
    const all = await delivered(told([500, 200], { sign }))
    const [first, second] = all.map(({ signature }) => Number(signature?.split(' ')[0]))

    expect(all).toHaveLength(2)
    expect((second ?? 0) - (first ?? 0)).toBeCloseTo(5.04, 2) // the answer took 40 ms
  })

  test('with any headers, also the type of the body', async () => {
    const form = { sign: () => ({ 'content-type': 'application/x-www-form-urlencoded', 'x-signature': 's' }) }

    expect(await delivered(told([200], form), scenario(['a=1']))).toMatchObject([
      { type: 'application/x-www-form-urlencoded', signature: 's' },
    ])
  })

  test('with something: otherwise it is a mistake, and no lost message', async () => {
    const bad = (sign: unknown): Promise<unknown> =>
      delivered(told([200], { sign: sign as NonNullable<WebhookOptions['sign']> }))

    await expect(
      bad(() => {
        throw new Error('no key')
      }),
    ).rejects.toThrow('webhook("bank"): its sign threw Error: no key')
    await expect(bad(() => ({}))).rejects.toThrow('webhook("bank"): its sign gave no headers ({})')
    await expect(bad(() => undefined)).rejects.toThrow('webhook("bank"): its sign gave undefined, and no headers')
    await expect(bad(async () => ({ a: 'b' }))).rejects.toThrow('webhook("bank"): its sign gave a promise')
    await expect(bad(() => ({ a: 1 }))).rejects.toThrow('webhook("bank"): its sign gave an object, and no headers')
  })
})

describe('is', () => {
  const lose: Fault = { kind: 'lose', at: { ...requestOf(0), leg: 'reply' } }

  test('a column of its own, whose retries are deliveries', async () => {
    const given = scenario([input], listed([lose]))
    const story = storyOf(await simulate(told([200]), given), given)

    expect(story).toMatch(/^seconds +bank +shop$/m)
    expect(story).toContain('|-- delivery 2')
    expect(story).not.toMatch(/client|retry|attempt/)
  })

  test('no client: its clock is right, it never stops, and its operations overlap', async () => {
    const { events } = await simulate(told([500, 200]), scenario([input, { id: 'event-2' }]))
    const assessment = await assess({ ...told([200]), tolerates: ['lose', 'skew', 'pause'] }, { numRuns: 20 })

    expect(events.filter(({ kind }) => kind === 'invoke')).toMatchObject([
      { node: 'bank', client: -1 },
      { node: 'bank', client: -2 },
    ])
    expect(assessment.explored.singles.run).toBeGreaterThan(0)
    expect(assessment.kind).toBe('holds')
  })

  test('a name that claims may use', async () => {
    const only = await assess({ ...told([200]), tolerates: { 'bank -> shop': ['lose'] } }, { numRuns: 5 })

    expect(only.kind).toBe('holds')
    await expect(assess({ ...told([200]), tolerates: { 'bnak -> shop': ['lose'] } })).rejects.toThrow('"bank"')
  })

  test('the load on the system: no breaker is expected of it', async () => {
    const claim = contained('shop', { breaker: { opensAfter: 2, openForMs: hour, timeoutMs: 1_000 } })
    const history = await simulate(told([500], { backOff: [1_000], retries: 9 }), scenario())

    expect(claim.check(history).kind).toBe('vacuous')
  })

  test('no name of a node or store', async () => {
    const system: System = { ...told([200]), operations: [webhook('shop', event, { to })] }

    await expect(assess(system)).rejects.toThrow('A node or store has the name of a provider, "shop"')
  })
})

test('mistakes are refused', () => {
  const wrong =
    (options: object, name = 'bank'): (() => unknown) =>
    () =>
      webhook(name, event, { to, ...options })

  expect(wrong({}, 'two words')).toThrow('webhook("two words"): its name is that of a column')
  expect(wrong({}, 'client')).toThrow('"client" and "attacker" are taken')
  expect(wrong({ to: 'shop/hooks' })).toThrow('webhook("bank"): to is "shop/hooks"; give a method and a URL')
  expect(wrong({ backoff: [1] })).toThrow(
    'webhook("bank") has no option "backoff" (have "to", "sign", "timeout", "retries", "backOff"). Did you mean "backOff"?',
  )
  expect(wrong({ backOff: 5 })).toThrow('webhook("bank"): backOff is 5; give a list of milliseconds')
  expect(wrong({ retries: -1 })).toThrow('webhook("bank"): retries is -1')
  expect(wrong({ timeout: 0 })).toThrow('webhook("bank"): timeout is 0')
  expect(wrong({ sign: 'secret' })).toThrow('webhook("bank"): sign is "secret"; give a function')
})

test('an event without JSON is a mistake', async () => {
  const system: System = { ...told([200]), operations: [webhook('bank', fc.constant(undefined), { to })] }

  await expect(delivered(system, scenario([undefined]))).rejects.toThrow('an event is undefined, which has no JSON')
})

describe('authentic', () => {
  const claim = (operation: ReturnType<typeof webhook<{ id: string }>>) =>
    authentic(
      operation.as(({ id }) => ({ key: id })),
      got,
      ({ body }) => ({ key: (JSON.parse(body) as { id: string }).id }),
    )

  test('asks for a signature', async () => {
    const bank = webhook('bank', event, { to })
    const system: System = { nodes: shop(200), operations: [bank], invariants: [claim(bank)] }

    await expect(assess(system)).rejects.toThrow('webhook("bank") signs nothing')
  })

  test('lets an attacker guess a password, and not repeat it: who overhears it, has it', async () => {
    const bank = webhook('bank', event, { to, sign: () => ({ 'x-signature': 'password' }) })
    const guarded = (isRight: (signature: string | null) => boolean): System => ({
      nodes: {
        shop: serve(() => async (request) => {
          if (!isRight(request.headers.get('x-signature'))) return new Response(null, { status: 401 })
          seen.add(((await request.json()) as { id: string }).id)
          return new Response()
        }),
      },
      operations: [bank],
      invariants: [
        authentic(
          bank.as(({ id }) => ({ key: id })),
          seen,
          (id) => ({ key: id }),
        ),
      ],
      tolerates: [],
    })

    expect(
      (
        await assess(
          guarded((signature) => signature === 'password'),
          { numRuns: 20 },
        )
      ).kind,
    ).toBe('holds')
    expect(
      (
        await assess(
          guarded((signature) => signature !== null),
          { numRuns: 20 },
        )
      ).kind,
    ).toBe('violated')
  })

  test('has no attacker where the operation is of a client', async () => {
    const plain = op('plain', event, (one) => fetch('http://shop/hooks', { method: 'POST', body: JSON.stringify(one) }))
    const assessment = await assess(
      {
        nodes: shop(200),
        operations: [plain],
        invariants: [
          noHang(),
          authentic(
            plain.as(({ id }) => ({ key: id })),
            got,
            ({ body }) => ({ key: (JSON.parse(body) as { id: string }).id }),
          ),
        ],
        tolerates: [],
      },
      { numRuns: 10 },
    )

    expect(assessment.kind).toBe('holds')
  })

  test('takes a message for fresh from when it was signed last', async () => {
    const bank = webhook('bank', event, { to, sign: (body) => ({ 'x-signature': body }), backOff: [25 * hour] })
    const system: System = { nodes: shop(500, 200), operations: [bank], invariants: [reads] }
    const history = await simulate(system, scenario())
    const late = { ...history, events: history.events.filter(({ kind, atMs }) => kind !== 'effect' || atMs > hour) }
    const limited = authentic(
      bank.as(({ id }) => ({ key: id })),
      got,
      ({ body }) => ({ key: (JSON.parse(body) as { id: string }).id }),
      { maxAgeMs: 300_000 },
    )

    expect(limited.check(late)).toEqual({ kind: 'holds', reasons: [] })
  })
})
