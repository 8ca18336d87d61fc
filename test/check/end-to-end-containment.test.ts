// saga, mutualExclusion, contained, costBudget, authentic and runsOncePerSlot on whole explorations: each finds the
// planted bug, and its sound twin holds under the same invariants and options.
import { createHmac } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authentic } from '../../src/check/authentic.ts'
import { contained } from '../../src/check/contained.ts'
import { costBudget } from '../../src/check/cost-budget.ts'
import { mutualExclusion } from '../../src/check/mutual-exclusion.ts'
import { runsOncePerSlot } from '../../src/check/runs-once-per-slot.ts'
import { saga } from '../../src/check/saga.ts'
import { actor, journal, map, op, rows, serve, sqlite, type System } from '../../src/index.ts'
import { found } from './found.ts'

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

async function answered(url: string, body: unknown): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2_000),
  }).catch(() => undefined)
  return response?.ok === true
}

describe('saga', () => {
  const book = op('book', fc.record({ trip: fc.uuid() }), (input) =>
    fetch('http://desk/', { method: 'POST', body: JSON.stringify(input), signal: AbortSignal.timeout(60_000) }),
  )
  const seats = { flight: new Map<string, 'booked' | 'cancelled'>(), hotel: new Map<string, 'booked' | 'cancelled'>() }
  const intents = new Map<string, 'booking' | 'booked' | 'cancelling' | 'cancelled'>()
  const booked = (of: keyof typeof seats) =>
    rows(of, () => [...seats[of]].filter(([, state]) => state === 'booked').map(([trip]) => ({ trip }))).by(
      ({ trip }) => trip,
    )

  /**
   * A flight or a hotel, booked and cancelled under the id of the trip. A cancellation is final, even if the booking
   * comes later.
   */
  const place = (of: keyof typeof seats) =>
    serve(() => async (request) => {
      const { trip, cancel } = (await request.json()) as { trip: string; cancel: boolean }
      if (cancel) seats[of].set(trip, 'cancelled')
      else if (!seats[of].has(trip)) seats[of].set(trip, 'booked')
      return new Response(null, { status: seats[of].get(trip) === (cancel ? 'cancelled' : 'booked') ? 200 : 409 })
    })

  const untilAnswered = async (of: keyof typeof seats, trip: string): Promise<void> => {
    while (!(await answered(`http://${of}/`, { trip, cancel: true }))) await pause(1_000)
  }

  async function undo(trip: string): Promise<void> {
    intents.set(trip, 'cancelling')
    await untilAnswered('hotel', trip)
    await untilAnswered('flight', trip)
    intents.set(trip, 'cancelled')
  }

  /**
   * Books both. If a booking is not answered, the careless desk treats it as refused, and forgets it. The careful desk
   * first stores what it is going to do, and undoes both.
   */
  function desk(careful: boolean) {
    return serve(() => {
      const undoRest = (): void => {
        for (const [trip, intent] of intents) if (intent === 'booking' || intent === 'cancelling') void undo(trip)
      }
      if (careful) undoRest()
      if (careful) setInterval(undoRest, 30_000) // also undoes what a replaced instance has begun
      return async (request) => {
        const { trip } = (await request.json()) as { trip: string }
        if (careful) intents.set(trip, 'booking')
        if (
          (await answered('http://flight/', { trip, cancel: false })) &&
          (await answered('http://hotel/', { trip, cancel: false }))
        ) {
          if (careful && intents.get(trip) !== 'booking') return new Response('undone', { status: 409 })
          if (careful) intents.set(trip, 'booked')
          return new Response('booked')
        }
        if (careful) await undo(trip)
        else await answered('http://flight/', { trip, cancel: true })
        return new Response('not booked', { status: 409 })
      }
    })
  }

  function system(careful: boolean): System {
    return {
      nodes: { desk: desk(careful), flight: place('flight'), hotel: place('hotel') },
      stores: [
        map(seats.flight, { name: 'flights' }),
        map(seats.hotel, { name: 'hotels' }),
        map(intents, { name: 'intents' }),
      ],
      operations: [book],
      invariants: [
        saga([{ done: booked('flight') }, { done: booked('hotel') }], { operation: book.by(({ trip }) => trip) }),
      ],
    }
  }

  test('finds the part of a trip that stays booked although the trip failed', async () => {
    expect(await found(system(false))).toMatch(/^half-done$|^kept-though-failed$/)
  })

  // Some thousand single faults on long retries: half a minute of CPU, and more wall time on a busy machine
  const options = { tags: ['full'], timeout: 180_000 }
  test('holds when both are cancelled until the cancellation is answered', options, async () => {
    expect(await found(system(true))).toBe('holds')
  })
})

