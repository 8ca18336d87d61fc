// Checkers of answers, durability, replicas and retries on whole explorations: each finds the planted bug, and its
// sound twin holds under the same invariants and options.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ackDurable,
  convergence,
  idempotentReplay,
  map,
  op,
  retryBudget,
  rows,
  serve,
  sometimes,
  type Operation,
  type System,
} from '../../src/index.ts'
import { found } from './found.ts'

interface Payment {
  readonly key: string
  readonly amount: number
}

const payment = fc.record({ key: fc.constantFrom('k-1', 'k-2'), amount: fc.constantFrom(1, 2) })

function posting<T>(name: string, arbitrary: fc.Arbitrary<T>, url: string): Operation<T> {
  return op(name, arbitrary, (input) => fetch(url, { method: 'POST', body: JSON.stringify(input) }), {
    retries: 2,
    timeout: 5_000,
  })
}

describe('idempotentReplay', () => {
  const pay = posting('pay', payment, 'http://shop/')
  const answers = new Map<string, { amount: number; id: number }>()

  /** A shop that answers from memory. `careful`: it checks that the payload is the same. */
  function system(remember: boolean, careful: boolean): System {
    const shop = serve(() => async (request) => {
      const { key, amount } = (await request.json()) as Payment
      const known = answers.get(key)
      if (careful && known !== undefined && known.amount !== amount)
        return new Response('another payload', { status: 422 })
      if (remember && known !== undefined) return Response.json({ id: known.id })
      const id = (known?.id ?? 0) + 1
      answers.set(key, { amount, id })
      return Response.json({ id })
    })
    return {
      nodes: { shop },
      stores: [map(answers, { name: 'answers' })],
      operations: [pay],
      invariants: [idempotentReplay(pay.by((p) => p.key))],
    }
  }

  test('finds a different answer, and a key that is used for another payload', async () => {
    expect(await found(system(false, true))).toBe('different-answers pay')
    expect(await found(system(true, false))).toBe('reused-key pay')
  })

  test('holds when answers are stored with their payload', async () => {
    expect(await found(system(true, true))).toBe('holds')
  })
})

describe('ackDurable', () => {
  const save = posting('save', fc.record({ id: fc.integer({ min: 1, max: 1_000 }) }), 'http://notes/')
  const disk = new Map<number, string>()
  const note = rows('note', () => [...disk.keys()].map((id) => ({ id })))

  /** Writes notes to disk before the answer, or a second after it. */
  function system(writeBehind: boolean): System {
    const notes = serve(() => async (request) => {
      const { id } = (await request.json()) as { id: number }
      if (writeBehind) setTimeout(() => disk.set(id, 'text'), 1_000)
      else disk.set(id, 'text')
      return new Response('saved')
    })
    return {
      nodes: { notes },
      stores: [map(disk, { name: 'disk' })],
      operations: [save],
      invariants: [
        ackDurable(
          save.by((s) => s.id),
          note.by((n) => n.id),
        ),
      ],
    }
  }

  test('finds a note that a crash loses after the answer', async () => {
    expect(await found(system(true))).toBe('missing note')
  })

  test('holds when the answer comes after the write', async () => {
    expect(await found(system(false))).toBe('holds')
  })
})

describe('convergence', () => {
  const put = posting('put', fc.record({ id: fc.integer({ min: 1, max: 1_000 }) }), 'http://first/')
  const [first, second] = [new Map<number, string>(), new Map<number, string>()]
  const left = rows('left', () => [...first.keys()].map((id) => ({ id })))
  const right = rows('right', () => [...second.keys()].map((id) => ({ id })))

  /** The first replica tells the second, once or until it answers. */
  function system(untilHeard: boolean): System {
    const tell = async (id: number): Promise<void> => {
      const response = await fetch('http://second/', {
        method: 'POST',
        body: JSON.stringify({ id }),
        signal: AbortSignal.timeout(1_000),
      }).catch(() => undefined)
      if (response?.ok !== true && untilHeard) {
        await new Promise((resolve) => {
          setTimeout(resolve, 2_000)
        })
        await tell(id)
      }
    }
    const nodes = {
      first: serve(() => {
        if (untilHeard) for (const id of first.keys()) void tell(id) // after a crash
        return async (request) => {
          const { id } = (await request.json()) as { id: number }
          first.set(id, 'value')
          void tell(id)
          return new Response('stored')
        }
      }),
      second: serve(() => async (request) => {
        const { id } = (await request.json()) as { id: number }
        second.set(id, 'value')
        return new Response('stored')
      }),
    }
    return {
      nodes,
      stores: [map(first, { name: 'first store' }), map(second, { name: 'second store' })],
      operations: [put],
      invariants: [
        convergence(
          [left.by((l) => l.id), right.by((r) => r.id)],
          put.by((p) => p.id),
        ),
      ],
    }
  }

  test('finds a replica that is told only once', async () => {
    expect(await found(system(false))).toBe('diverged left and right')
  })

  test('holds when it is told until it answers', async () => {
    expect(await found(system(true))).toBe('holds')
  })
})

describe('sometimes and retryBudget', () => {
  const pay = posting('pay', fc.record({ order: fc.uuid() }), 'http://shop/')

  /**
   * A shop that retries a limited number of times, with a pause in between. `listens`: it waits at least for
   * Retry-After.
   */
  function system(most: number, pauseMs: number, listens = false): System {
    const shop = serve(() => async () => {
      for (let n = 1; n <= most; n++) {
        const response = await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(3_000) }).catch(
          () => undefined,
        )
        if (response?.ok === true) return new Response('paid')
        const until = response?.headers.get('retry-after') ?? ''
        const toldMs = Number(until) * 1_000 || Date.parse(until) - Date.now() || 0
        await new Promise((resolve) => {
          setTimeout(resolve, Math.max(pauseMs, listens ? toldMs : 0))
        })
      }
      return new Response('failed', { status: 502 })
    })
    return {
      nodes: { shop, bank: serve(() => () => new Response('done')) },
      operations: [pay],
      invariants: [
        retryBudget({ attempts: 3, backoffMs: 1_000, honourRetryAfter: true, link: 'shop -> bank' }),
        sometimes('the bank was asked again', (history) =>
          history.events.some(
            (event) =>
              event.kind === 'send' && event.request === -1 && event.address.to === 'bank' && event.address.nth > 1,
          ),
        ),
      ],
    }
  }

  test('find a back-off that is too short, and a Retry-After that is ignored', async () => {
    expect(await found(system(3, 10))).toBe('retried-too-soon shop -> bank')

    const {
      invariants: [, ...others],
      ...rest
    } = system(3, 10)

    expect(
      await found({
        ...rest,
        invariants: [retryBudget({ honourRetryAfter: true }), ...others],
        tolerates: ['throttle'],
      }),
    ).toBe('retry-after-ignored shop -> bank')
  })

  test('hold when the shop waits long enough and retries', async () => {
    const patient = { ...system(3, 2_000, true), tolerates: { except: ['jump', 'skew', 'drift'] } } satisfies System

    expect(await found(patient)).toBe('holds')
  })

  test('fail when no history ever retried', async () => {
    expect(await found(system(1, 2_000))).toBe('the bank was asked again vacuous')
  })
})
