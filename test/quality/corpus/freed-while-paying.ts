// A seat that is held for ten seconds (PHENOMENA 19): a timer frees it, also while its buyer's payment is under way.
// The next one buys it, and then the first payment comes back.
import * as fc from 'fast-check'
import { atMostOnce, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const heldMs = 10_000

interface Seat {
  readonly state: 'free' | 'held' | 'sold'
  readonly by: string
}

function system(sound: boolean): System {
  const seats = new Map<string, Seat>()
  const sold = journal<string>('sale')
  const boot =
    () =>
    async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url)
      const by = (await request.json()) as string
      const seat = seats.get('1a') ?? { state: 'free', by: '' }
      if (pathname === '/hold') {
        if (seat.state !== 'free') return answer(409)
        seats.set('1a', { state: 'held', by })
        setTimeout(() => {
          const now = seats.get('1a')
          if (now?.state === 'held' && now.by === by) seats.set('1a', { state: 'free', by: '' })
        }, heldMs)
        return answer(201)
      }
      if (seat.state !== 'held' || seat.by !== by) return answer(409)
      for (const step of ['verify', 'charge']) {
        const paid = await post(`http://bank/${step}`, by, { signal: AbortSignal.timeout(2_000) }).catch(
          () => undefined,
        )
        if (paid?.ok !== true) return answer(503)
      }
      const now = seats.get('1a')
      if (sound && (now?.state !== 'held' || now.by !== by)) return answer(409)
      seats.set('1a', { state: 'sold', by })
      sold.add('1a')
      return answer(200)
    }
  const buyer = fc.constantFrom('ada', 'bob')
  const hold = op('hold', buyer, (by) => post('http://seats/hold', by), { timeout: 5_000 })
  const buy = op('buy', buyer, (by) => post('http://seats/buy', by), { timeout: 5_000 })
  return {
    nodes: { seats: serve(boot), bank: serve(() => () => answer(200)) },
    stores: [map(seats, { name: 'plan' })],
    operations: [hold, buy],
    invariants: [atMostOnce(sold.by((seat) => seat))],
  }
}

export const freedWhilePaying: Planted = {
  name: 'a seat is freed while its buyer pays',
  depth: 0,
  phenomena: [19],
  system,
  smallest: scenarioOf([
    { operation: 'hold', input: 'ada' },
    { operation: 'buy', input: 'ada', afterMs: 9_950 },
    { operation: 'hold', input: 'bob', client: 1, afterMs: 10_001 },
    { operation: 'buy', input: 'bob', client: 1 },
  ]),
}
