// throughput-msw: a simulated history whose payments are a stub of msw, given as `outside`, beside the loop that a
// careful developer writes for that stub (see throughput-handwritten.ts). In both its reply is lost once. What counts
// is CPU time.
import { http } from 'msw'
import { serve, type System } from '../../src/index.ts'
import { open } from '../../src/simulation.ts'
import { alternateSlices, cpuMs, slice } from './alternate.ts'
import type { Effort, Result } from './result.ts'
import { shop, type Shop } from './throughput-direct.ts'
import { handwritten, retrying, simulated } from './throughput-handwritten.ts'

const pairs = { quick: 25, full: 100 }

export async function* throughputMsw({ quick }: Effort): AsyncGenerator<Result, void> {
  const simulation = await open(stubbed(shop((url, init) => fetch(url, init))))
  const ours = await simulated(simulation)
  const hand = handwritten(shop((url, init) => fetch(url, init)))
  try {
    const { ours: value, ...rest } = await alternateSlices(
      () => slice(ours, cpuMs),
      () => slice(hand.iterate, cpuMs),
      { pairs: quick ? pairs.quick : pairs.full },
    )
    yield { name: 'throughput-msw', value, unit: 'histories/s of CPU', ...rest }
  } finally {
    hand.close()
    await simulation.close()
  }
}

/** The shop whose client tries again, and whose payments are no node of its own. */
export function stubbed(services: Shop): System {
  return {
    ...retrying(services),
    nodes: { checkout: serve(() => services.checkout) },
    outside: [http.post('http://payments/charges', ({ request }) => services.payments(request))],
  }
}