describe('mutualExclusion', () => {
  const work = op('work', fc.constantFrom('left', 'right'), async (name) => {
    for (let tries = 0; tries < 4; tries++) {
      if (await answered(`http://${name}/`, {})) return new Response()
      await pause(1_000)
    }
    return new Response(null, { status: 503 })
  })
  const held = journal<{ readonly holder: string; readonly step: 'acquire' | 'release' }>('lock')
  const leases = new Map<'lock', { readonly token: number; readonly untilMs: number }>()
  const documents = new Map<'document', number>()
  const written = journal<{ readonly token: number }>('written')

  /**
   * A worker that takes a lease of 3 s, works for 100 ms and writes. `fenced`: the document rejects tokens of older
   * leases.
   */
  const worker = (fenced: boolean) =>
    serve(() => async () => {
      const lease = leases.get('lock') ?? { token: 0, untilMs: 0 }
      if (Date.now() < lease.untilMs) return new Response(null, { status: 503 })
      const token = lease.token + 1
      leases.set('lock', { token, untilMs: Date.now() + 3_000 })
      held.add({ holder: String(token), step: 'acquire' })
      await pause(100)
      if (fenced && (documents.get('document') ?? 0) > token) return new Response(null, { status: 409 })
      documents.set('document', token)
      written.add({ token })
      held.add({ holder: String(token), step: 'release' })
      if (leases.get('lock')?.token === token) leases.set('lock', { token, untilMs: 0 })
      return new Response()
    })

  function system(fenced: boolean, invariants: System['invariants']): System {
    return {
      nodes: { left: worker(fenced), right: worker(fenced) },
      stores: [map(leases, { name: 'leases' }), map(documents, { name: 'documents' })],
      operations: [work],
      invariants,
      tolerates: ['pause'],
    }
  }

  const fencing = mutualExclusion(written, { token: ({ token }) => token })

  test('finds the holder of an expired lease that still writes', async () => {
    expect(await found(system(false, [fencing]))).toBe('stale-token written')
    expect(await found(system(false, [mutualExclusion(held, { holder: (h) => h.holder, step: (h) => h.step })]))).toBe(
      'two-holders lock',
    )
  })

  test('holds for leases that expire, and when the document checks tokens', async () => {
    const leased = mutualExclusion(held, { holder: (h) => h.holder, step: (h) => h.step, forMs: () => 3_000 })

    expect(await found(system(true, [fencing, leased]))).toBe('holds')
  })
})

