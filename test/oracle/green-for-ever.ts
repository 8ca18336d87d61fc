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
import { holds } from '../../src/verdict/verdict.ts'

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
