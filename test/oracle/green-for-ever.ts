// A shop that charges at a gateway, writes down what it sold and keeps a journal, with invariants that can fail and
// such that cannot.
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import {
  always,
  atMostOnce,
  eventually,
  exactlyOnce,
  journal,
  map,
  noOversell,
  op,
  requests,
  rows,
  serve,
  type Effect,
  type Invariant,
  type System,
} from 'two-generals'
import { holds, violated } from '../../src/verdict/verdict.ts'

/** What happened, with an id that is new each time. */
export interface Happened {
  readonly id: string
  readonly order: string
  readonly cents: number
}

const sold = new Map<string, Happened>()
export const entry: Effect<Happened> = rows('entry', () => [...sold.values()])
const written = journal<Happened>('note')
export const note: Effect<Happened> = written
export const charge: Effect<Happened> = requests('charge', 'POST https://pay.example/charges', (request) =>
  request.json(),
)

const buy = op('buy', fc.record({ order: fc.uuid(), cents: fc.integer({ min: 1, max: 99 }) }), (order) =>
  fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }),
)

async function shop(request: Request): Promise<Response> {
  const order = (await request.json()) as Omit<Happened, 'id'>
  if ([...sold.values()].some((one) => one.order === order.order)) return new Response('sold')
  const happened = { ...order, id: crypto.randomUUID() }
  sold.set(happened.id, happened)
  written.add(happened)
  await fetch('https://pay.example/charges', { method: 'POST', body: JSON.stringify(happened) })
  return new Response('sold')
}

/** The shop, judged by these. */
export function judgedBy(invariants: readonly Invariant[]): System {
  return {
    nodes: { shop: serve(() => shop) },
    outside: [http.post('https://pay.example/charges', () => HttpResponse.json({ ok: true }))],
    stores: [map(sold, { name: 'sold' })],
    operations: [buy],
    invariants,
    tolerates: ['delay'],
  }
}

type Named = (effect: Effect<Happened>) => Invariant

const wrongKeys: Readonly<Record<string, Named>> = {
  'by its id': (effect) => atMostOnce(effect.by(({ id }) => id)),
  'by id and order': (effect) => atMostOnce(effect.by(({ id, order }) => `${id} ${order}`)),
  'by all of it': (effect) => atMostOnce(effect.by((one) => JSON.stringify(one))),
  'by the end of its id': (effect) => atMostOnce(effect.by(({ id }) => id.slice(3))),
  'upper case': (effect) => atMostOnce(effect.by(({ id }) => id.toUpperCase())),
}

const predicates: Readonly<Record<string, Named>> = {
  true: (effect) => always(`${effect.name} is right`, effect, () => true),
  'a length': (effect) => always(`${effect.name} is counted`, effect, (all) => all.length >= 0),
  'a list': (effect) => always(`${effect.name} is a list`, effect, (all) => Array.isArray(all)),
  'in the end': (effect) => eventually(`${effect.name} comes to rest`, effect, () => true),
  custom: (effect) => ({
    kind: 'invariant',
    name: `${effect.name} is fine`,
    effects: [effect.source],
    check: () => holds,
  }),
}

const effects = [entry, note, charge]

/** Thirty that cannot fail. */
export const never: readonly Invariant[] = [wrongKeys, predicates].flatMap((named) =>
  Object.values(named).flatMap((make) => effects.map(make)),
)

/** Some that can. */
export const can: readonly Invariant[] = effects.flatMap((effect) => [
  atMostOnce(effect.by(({ order }) => order)),
  exactlyOnce(
    buy.by(({ order }) => order),
    effect.by(({ order }) => order),
  ),
  always(`${effect.name} has a price`, effect, (all) => all.every(({ cents }) => cents > 0 && cents < 100)),
  always(`few of ${effect.name}`, effect, (all) => all.length < 150),
  eventually(`${effect.name} happens`, effect, (all) => all.length > 0),
  noOversell(
    effect.by(({ order }) => order),
    { stock: 1 },
  ),
])

// A bank behind msw that writes a book of its own: what it is asked to do and what it writes come together.

const booked = journal<{ readonly order: string; readonly cents: number }>('booked')
const asked = requests(
  'asked',
  'POST https://bank.example/transfers',
  async (request) => (await request.json()) as Happened,
)
const state = new Map<string, string>()
const step = rows('step', () => [...state.values()])

const bank = http.post('https://bank.example/transfers', async ({ request }) => {
  const { order, cents } = (await request.json()) as Happened
  booked.add({ order, cents })
  return HttpResponse.json({ ok: true })
})

async function treasury(request: Request): Promise<Response> {
  const order = (await request.json()) as Omit<Happened, 'id'>
  state.set(order.order, 'open')
  await fetch('https://bank.example/transfers', { method: 'POST', body: JSON.stringify(order) })
  state.set(order.order, 'done')
  return new Response('sent')
}

/** A treasury whose bank may be broken. */
export function banking(invariants: readonly Invariant[]): System {
  return {
    nodes: { treasury: serve(() => treasury) },
    outside: [bank],
    stores: [map(state, { name: 'state' })],
    operations: [
      op('send', fc.record({ order: fc.uuid(), cents: fc.integer({ min: 1, max: 99 }) }), (order) =>
        fetch('http://treasury/', { method: 'POST', body: JSON.stringify(order) }),
      ),
    ],
    invariants,
    tolerates: ['delay'],
  }
}

const sumOf = (cents: readonly number[]): number => cents.reduce((sum, one) => sum + one, 0)

/** The books agree: each notices a second effect of one kind, and none a second transfer. */
export const agreeing: readonly Invariant[] = [
  sameInBoth('as many', (all) => all.length),
  sameInBoth('as much', (all) => sumOf(all.map(({ cents }) => cents))),
  sameInBoth('the same orders', (all) =>
    all
      .map(({ order }) => order)
      .toSorted()
      .join(' '),
  ),
]

/** They look at one of them alone, or at a state in between. */
export const disagreeing: readonly Invariant[] = [
  atMostOnce(booked.by(({ order }) => order)),
  atMostOnce(asked.by(({ order }) => order)),
  eventually('no transfer stays open', step, (all) => all.every((one) => one !== 'open')),
]

function sameInBoth(name: string, of: (all: readonly Pick<Happened, 'order' | 'cents'>[]) => unknown): Invariant {
  return {
    kind: 'invariant',
    name,
    effects: [asked.by(String).source, booked.by(String).source],
    check(history) {
      const all = (effect: string): readonly Happened[] =>
        history.events.flatMap((event) =>
          event.kind === 'effect' && event.effect === effect ? [event.value as Happened] : [],
        )
      if (of(all('asked')) === of(all('booked'))) return holds
      return violated({ kind: 'custom', of: name, text: `${name} differ`, events: [] })
    },
  }
}