describe('contained', () => {
  const get = (name: string) =>
    op(name, fc.constant(null), () => fetch(`http://shop/${name}`, { signal: AbortSignal.timeout(60_000) }))
  const [browse, pay] = [get('browse'), get('pay')]
  const again = op('again', fc.constant(null), async () => {
    let response = await fetch('http://shop/pay')
    for (let tries = 0; tries < 10 && !response.ok; tries++) {
      await pause(1_000)
      response = await fetch('http://shop/pay')
    }
    return response
  })

  /**
   * The careless shop handles one request at a time and waits for the bank without limit. The careful one answers
   * `/browse` at once, waits for the bank for a second, and after two failures does not ask it for `restMs`.
   */
  const shop = (careful: boolean, restMs: number) =>
    serve(() => {
      let turn: Promise<unknown> = Promise.resolve()
      let failures = 0
      let closedAtMs = 0
      const ask = async (): Promise<boolean> => {
        if (!careful) return (await fetch('http://bank/', { method: 'POST' }).catch(() => undefined))?.ok === true
        if (performance.now() < closedAtMs) return false
        const ok =
          (await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(1_000) }).catch(() => undefined))
            ?.ok === true
        failures = ok ? 0 : failures + 1
        closedAtMs = failures >= 2 ? performance.now() + restMs : 0
        return ok
      }
      return async (request) => {
        if (careful && new URL(request.url).pathname === '/browse') return new Response('goods')
        const before = turn
        const { promise, resolve } = Promise.withResolvers<undefined>()
        turn = promise
        await before
        try {
          if (new URL(request.url).pathname === '/browse') return new Response('goods')
          return new Response(null, { status: (await ask()) ? 200 : 503 })
        } finally {
          resolve(undefined)
        }
      }
    })

  function system(careful: boolean, invariant: System['invariants'][number], restMs = 5_000): System {
    return {
      nodes: { shop: shop(careful, restMs), bank: serve(() => () => new Response('paid')) },
      operations: [pay, browse],
      probe: [again],
      invariants: [invariant],
      tolerates: {
        'shop -> bank': ['lose', 'delay', 'error', 'reset', 'refuse', 'throttle', 'hang', 'slow', 'partition'],
      },
    }
  }

  const spared = contained('bank', { spared: { operations: [browse], withinMs: 500 } })
  const breaker = contained('bank', { breaker: { opensAfter: 2, openForMs: 5_000, timeoutMs: 1_000 } })
  const recovery = contained('bank', { recoveryMs: 8_000 })

  test('finds operations that wait behind a failing bank', async () => {
    expect(await found(system(false, spared))).toBe('spread browse')
  })

  test('finds requests that go on although the bank fails', { tags: ['full'] }, async () => {
    expect(await found(system(false, breaker), 60)).toBe('too-many-probes shop -> bank')
  })

  /** An SDK with a breaker that stays open for `restMs`; each client has its own. */
  function sdk(restMs: number): System {
    const client = actor('sdk', () => ({ failures: 0, closedAtMs: 0 }))
    const ask = client.op('ask', fc.constant(null), async (state) => {
      if (performance.now() < state.closedAtMs) throw new Error('the breaker is open')
      const ok = await answered('http://bank/', null)
      state.failures = ok ? 0 : state.failures + 1
      state.closedAtMs = state.failures >= 2 ? performance.now() + restMs : 0
      if (!ok) throw new Error('no answer')
    })
    return {
      nodes: { bank: serve(() => () => new Response('paid')) },
      operations: [ask],
      tolerates: ['lose', 'delay', 'error', 'reset', 'partition'],
      invariants: [
        contained('bank', { breaker: { opensAfter: 2, openForMs: 5_000, timeoutMs: 2_000, from: 'client' } }),
      ],
    }
  }

  test('judges the breaker of an SDK, each client on its own', { tags: ['full'] }, async () => {
    expect(await found(sdk(0), 60)).toBe('too-many-probes client -> bank')
    expect(await found(sdk(5_000))).toBe('holds')
  })

  test('finds a breaker that never closes again', async () => {
    expect(await found(system(true, recovery, Infinity))).toBe('no-recovery again')
  })

  describe('recoveryMs repeats a probe that was turned away at once', () => {
    const knock = op('knock', fc.constant(null), () => fetch('http://door/', { signal: AbortSignal.timeout(5_000) }))

    /** A door that stays shut for `shutMs` after a failure behind it, and then answers with the status `turnsAway`. */
    const door = (shutMs: number, turnsAway: number): System => ({
      nodes: {
        door: serve(() => {
          let shutUntilMs = 0
          return async () => {
            if (performance.now() < shutUntilMs) return new Response(null, { status: turnsAway })
            const behind = await fetch('http://room/').catch(() => undefined)
            if (behind?.ok !== true) shutUntilMs = performance.now() + shutMs
            return new Response(null, { status: behind?.ok === true ? 200 : 503 })
          }
        }),
        room: serve(() => () => new Response()),
      },
      operations: [knock],
      probe: [knock],
      invariants: [contained('room', { recoveryMs: 20_000 })],
      faultsForMs: 10_000,
      tolerates: { 'door -> room': ['error', 'refuse', 'reset'] },
    })

    test.each([429, 503])('finds a door that stays shut (%i)', async (status) => {
      expect(await found(door(Infinity, status))).toBe('no-recovery knock')
    })

    test('holds when the door opens again in time', async () => {
      expect(await found(door(15_000, 429))).toBe('holds')
    })
  })

  test('holds with a bulkhead, a time limit and a breaker', async () => {
    expect(await found(system(true, spared))).toBe('holds')
    expect(await found(system(true, breaker))).toBe('holds')
    expect(await found(system(true, recovery))).toBe('holds')
  })
})

