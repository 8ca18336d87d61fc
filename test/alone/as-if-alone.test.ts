// asIfAlone on whole explorations: each broken handler is found without a key and a model, its sound twin holds, and
// each option has a system that needs it.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actor,
  assess,
  exactlyOnce,
  journal,
  map,
  op,
  serve,
  type AssessOptions,
  type System,
} from '../../src/index.ts'
import { boundsOf } from '../../src/system/system.ts'
import { asIfAlone, type AsIfAloneOptions } from '../../src/as-if-alone.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import { effect, ends, historyOf, invoke, over, type Line } from '../check/build-history.ts'
import { found } from '../check/found.ts'

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(4_000) })

type Parts = Omit<System, 'invariants'>

describe('a charge', () => {
  const charge = journal<string>('charge')
  const charged = new Set<string>()
  const pay = op('pay', fc.uuid(), (order) => post('http://shop/', order), { retries: 1, timeout: 5_000 })
  const charging = (remembers: boolean): Parts => ({
    nodes: {
      shop: serve(() => async (request) => {
        const order = (await request.json()) as string
        if (!remembers || !charged.has(order)) charge.add(order)
        charged.add(order)
        return new Response()
      }),
    },
    stores: [map(charged, { name: 'charged' })],
    operations: [pay],
    tolerates: { except: ['crash'] },
  })

  test('that is made twice is found, with the smallest story, and the reason says what is too much', async () => {
    const assessment = await assess({ ...charging(false), invariants: [asIfAlone([charge])] })
    if (assessment.kind !== 'violated') throw new Error(assessment.kind)
    const { scenario, violation } = assessment.counterexample
    expect(scenario.workload.invocations).toHaveLength(1)
    expect(scenario.plan).toMatchObject({ faults: [{ kind: 'lose' }] })
    expect(violation.reason).toMatchObject({ kind: 'too-many', of: 'charge' })
    expect(violation.reason.text).toMatchInlineSnapshot(
      `"What is left after pay#0 is what no order of them leaves, one after the other on a perfect network. Too much: charge "00000000-0000-1000-8000-000000000000" (2, not 1). The nearest order: pay#0."`,
    )
    expect(violation.reason.events).toHaveLength(1)
  })

  test('that is made once holds', async () => {
    expect(await found({ ...charging(true), invariants: [asIfAlone([charge])] })).toBe('holds')
  })

  test('is compared where another invariant reads it', async () => {
    const once = exactlyOnce(
      pay.by((order) => order),
      charge.by((order) => order),
    )
    const { folded } = await assess({ ...charging(true), invariants: [asIfAlone(), once] })
    expect(folded.map(({ kind }) => kind)).toEqual(['holds', 'holds'])
    expect(await found({ ...charging(false), invariants: [asIfAlone(), once] })).toBe('too-many charge')
  })
})

describe('generated ids and times', () => {
  const orders = new Map<string, { readonly at: number; readonly invoice: string }>()
  const invoices = new Map<string, string>()
  const ordering = (isRight: boolean): Parts => ({
    nodes: {
      shop: serve(() => async (request) => {
        const item = await request.text()
        const [id, invoice] = [crypto.randomUUID(), crypto.randomUUID()]
        await post('http://stock/', item).catch(() => undefined)
        const isLate = request.headers.get('x-attempt') === '2'
        orders.set(id, { at: Date.now(), invoice: isRight || !isLate ? invoice : id })
        invoices.set(invoice, item)
        return new Response()
      }),
      stock: serve(() => () => new Response()),
    },
    stores: [map(orders, { name: 'orders' }), map(invoices, { name: 'invoices' })],
    operations: [
      op(
        'order',
        fc.constantFrom('tea', 'salt'),
        async (body) => {
          const send = (attempt: string) =>
            fetch('http://shop/', { method: 'POST', body, headers: { 'x-attempt': attempt } })
          const first = await send('1')
          return first.status === 503 ? send('2') : first
        },
        { timeout: 5_000 },
      ),
    ],
    tolerates: ['error', 'delay'],
  })

  test('may be others, as long as the same ids stand in the same places', async () => {
    expect(await found({ ...ordering(true), tolerates: ['delay'], invariants: [asIfAlone()] })).toBe('holds')
    expect(await found({ ...ordering(false), tolerates: ['error'], invariants: [asIfAlone()] })).not.toBe('holds')
  })
})

