// What no arrow shows and the story tells all the same: who waits for what, what an answer said, and what came too
// late.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, eventually, formatAssessment, map, noHang, op, rows, serve, type System } from 'two-generals'
import { deliveries } from 'two-generals/queues'
import { asItIs, naming } from '../../examples/stale-read.ts'

/** The report, its labelled lines unwrapped. */
async function report(system: System): Promise<string> {
  const assessment = await assess(system, { seed: 1 })
  expect(assessment.kind).toBe('violated')
  return formatAssessment(assessment, { test: 'a test' }).replaceAll(/\n {12}(?=\S)/g, ' ')
}

type Transfer = (from: string, to: string) => Promise<unknown>

const seen = new Map<string, number>()

/** Two transfers take the same two locks in opposite orders, and wait for each other for ever. */
function bankOf(boot: () => Transfer): System {
  const transfer = op('transfer', fc.constantFrom('ab', 'ba'), (way) => fetch(`http://bank/${way}`))
  const bank = serve(() => {
    const move = boot()
    return async (request: Request): Promise<Response> => {
      const [from = '', to = ''] = new URL(request.url).pathname.slice(1)
      await move(from, to)
      return new Response()
    }
  })
  return {
    nodes: { bank },
    operations: [transfer],
    stores: [map(seen, { name: 'seen' })],
    invariants: [noHang()],
    tolerates: [],
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}

/** A lock in memory: gives what releases it. */
function mutex(): () => Promise<() => void> {
  let last = Promise.resolve()
  return async () => {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return resolve
  }
}

test('a deadlock by locks in memory: what each handler called last, and that none of its calls is open', async () => {
  const story = await report(
    bankOf(() => {
      const locks: Readonly<Record<string, () => Promise<() => void>>> = { a: mutex(), b: mutex() }
      return async (from, to) => {
        const releaseFrom = await locks[from]?.()
        seen.get(from)
        await pause()
        const releaseTo = await locks[to]?.()
        releaseTo?.()
        releaseFrom?.()
      }
    }),
  )

  for (const client of [0, 1])
    expect(story).toContain(
      `bank has not answered transfer of client ${client}, which arrived at 0.020: its last call was get seen at ` +
        '0.020, and none is open, so it waits for something in its own memory',
    )
})

test('a deadlock by navigator.locks: which lock each waits for, who has it, and since when', async () => {
  const story = await report(
    bankOf(
      () => (from, to) =>
        navigator.locks.request(from, async () => {
          await pause()
          await navigator.locks.request(to, () => undefined)
        }),
    ),
  )

  expect(story).toMatch(/0\.040 .* waits for lock "[ab]" of transfer#1/)
  expect(story).toMatch(
    /transfer of client 0, which arrived at 0\.020: it waits for lock "[ab]", which transfer of client 1 has, since 0\.040/,
  )
})

test('a lock that was granted is not what a handler waits for', async () => {
  const story = await report(
    bankOf(
      () => () =>
        navigator.locks.request('one', async () => {
          await pause()
          return new Promise(() => {})
        }),
    ),
  )

  expect(story).toMatch(/bank has not answered transfer .*: it has called nobody, so it waits for something in its own/)
})

test('handlers that wait for others: which call got no answer', async () => {
  const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
  const asking = async (): Promise<Response> => {
    await fetch('http://bank/', { signal: AbortSignal.timeout(1_000) }).catch(() => new Promise(() => {}))
    return new Response()
  }
  const story = await report({
    nodes: { shop: serve(() => asking), bank: serve(() => () => new Promise<Response>(() => {})) },
    operations: [ask],
    invariants: [noHang()],
    tolerates: [],
  })

  expect(story).toMatch(/shop has not answered ask of client 0, .*: its GET \/ to bank, sent at 0\.020, got no answer/)
  expect(story).toMatch(/bank has not answered GET \/ of shop, which arrived at 0\.040: it has called nobody/)
})

test('of answers that are not ok, the body of each that differs from the one before', async () => {
  const ask = op('ask', fc.constant(null), () => fetch('http://shop/'))
  const asking = async (): Promise<Response> => {
    const [first, , last] = [await fetch('http://bank/'), await fetch('http://bank/'), await fetch('http://bank/')]
    throw new Error(`${first.status} ${last.status}`)
  }
  const shop = serve(() => async () => asking().catch(() => new Promise<Response>(() => {})))
  const bank = serve(() => () => Response.json({ lacks: 'an account' }, { status: 422 }))
  const story = await report({ nodes: { shop, bank }, operations: [ask], invariants: [noHang()], tolerates: [] })

  expect(story.match(/422 --\|/g)).toHaveLength(3)
  expect(story.match(/answer: \{"lacks":"an account"\}/g)).toHaveLength(1)
})

test('of a provider that gives up: what the handler threw, and where', async () => {
  const failing = (): never => {
    throw new RangeError('no such account')
  }
  const story = await report(deliveries(failing, fc.constant([{ id: 'a' }])))

  expect(story.match(/\. the handler threw RangeError: no such acc/g)?.length).toBeGreaterThan(0)
  expect(story).toMatch(
    /"handler" threw RangeError: no such account at \S*unseen-cause\.test\.ts:\d+, so that its event/,
  )
})

const jobs = new Map<string, 'waiting' | 'done'>()

test('the answer that brought a job to a worker, which then did nothing', async () => {
  const broker = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json([...jobs.keys()])
    jobs.set(await request.text(), 'waiting')
    return new Response('ok')
  }
  const worker = (): (() => Response) => {
    setInterval(() => void fetch('http://broker/').catch(() => undefined), 1_000)
    return () => new Response()
  }
  const waiting = rows('waiting', () => [...jobs.keys()])
  const story = await report({
    nodes: { broker: serve(() => broker), worker: serve(worker) },
    stores: [map(jobs, { name: 'jobs' })],
    operations: [op('add', fc.uuid(), (id) => fetch('http://broker/', { method: 'POST', body: id }))],
    invariants: [eventually('no job waits', waiting, (all) => all.length === 0)],
    tolerates: [],
  })

  expect(story).toMatch(/1\.020 .*\|-- 200 -+>\| .*answer: \["add#0"\]/)
  expect(story).toMatch(/\.\.\. .*the same again/)
})

test('a change that came too late for a read', async () => {
  const story = await report(naming(asItIs))

  expect(story).toMatch(/look ok at 0\.080/)
  expect(story).toMatch(/0\.540 .*-- set -+>\* +wrote name rename#0/)
  expect(story).not.toContain('the same again')
})