describe('costBudget', () => {
  const list = op('list', fc.constant(null), () => fetch('http://shop/'))

  /** A page of four items, requested one by one or together. */
  const system = (together: boolean): System => ({
    nodes: {
      shop: serve(() => async () => {
        for (const item of together ? ['all'] : ['1', '2', '3', '4'])
          await fetch(`http://catalogue/${item}`).catch(() => undefined)
        return new Response('items')
      }),
      catalogue: serve(() => () => new Response('item')),
    },
    operations: [list],
    invariants: [costBudget({ calls: 3 }, list)],
  })

  test('finds one request for each item, and holds with one request for all', async () => {
    expect(await found(system(false))).toBe('too-many-requests list')
    expect(await found(system(true))).toBe('holds')
  })
})

describe('authentic', () => {
  interface Payment {
    readonly id: string
    readonly cents: number
  }
  const payment: fc.Arbitrary<Payment> = fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 9 }) })
  const sign = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('hex')
  const send = (name: string, secret: string) =>
    op(
      name,
      payment,
      (input) => {
        const body = JSON.stringify({ ...input, sentMs: performance.now() })
        return fetch('http://wallet/', {
          method: 'POST',
          body,
          headers: { signature: sign(body, secret) },
          signal: AbortSignal.timeout(5_000),
        })
      },
      { retries: 2 },
    )
  const [deliver, attack] = [send('deliver', 'secret'), send('attack', 'guess')]
  const seen = new Map<string, true>()
  const credit = journal<Payment>('credit')
  const message = ({ id, cents }: Payment) => ({ key: id, content: { cents } })

  /** A webhook that credits payments: all, or only those with a valid signature; each time, or only once. */
  const wallet = (checksSignatures: boolean, remembers: boolean) =>
    serve(() => async (request) => {
      const body = await request.text()
      if (checksSignatures && request.headers.get('signature') !== sign(body, 'secret'))
        return new Response(null, { status: 401 })
      const { id, cents } = JSON.parse(body) as Payment
      if (remembers && seen.has(id)) return new Response()
      seen.set(id, true)
      credit.add({ id, cents })
      return new Response()
    })

  function system(checksSignatures: boolean, remembers: boolean): System {
    return {
      nodes: { wallet: wallet(checksSignatures, remembers) },
      stores: [map(seen, { name: 'seen' })],
      operations: [deliver, attack],
      invariants: [authentic(deliver.as(message), credit, message)],
      tolerates: ['lose', 'duplicate'],
    }
  }

  test('finds forged messages, and messages that take effect twice', async () => {
    expect(await found(system(false, true))).toBe('forged credit')
    expect(await found(system(true, false))).toBe('replayed credit')
  })

  test('holds when signatures are checked and ids are remembered', async () => {
    expect(await found(system(true, true))).toBe('holds')
  })
})

describe('runsOncePerSlot', () => {
  const wait = op('wait', fc.constant(null), async () => {
    await pause(3_500)
    return fetch('http://left/', { signal: AbortSignal.timeout(1_000) })
  })
  const report = journal<{ readonly minute: number }>('report')
  const database = new DatabaseSync(':memory:')
  database.exec('create table claimed (minute integer primary key, by text)')
  const claim = database.prepare('insert or ignore into claimed values (?, ?)')

  /** Two schedulers with one job, each of which runs it; or whoever claims the slot first, in one statement. */
  const scheduler = (name: string, claims: boolean) =>
    serve(() => {
      setInterval(() => {
        const minute = Math.round(performance.now() / 1_000)
        const isFirst = claim.run(minute, name).changes === 1
        if (claims && !isFirst) return
        report.add({ minute })
      }, 1_000)
      return () => new Response()
    })

  const system = (claims: boolean): System => ({
    nodes: { left: scheduler('left', claims), right: scheduler('right', claims) },
    stores: [sqlite(database, { name: 'claimed' })],
    operations: [wait],
    invariants: [runsOncePerSlot(report, { everyMs: 1_000, withinMs: 200 })],
    tolerates: ['lose'],
  })

  test(
    'finds a job that two schedulers run, and holds when the first claims the slot',
    { tags: ['full'] },
    async () => {
      expect(await found(system(false))).toBe('ran-twice report')
      expect(await found(system(true))).toBe('holds')
    },
  )
})
