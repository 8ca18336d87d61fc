// degraded: what a cache answers without its dependency, marked and not, in time and not.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, formatAssessment, listed, op, serve, simulate, type Fault, type System } from '../../src/index.ts'
import { degraded, type Degradation } from '../../src/tolerance.ts'

type Shop = (ask: () => Promise<string>) => (request: Request) => Promise<Response>

const look = op('look', fc.constant('tea'), () => fetch('http://shop/'), { timeout: 5_000 })
const marked = (answer: unknown): boolean => String((answer as { body: unknown }).body).includes('old')

/** A shop that asks for a price and remembers the last one. */
const remembers =
  (tell: (price: string, ageMs: number) => string | undefined): Shop =>
  (ask) => {
    let last: { price: string; atMs: number } | undefined
    return async () => {
      try {
        last = { price: await ask(), atMs: performance.now() }
        return new Response(last.price)
      } catch {
        const told = last === undefined ? undefined : tell(last.price, performance.now() - last.atMs)
        return told === undefined ? new Response('no price', { status: 503 }) : new Response(told)
      }
    }
  }

function selling(shop: Shop, options: Partial<Degradation> = {}): System {
  const ask = async (): Promise<string> => {
    const answer = await fetch('http://prices/', { signal: AbortSignal.timeout(500) })
    if (!answer.ok) throw new Error('no price')
    return answer.text()
  }
  return {
    nodes: { shop: serve(() => shop(ask)), prices: serve(() => () => new Response('3.50')) },
    operations: [look],
    invariants: [degraded(look, { without: 'prices', marked, ...options })],
    tolerates: { 'shop -> prices': ['lose', 'error', 'hang', 'partition'] },
    maxOperations: 8,
    clients: 1,
  }
}

test('a price from memory that does not say so is found, and one that does is right', async () => {
  const silent = await assess(selling(remembers((price) => price)))
  expect(silent.kind).toBe('violated')
  expect(formatAssessment(silent, { test: 'look' }).replaceAll(/\s+/g, ' ')).toContain(
    'and the answer does not say so; expected that a degraded answer is marked.',
  )
  const honest = await assess(selling(remembers((price) => `${price} (old)`)))
  expect(honest.kind, formatAssessment(honest, { test: 'look' })).toBe('holds')
})

test('old data are found where they are older than their budget', async () => {
  const forEver = await assess(
    selling(
      remembers((price) => `${price} (old)`),
      { maxAgeMs: 10_000 },
    ),
  )
  expect(forEver.kind, formatAssessment(forEver, { test: 'look' })).toBe('violated')
  expect(formatAssessment(forEver, { test: 'look' }).replaceAll(/\s+/g, ' ')).toContain('; expected at most 10 s.')
  const limited = remembers((price, ageMs) => (ageMs <= 10_000 ? `${price} (old)` : undefined))
  const kept = await assess(selling(limited, { maxAgeMs: 10_000 }))
  expect(kept.kind, formatAssessment(kept, { test: 'look' })).toBe('holds')
})

describe('one history', () => {
  const workload = {
    invocations: [0, 1].map((id) => ({ id, operation: 'look', client: 0, afterMs: id * 1_000, input: 'tea' })),
  }
  const at = {
    root: { kind: 'operation', operation: 'look', invocation: 1 },
    path: [],
    from: 'shop',
    to: 'prices',
    operation: 'GET /',
    leg: 'request',
    nth: 1,
  } as const

  const verdictOf = async (shop: Shop, faults: readonly Fault[], options: Partial<Degradation> = {}) => {
    const system = selling(shop, options)
    const met = await simulate(system, { workload, plan: listed([]), seed: 1 })
    const sent = met.events.filter(
      (event) => event.kind === 'send' && event.address.to === 'prices' && event.request < 0,
    )
    const second = sent.at(-1)
    const address = second?.kind === 'send' ? second.address : at
    const plan = listed(faults.map((fault) => ({ ...fault, at: address })))
    return system.invariants[0]?.check(await simulate(system, { workload, plan, seed: 1 }))
  }

  test('is vacuous where every answer had its dependency', async () => {
    expect(
      (
        await verdictOf(
          remembers((price) => price),
          [],
        )
      )?.kind,
    ).toBe('vacuous')
  })

  test('is not judged where the data are fresh enough, and is where they are not', async () => {
    const silent = remembers((price) => price)
    const lost: Fault = { kind: 'lose', at }
    expect((await verdictOf(silent, [lost]))?.kind).toBe('violated')
    expect((await verdictOf(silent, [lost], { freshForMs: 2_000 }))?.kind).toBe('vacuous')
    expect((await verdictOf(silent, [lost], { freshForMs: 1_000 }))?.kind).toBe('violated')
  })

  test('cannot be judged where marked throws, or says neither yes nor no', async () => {
    const lost: Fault = { kind: 'lose', at }
    const silent = remembers((price) => price)
    const throws = await verdictOf(silent, [lost], {
      marked: () => {
        throw new Error('mine')
      },
    })
    expect(throws?.reasons[0]?.text).toContain('marked threw Error: mine')
    const vague = await verdictOf(silent, [lost], { marked: () => undefined as never })
    expect(vague?.reasons[0]?.text).toContain('marked returned undefined; return true or false.')
  })
})

test('options are checked', () => {
  expect(() => degraded(look, { without: '', marked })).toThrow('give the name of a node or an outside host')
  expect(() => degraded(look, { without: 'prices' } as never)).toThrow('marked is')
  expect(() => degraded(look, { without: 'prices', marked, maxAge: 3 } as never)).toThrow('maxAgeMs')
  expect(() => degraded(look, { without: 'prices', marked, maxAgeMs: -1 })).toThrow('milliseconds from 0')
})
