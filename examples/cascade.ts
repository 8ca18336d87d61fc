// A cascade (PHENOMENA 25): a shop asks a bank for each payment, and shows its goods without it. The bank gets slow,
// each payment keeps one of the four places of the shop for as long as the bank takes, and then nobody sees the goods
// either: a slow dependency takes a healthy caller down. A time limit on the call shortens that and does not end it,
// since four payments within their limit still take all places. The sound twin has a bulkhead (Nygard, "Release It!",
// chapter 5): no more than half of its places wait for the bank, and whoever finds none of these free is told at once.
import * as fc from 'fast-check'
import { contained, op, serve, type System } from 'two-generals'

const places = 4

type Pay = () => Promise<Response>

/** Waits for the bank as long as it takes. */
export function waiting(): Pay {
  return () => fetch('http://bank/', { method: 'POST' })
}

/** Waits for two seconds. */
export function limited(): Pay {
  return () => fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(2_000) })
}

/** The same, with half of the places at most. */
export function partitioned(): Pay {
  const pay = limited()
  let busy = 0
  return async () => {
    if (busy >= places / 2) return new Response(null, { status: 503 })
    busy += 1
    try {
      return await pay()
    } finally {
      busy -= 1
    }
  }
}

function shop(pay: Pay) {
  return async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return new Response('goods')
    const answer = await pay().catch(() => undefined)
    return new Response(null, { status: answer?.ok === true ? 201 : 503 })
  }
}

const browse = op('browse', fc.constant(null), () => fetch('http://shop/', { signal: AbortSignal.timeout(10_000) }))
const buy = op('buy', fc.constant(null), () =>
  fetch('http://shop/', { method: 'POST', signal: AbortSignal.timeout(10_000) }),
)

/** A shop with four places before a bank, whichever way it waits for that. */
export function selling(way: () => Pay): System {
  return {
    nodes: {
      shop: serve(() => shop(way()), { capacity: { concurrent: places, serviceMs: 10 } }),
      bank: serve(() => () => new Response('paid')),
    },
    operations: [browse, buy],
    invariants: [contained('bank', { spared: { operations: [browse], withinMs: 500 } })],
    tolerates: { 'shop -> bank': ['slow', 'delay', 'hang', 'lose', 'error', 'refuse', 'reset', 'partition'] },
  }
}
