// Which disappointment does a shop absorb, and what does it pay for that (PHENOMENA 21 to 27)? One shop with six
// choices, each off at first: retries, a time limit, a breaker, a bulkhead, strict order, and prices from memory. Every
// one of them mends something, and every one owes something for it: retries owe idempotency, order owes waiting, old
// prices owe a mark.
import * as fc from 'fast-check'
import { always, atMostOnce, contained, journal, op, serve, type System } from 'two-generals'
import { degraded } from 'two-generals/tolerance'

/** What a shop may choose. */
export interface Choices {
  /** Its customers ask so often again. @default 0 */
  readonly retries?: number
  /** How long it waits for the bank, in milliseconds. @default as long as that takes */
  readonly limitMs?: number
  /** After two failures in a row it does not ask the bank for ten seconds. @default it always asks */
  readonly breaker?: boolean
  /** At most two of its four places wait for the bank. @default all of them may */
  readonly bulkhead?: boolean
  /** It asks the bank for one payment after the other. @default as they come */
  readonly inOrder?: boolean
  /** It shows the prices that it knows. @default it asks for them each time */
  readonly remembers?: boolean
}

interface Payment {
  readonly order: string
  /** The number under which the shop accepted it. */
  readonly n: number
}

const charge = journal<Payment>('charge')
const unavailable = (): Response => new Response(null, { status: 503 })

/** The bank does what it is asked. */
async function bank(request: Request): Promise<Response> {
  charge.add((await request.json()) as Payment)
  return new Response('paid')
}

type Pay = (payment: Payment) => Promise<Response>

function asking({ limitMs }: Choices): Pay {
  return (payment) =>
    fetch('http://bank/', {
      method: 'POST',
      body: JSON.stringify(payment),
      ...(limitMs === undefined ? {} : { signal: AbortSignal.timeout(limitMs) }),
    }).catch(unavailable)
}

/** Open for ten seconds after two failures in a row. */
function breaking(pay: Pay): Pay {
  let [failures, openUntilMs] = [0, 0]
  return async (payment) => {
    if (performance.now() < openUntilMs) return unavailable()
    const answer = await pay(payment)
    failures = answer.ok ? 0 : failures + 1
    if (failures >= 2) openUntilMs = performance.now() + 10_000
    return answer
  }
}

/** Two at once; whoever finds no place is told so. */
function partitioned(pay: Pay): Pay {
  let busy = 0
  return async (payment) => {
    if (busy >= 2) return unavailable()
    busy += 1
    return pay(payment).finally(() => (busy -= 1))
  }
}

/** Each waits for the one before. */
function ordered(pay: Pay): Pay {
  let last: Promise<unknown> = Promise.resolve()
  return (payment) => {
    const turn = last.then(() => pay(payment))
    last = turn
    return turn
  }
}

function shop(choices: Choices): (request: Request) => Promise<Response> {
  const wrappers = [
    ...(choices.breaker === true ? [breaking] : []),
    ...(choices.bulkhead === true ? [partitioned] : []),
    ...(choices.inOrder === true ? [ordered] : []),
  ]
  const pay = wrappers.reduce((inner, wrap) => wrap(inner), asking(choices))
  let [accepted, prices] = [0, '']
  const ask = async (): Promise<string | undefined> => {
    const answer = await fetch('http://prices/', { signal: AbortSignal.timeout(2_000) }).catch(unavailable)
    return answer.ok ? (prices = await answer.text()) : undefined
  }
  void ask() // as it starts
  return async (request) => {
    if (request.method === 'POST') return pay({ order: await request.text(), n: ++accepted })
    const shown = choices.remembers === true && prices !== '' ? prices : await ask()
    return shown === undefined ? unavailable() : new Response(shown)
  }
}

const browse = op('browse', fc.constant(null), () => fetch('http://shop/', { signal: AbortSignal.timeout(10_000) }))

/** The shop, with what it chose. */
export function choosing(choices: Choices = {}): System {
  const paying = (name: string) =>
    op(name, fc.uuid(), (order) => fetch('http://shop/', { method: 'POST', body: `${name} ${order}` }), {
      timeout: 20_000,
      retries: choices.retries ?? 0,
    })
  return {
    nodes: {
      shop: serve(() => shop(choices), { capacity: { concurrent: 4, serviceMs: 10 } }),
      bank: serve(() => bank),
      prices: serve(() => () => new Response('tea: 3.50')),
    },
    operations: [browse, paying('pay'), paying('renew')],
    invariants: [
      atMostOnce(charge.by(({ order }) => order)),
      contained('bank', { spared: { operations: [browse], withinMs: 500 } }),
      contained('bank', { breaker: { opensAfter: 2, openForMs: 10_000, timeoutMs: 2_000 } }),
      always('payments keep their order', charge, (all) =>
        all.every(({ n }, at) => at === 0 || n > (all[at - 1]?.n ?? 0)),
      ),
      degraded(browse, { without: 'prices', marked: () => false, freshForMs: 1_000 }),
    ],
    tolerates: {
      'client -> shop': ['lose'],
      'shop -> bank': ['lose', 'slow', 'delay', 'hang', 'error', 'partition'],
      'shop -> prices': ['lose', 'error', 'partition'],
    },
  }
}

/** Six choices beside none. */
export const variants: Readonly<Record<string, System>> = {
  nothing: choosing(),
  retries: choosing({ retries: 2 }),
  'a time limit': choosing({ limitMs: 2_000 }),
  'a breaker': choosing({ limitMs: 2_000, breaker: true }),
  'a bulkhead': choosing({ bulkhead: true }),
  'strict order': choosing({ inOrder: true }),
  'known prices': choosing({ remembers: true }),
}