describe('options', () => {
  const outcome = (parts: Parts, options: AsIfAloneOptions, effects: Parameters<typeof asIfAlone>[0] = []) =>
    found({ ...parts, invariants: [asIfAlone(effects, options)] })

  test('ignore: a column that counts attempts', async () => {
    const jobs = new Map<string, { readonly done: boolean; readonly attempts: number }>()
    const run = op('run', fc.constantFrom('a', 'b'), (id) => post('http://runner/', id), { retries: 2, timeout: 5_000 })
    const counting: Parts = {
      nodes: {
        runner: serve(() => async (request) => {
          const id = (await request.json()) as string
          jobs.set(id, { done: true, attempts: (jobs.get(id)?.attempts ?? 0) + 1 })
          return new Response()
        }),
      },
      stores: [map(jobs, { name: 'jobs' })],
      operations: [run],
    }
    expect(await outcome(counting, {})).toBe('custom jobs')
    expect(await outcome(counting, { ignore: ['*.attempts'] })).toBe('holds')
    expect(await outcome(counting, { ignore: ['jobs.attempts'] })).toBe('holds')
    expect(await outcome(counting, { ignore: ['others.attempts'] })).toBe('custom jobs')
  })

  const mail = journal<string>('mail')
  const mailing = (answersEarly: boolean): Parts => ({
    nodes: {
      shop: serve(() => async (request) => {
        const to = (await request.json()) as string
        const sent = post('http://mailer/', to).catch(() => undefined)
        return answersEarly || (await sent)?.ok === true ? new Response() : new Response(null, { status: 503 })
      }),
      mailer: serve(() => async (request) => {
        mail.add((await request.json()) as string)
        return new Response()
      }),
    },
    operations: [op('tell', fc.uuid(), (to) => post('http://shop/', to), { retries: 2, timeout: 5_000 })],
  })

  test('atLeastOnce: a mail that is sent again', async () => {
    expect(await outcome(mailing(false), {}, [mail])).toBe('too-many mail')
    expect(await outcome(mailing(false), { atLeastOnce: ['mail'] }, [mail])).toBe('holds')
    expect(await outcome(mailing(true), { atLeastOnce: ['mail'] }, [mail])).toBe('missing mail')
  })

  test('atLeastOnce: a row under another generated id', async () => {
    const invoices = new Map<string, string>()
    const billing: Parts = {
      nodes: {
        shop: serve(() => async (request) => {
          invoices.set(crypto.randomUUID(), await request.text())
          return new Response()
        }),
      },
      stores: [map(invoices, { name: 'invoices' })],
      operations: [op('bill', fc.uuid(), (body) => post('http://shop/', body), { retries: 2, timeout: 5_000 })],
    }
    expect(await outcome(billing, {})).toBe('too-many invoices')
    expect(await outcome(billing, { atLeastOnce: ['invoices'] })).toBe('holds')
  })

  test('may: an answer that promises nothing', async () => {
    expect(await outcome(mailing(true), { atLeastOnce: ['mail'], may: ['tell'] }, [mail])).toBe('holds')
  })

  test('unknown: a transfer is done as a whole or not at all', async () => {
    const accounts = new Map([
      ['from', 100],
      ['to', 0],
    ])
    const transfer = op('transfer', fc.constant(10), (sum) => post('http://bank/', sum), { timeout: 5_000 })
    const moving = (isAtOnce: boolean): Parts => ({
      nodes: {
        bank: serve(() => async (request) => {
          const sum = (await request.json()) as number
          accounts.set('from', (accounts.get('from') ?? 0) - sum)
          if (!isAtOnce) await post('http://ledger/', sum).catch(() => undefined)
          accounts.set('to', (accounts.get('to') ?? 0) + sum)
          return new Response()
        }),
        ledger: serve(() => () => new Response()),
      },
      stores: [map(accounts, { name: 'accounts' })],
      operations: [transfer],
      maxOperations: 1,
      tolerates: { bank: ['crash'] },
    })
    expect(await outcome(moving(false), {})).toBe('holds')
    expect(await outcome(moving(false), { unknown: 'whole' })).toBe('custom accounts')
  })

  test('answers: a number that is given out twice shows to those who get it', async () => {
    const last = new Map([['last', 0]])
    const numbering = (isAtOnce: boolean): Parts => ({
      nodes: {
        shop: serve(() => async () => {
          const before = last.get('last') ?? 0
          if (!isAtOnce) last.set('last', before + 1)
          await post('http://prices/', null).catch(() => undefined)
          if (isAtOnce) return Response.json((last.set('last', (last.get('last') ?? 0) + 1), last.get('last')))
          return Response.json(last.get('last'))
        }),
        prices: serve(() => () => new Response()),
      },
      stores: [map(last, { name: 'last' })],
      operations: [op('next', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }), { timeout: 9_000 })],
      tolerates: ['delay'],
    })
    expect(await outcome(numbering(false), {})).toBe('holds')
    expect(await outcome(numbering(false), { answers: true })).toBe('different-answers next')
    expect(await outcome(numbering(true), { answers: true })).toBe('holds')
  })

  test('answers: an id in an answer has to be that of its row, by whatever name', async () => {
    const tickets = new Map<string, string>()
    const selling = (isRight: boolean): Parts => ({
      nodes: {
        shop: serve(() => async (request) => {
          const buyer = await request.text()
          const [id, beganMs] = [crypto.randomUUID(), performance.now()]
          await post('http://prices/', null).catch(() => undefined)
          const isSlow = performance.now() - beganMs > 1_000
          tickets.set(id, buyer)
          return Response.json({ ticket: isRight || !isSlow ? id : crypto.randomUUID() })
        }),
        prices: serve(() => () => new Response()),
      },
      stores: [map(tickets, { name: 'tickets' })],
      operations: [op('buy', fc.uuid(), (body) => fetch('http://shop/', { method: 'POST', body }))],
      clients: 1,
      maxOperations: 1,
      tolerates: ['delay'],
    })
    expect(await outcome(selling(true), { answers: true })).toBe('holds')
    expect(await outcome(selling(false), { answers: true })).toBe('custom tickets')
    expect(await outcome(selling(false), {})).toBe('holds')
  })

  test('that nobody knows are refused, with what there is', () => {
    expect(() => asIfAlone([], { ignores: [] } as AsIfAloneOptions)).toThrow('asIfAlone()')
    expect(() => asIfAlone([], { may: 'pay' as never })).toThrow('asIfAlone(): may')
    expect(() => asIfAlone([], { unknown: 'some' as never })).toThrow("unknown is \"some\"; give 'partial' or 'whole'")
    expect(() => asIfAlone('charge' as never)).toThrow('asIfAlone(): its first argument')
  })
})

