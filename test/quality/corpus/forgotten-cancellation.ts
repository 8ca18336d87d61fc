// A trip whose hotel is full (PHENOMENA 11, 20): the flight is cancelled, and the note to do so is struck out when it
// was tried once. A lost request is sent again from memory, and a restart forgets that.
import * as fc from 'fast-check'
import { eventually, map, op, rows, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post, sleep } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

function system(sound: boolean): System {
  const seats = new Map<string, 'booked' | 'cancelled'>()
  const open = new Map<string, 'open'>()
  const airline = async (request: Request): Promise<Response> => {
    const trip = (await request.json()) as string
    if (new URL(request.url).pathname === '/cancel') seats.set(trip, 'cancelled')
    else if (!seats.has(trip)) seats.set(trip, 'booked')
    return answer(204)
  }
  const ask = (path: string, trip: string): Promise<number> =>
    post(`http://airline${path}`, trip, { signal: AbortSignal.timeout(2_000) }).then(
      ({ status }) => status,
      () => 0,
    )
  const boot = () => {
    const cancel = async (trip: string): Promise<void> => {
      let status = await ask('/cancel', trip)
      if (!sound) open.delete(trip)
      while (status !== 204) {
        await sleep(3_000)
        status = await ask('/cancel', trip)
      }
      open.delete(trip)
    }
    for (const trip of open.keys()) void cancel(trip)
    return async (request: Request): Promise<Response> => {
      const trip = (await request.json()) as string
      open.set(trip, 'open')
      await ask('/book', trip)
      await cancel(trip) // its hotel is full, as all are this week
      return answer(409)
    }
  }
  const book = op('book', fc.uuid(), (trip) => post('http://agency/', trip), { timeout: 30_000, outcome: () => 'ok' })
  return {
    nodes: { agency: serve(boot), airline: serve(() => airline) },
    stores: [map(seats, { name: 'seats' }), map(open, { name: 'trips' })],
    operations: [book],
    invariants: [
      eventually(
        'no seat stays booked',
        rows('seat', () => [...seats.values()]),
        (all) => !all.includes('booked'),
      ),
    ],
    tolerates: { except: ['pause'] }, // one process at a time: nobody sees what a replaced one accepts
  }
}

export const forgottenCancellation: Planted = {
  name: 'a lost cancellation, and a restart before it is sent again',
  depth: 2,
  phenomena: [11, 20],
  system,
  smallest: scenarioOf(
    [{ operation: 'book', input: '00000000-0000-1000-8000-000000000000' }],
    [
      {
        kind: 'lose',
        at: 'book#0 | client -> agency POST / book#0 1 | agency -> airline POST /cancel book#0 1 request',
      },
      {
        kind: 'crash',
        at: 'book#0 | client -> agency POST / book#0 1 | agency -> trips delete trips book#0 1 reply',
        node: 'agency',
        restartAfterMs: 1_000,
      },
    ],
  ),
}
