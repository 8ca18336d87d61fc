// A retry storm (PHENOMENA 27): a bank that answers four requests a second gets one a second from a shop, and two
// layers of retries stand before it. It cannot be reached for a while. Once it can, its queue is full, whoever waits in
// it waits for longer than callers do, and each of them asks again: three times three requests for one. The trigger has
// healed, the bank works without a pause, and nobody gets an answer any more (Bronson et al., "Metastable Failures in
// Distributed Systems", HotOS 2021). The sound twin backs off with jitter, and pays for each retry from a budget that
// only good answers fill.
import * as fc from 'fast-check'
import { contained, op, serve, type System } from 'two-generals'

/** Two at once, half a second each. */
const bank = serve(() => () => new Response('paid'), { capacity: { concurrent: 2, serviceMs: 500, queue: 10 } })

type Send = (url: string, limitMs: number) => Promise<Response>

async function once(url: string, limitMs: number): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(limitMs) }).catch(() => new Response(null, { status: 504 }))
}

/** Three attempts, each directly after the one before. */
export function insisting(): Send {
  return async (url, limitMs) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await once(url, limitMs)
      if (answer.ok || attempt === 3) return answer
    }
  }
}

const [mostSaved, forGoodAnswer] = [5, 0.1] as const

/** Three attempts, as far as the budget goes: ten good answers pay for one retry. */
export function budgeting(): Send {
  let budget: number = mostSaved
  return async (url, limitMs) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await once(url, limitMs)
      if (answer.ok) budget = Math.min(mostSaved, budget + forGoodAnswer)
      if (answer.ok || attempt === 3 || budget < 1) return answer
      budget -= 1
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 500 * 2 ** attempt))
    }
  }
}

const buy = op('buy', fc.constant(null), () => fetch('http://shop/', { signal: AbortSignal.timeout(10_000) }))

/**
 * A shop before the bank, and other customers, one a second for ever, whichever way both send. The probe asks whether
 * anybody gets an answer when all has healed.
 */
export function storming(sender: () => Send): System {
  return {
    nodes: {
      bank,
      shop: serve(() => {
        const send = sender()
        return async () => new Response(null, { status: (await send('http://bank/', 2_000)).status })
      }),
      customers: serve(() => {
        const send = sender()
        setInterval(() => void send('http://shop/', 8_000), 1_000)
        return () => new Response()
      }),
    },
    operations: [buy],
    probe: [buy],
    clients: 3,
    faultsForMs: 20_000,
    invariants: [contained('bank', { recoveryMs: 20_000 })],
    tolerates: { 'shop -> bank': ['slow', 'partition', 'delay', 'error'] },
  }
}