test('the view of a client counts where all that this client carried out was answered ok', async () => {
  const items = new Set<string>()
  const screen = actor('screen', () => ({ shown: [] as readonly string[] }))
  const shop: Parts = {
    nodes: {
      shop: serve(() => async (request) => {
        const item = await request.text()
        if (item === 'refused') return new Response(null, { status: 409 })
        items.add(item)
        return Response.json([...items])
      }),
    },
    stores: [map(items, { name: 'items' })],
    operations: [
      screen.op('add', fc.constantFrom('tea', 'refused'), async (state, body) => {
        const response = await fetch('http://shop/', { method: 'POST', body })
        state.shown = response.ok ? ((await response.json()) as readonly string[]) : ['an error']
        return response
      }),
    ],
    tolerates: [],
  }
  const shown = screen.reads('shown', ({ shown: all }) => all)
  expect(await found({ ...shop, invariants: [asIfAlone([shown])] })).toBe('holds')
})

test('times of the history explain what the operations leave at once, too', async () => {
  const windows = new Map<string, number>()
  const counting: Parts = {
    nodes: {
      api: serve(() => () => {
        const window = `window ${Math.floor(performance.now() / 60_000)}`
        windows.set(window, (windows.get(window) ?? 0) + 1)
        return new Response()
      }),
    },
    stores: [map(windows, { name: 'windows' })],
    operations: [op('call', fc.constant(null), () => fetch('http://api/', { method: 'POST' }))],
    tolerates: [],
  }
  const options: AssessOptions = { numRuns: 50 }
  expect((await assess({ ...counting, invariants: [asIfAlone()] }, options)).kind).toBe('holds')
})

describe('one history', () => {
  const seen = journal<string>('seen')
  const judged = (...left: readonly Line[]) =>
    asIfAlone([seen]).judge?.(
      { scenario: { workload: { invocations }, plan: noFaults, seed: 1 }, history: historyOf(...left), fired: [] },
      { system: {}, run: () => Promise.resolve({ history: historyOf(invoke(0, 'go', 0), ends(1, 'ok', 0), over(2)) }) },
    )
  const invocations = [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }]

  test('that was recorded is vacuous, since nothing can be run then', () => {
    const verdict = asIfAlone([seen]).check(historyOf(invoke(0, 'go', 0), ends(1, 'ok', 0), over(2)))
    expect(verdict).toMatchObject({ kind: 'vacuous' })
  })

  test('that did not end in quiet is unknown, unless an order explains it', async () => {
    const [began, ended] = [invoke(0, 'go', 0), ends(2, 'ok', 0)]
    const more = effect(1, 'seen', 'more')
    expect(await judged(began, more, ended, over(3))).toMatchObject({ kind: 'violated' })
    expect(await judged(began, more, ended, over(3, 'recoverForMs'))).toMatchObject({
      kind: 'unknown',
      reasons: [{ kind: 'undecided' }],
    })
    expect(await judged(began, ended, over(3, 'recoverForMs'))).toMatchObject({ kind: 'holds' })
  })

  test('is unknown where operations alone do not come to rest', async () => {
    const restless = historyOf(invoke(0, 'go', 0), over(2, 'maxSteps'))
    const verdict = await asIfAlone([seen]).judge?.(
      {
        scenario: { workload: { invocations }, plan: noFaults, seed: 1 },
        history: historyOf(invoke(0, 'go', 0), effect(1, 'seen', 'more'), ends(2, 'ok', 0), over(3)),
        fired: [],
      },
      { system: {}, run: () => Promise.resolve({ history: restless }) },
    )
    expect(verdict?.kind).toBe('unknown')
  })

  test('without operations is vacuous, and so is one with more than four, of which workloads have none', async () => {
    expect(await judged(over(3))).toMatchObject({ kind: 'vacuous' })
    const many = [0, 1, 2, 3, 4]
    const verdict = await asIfAlone().judge?.(
      {
        scenario: {
          workload: { invocations: many.map((id) => ({ id, operation: 'go', client: id, afterMs: 0, input: null })) },
          plan: noFaults,
          seed: 1,
        },
        history: historyOf(...many.map((id) => invoke(id, 'go', id)), over(9)),
        fired: [],
      },
      { system: {}, run: () => Promise.reject(new Error('nothing should be run')) },
    )
    expect(verdict).toMatchObject({ kind: 'vacuous' })
    expect(boundsOf({ nodes: {}, operations: [], invariants: [asIfAlone()] }).maxOperations).toBe(4)
  })
})
