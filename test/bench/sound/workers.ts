// Sound workers: outboxes, pollers, consumers of queues, sagas. What is to be done stands in a store, and is done again
// until it is known to be done. Each says what would break it.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { http, HttpResponse } from 'msw'
import {
  always,
  atLeastOnce,
  atMostOnce,
  eventually,
  exactlyOnce,
  journal,
  map,
  monotonic,
  op,
  queueDelivery,
  requests,
  rows,
  saga,
  serve,
  sqlite,
  type System,
} from '../../../src/index.ts'
import { deliveries } from '../../../src/queues.ts'
import { runsOncePerSlot } from '../../../src/queues.ts'
import { sleep, type Sound } from './sound.ts'

const self = (id: string): string => id
const post = (url: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), ...init })
const isOk = (answer: Promise<Response>): Promise<boolean> =>
  answer.then(
    ({ ok }) => ok,
    () => false,
  )

/** Broken where the mail is sent before the commit, or without a key. */
function outbox(): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table placed (id text primary key); create table outbox (id text primary key, sent integer not null)')
  const place = db.prepare('insert or ignore into placed values (?)')
  const queue = db.prepare('insert or ignore into outbox values (?, 0)')
  const unsent = db.prepare('select id from outbox where sent = 0')
  const mark = db.prepare('update outbox set sent = 1 where id = ?')
  const url = 'https://api.mail.example/v1/send'
  const mail = requests('mail', `POST ${url}`, (request) => request.json() as Promise<string>, {
    replays: 'idempotency-key',
  })
  const order = op('order', fc.uuid(), (id) => post('http://shop/', id), { retries: 2, timeout: 5_000 })
  const shop = async (request: Request): Promise<Response> => {
    const id = (await request.json()) as string
    db.exec('begin immediate')
    place.run(id)
    queue.run(id)
    db.exec('commit')
    return new Response(null, { status: 202 })
  }
  const worker = () => {
    const send = async (): Promise<void> => {
      for (const { id } of unsent.all() as { id: string }[]) {
        const init = { headers: { 'idempotency-key': id }, signal: AbortSignal.timeout(5_000) }
        if (await isOk(post(url, id, init))) mark.run(id)
      }
      setTimeout(() => void send(), 1_000)
    }
    void send()
    return () => new Response('up')
  }
  return {
    nodes: { shop: serve(() => shop), worker: serve(worker) },
    outside: [http.post(url, () => HttpResponse.json({ id: 'm_1' }))],
    stores: [sqlite(db)],
    operations: [order],
    invariants: [exactlyOnce(order.by(self), mail.by(self))],
  }
}

type Job = 'waiting' | 'done'

/** A broker that gives the same job until it hears that it is done. */
function jobs() {
  const queue = new Map<string, Job>()
  const broker = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const id = (await request.json()) as string | null
    if (pathname === '/take') return Response.json([...queue].find(([, state]) => state === 'waiting')?.[0] ?? null)
    if (id !== null && pathname === '/add' && !queue.has(id)) queue.set(id, 'waiting')
    if (id !== null && pathname === '/done') queue.set(id, 'done')
    return new Response(null, { status: 204 })
  }
  const add = op('add', fc.uuid(), (id) => post('http://broker/add', id), { retries: 1, timeout: 5_000 })
  const done = rows('done', () => [...queue].flatMap(([id, state]) => (state === 'done' ? [id] : [])))
  const waiting = rows('waiting', () => [...queue].filter(([, state]) => state === 'waiting'))
  const take = async (): Promise<void> => {
    const answer = await post('http://broker/take', null, { signal: AbortSignal.timeout(5_000) })
    const id = (await answer.json()) as string | null
    if (answer.ok && id !== null) await post('http://broker/done', id, { signal: AbortSignal.timeout(5_000) })
  }
  const system = (loop: (takeOne: () => Promise<unknown>) => unknown): System => ({
    nodes: {
      broker: serve(() => broker),
      worker: serve(() => {
        loop(() => take().catch(() => undefined))
        return () => new Response('up')
      }),
    },
    stores: [map(queue)],
    operations: [add],
    invariants: [
      atLeastOnce(add.by(self), done.by(self)),
      eventually('no job waits', waiting, (all) => all.length === 0),
    ],
  })
  return system
}

/** Broken where an error ends the loop. */
function endlessLoop(): System {
  return jobs()(async (take) => {
    for (;;) {
      await take()
      await sleep(1_000)
    }
  })
}

/** Broken where a job counts as done once it was given out. */
function interval(): System {
  return jobs()((take) => setInterval(() => void take(), 2_000))
}

/**
 * Broken where a failed attempt is not repeated, or not after a restart. One process at a time is part of the claim:
 * what one that was replaced accepts before it ends is seen by nobody.
 */
function sender(): System {
  const outgoing = new Map<string, string>()
  const inbox = new Map<string, string>()
  const boot = () => {
    const send = async (id: string): Promise<void> => {
      const init = { signal: AbortSignal.timeout(5_000) }
      if (await isOk(post('http://receiver/', id, init))) outgoing.delete(id)
      else setTimeout(() => void send(id), 3_000)
    }
    for (const id of outgoing.keys()) void send(id)
    return async (request: Request): Promise<Response> => {
      const id = (await request.json()) as string
      outgoing.set(id, id)
      void send(id)
      return new Response(null, { status: 202 })
    }
  }
  const receiver = async (request: Request): Promise<Response> => {
    const id = (await request.json()) as string
    inbox.set(id, id)
    return new Response()
  }
  const put = op('put', fc.uuid(), (id) => post('http://sender/', id))
  return {
    nodes: { sender: serve(boot), receiver: serve(() => receiver) },
    stores: [map(outgoing, { name: 'outgoing' }), map(inbox, { name: 'inbox' })],
    operations: [put, put],
    invariants: [atLeastOnce(put.by(self), rows('arrived', () => [...inbox.keys()]).by(self))],
    tolerates: { except: ['pause'] },
  }
}

/** Broken where a message is handled before it is looked up. */
function consumer(): System {
  const log = new Map<string, string>()
  const handled = new Map<string, string>()
  const broker = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json([...log.keys()])
    const id = (await request.json()) as string
    log.set(id, id)
    return new Response(null, { status: 204 })
  }
  const boot = () => {
    const poll = async (): Promise<void> => {
      const ids: unknown = await fetch('http://broker/', { signal: AbortSignal.timeout(3_000) }).then(
        (answer) => (answer.ok ? answer.json() : []),
        () => [],
      )
      for (const id of ids as string[]) if (!handled.has(id)) handled.set(id, id)
    }
    setInterval(() => void poll().catch(() => undefined), 5_000)
    return () => new Response('up')
  }
  const publish = op('publish', fc.uuid(), (id) => post('http://broker/', id), { retries: 2, timeout: 4_000 })
  return {
    nodes: { broker: serve(() => broker), consumer: serve(boot) },
    stores: [map(log, { name: 'log' }), map(handled, { name: 'handled' })],
    operations: [publish],
    invariants: [queueDelivery(publish.by(self), rows('seen', () => [...handled.keys()]).by(self))],
  }
}

/**
 * Broken where a slot is looked up, and taken in a second statement. Nodes that live, and keep time, are part of the
 * claim: nobody runs what was slept through.
 */
function reports(): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table slot (n integer primary key)')
  const take = db.prepare('insert or ignore into slot values (?)')
  const report = journal<number>('report')
  const boot = () => {
    let slot = 0
    setInterval(() => {
      const mine = slot++
      if (take.run(mine).changes === 1) report.add(mine)
    }, 1_000)
    return () => new Response('up')
  }
  const watch = op('watch', fc.constant(null), async () => {
    await sleep(3_500)
    return fetch('http://reporter/')
  })
  return {
    nodes: { reporter: serve(boot, { instances: 2 }) },
    stores: [sqlite(db)],
    operations: [watch],
    invariants: [runsOncePerSlot(report, { everyMs: 1_000, withinMs: 500, slot: (slot) => slot })],
    tolerates: ['lose', 'delay'],
    recoverForMs: 20_000, // it would never end by itself
  }
}

const events = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), version: fc.integer({ min: 1, max: 5 }) }))

/** Broken where each delivery counts. */
function credits(): System {
  const kept = new Map<string, number>()
  const received = async (event: { id: string; version: number }): Promise<void> => {
    await sleep(10)
    kept.set(event.id, event.version)
  }
  const credit = rows('credit', () => [...kept.keys()])
  return deliveries(received, events, (deliver) => ({
    stores: [map(kept)],
    invariants: [
      exactlyOnce(
        deliver.by(({ id }) => id),
        credit.by(self),
      ),
      atMostOnce(credit.by(self)),
    ],
  }))
}

/** Broken where the events are taken in the order in which they come. */
function ordered(): System {
  const kept = new Map<string, number>()
  const state = rows('state', () => [...kept], { everyCommit: true })
  const received = async ({ id, version }: { id: string; version: number }): Promise<void> => {
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(id))
    if (version > (kept.get(id) ?? 0)) kept.set(id, version)
  }
  return deliveries(received, events, {
    stores: [map(kept)],
    invariants: [monotonic(state, ([id]) => id, { version: ([, version]) => version })],
  })
}

interface Message {
  readonly messageId: string
  readonly cents: number
}

/** Broken where a message that failed is not named, or where a message that comes again counts again. */
function batches(): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table entry (id text primary key, cents integer not null)')
  const insert = db.prepare('insert or ignore into entry values (?, ?)')
  const all = db.prepare('select id, cents from entry')
  const consume = async ({ Records }: { Records: readonly Message[] }) => {
    const failed = new Array<{ itemIdentifier: string }>()
    for (const { messageId, cents } of Records) {
      const isKnown = await isOk(fetch('https://rates.example/eur', { signal: AbortSignal.timeout(2_000) }))
      if (isKnown) insert.run(messageId, cents)
      else failed.push({ itemIdentifier: messageId })
    }
    return { batchItemFailures: failed }
  }
  const message = fc.record({ messageId: fc.uuid(), cents: fc.constant(5) })
  const batch = fc.record({ Records: fc.array(message, { minLength: 1, maxLength: 3 }) })
  const entry = rows('entry', () => all.all() as { id: string; cents: number }[])
  return deliveries(consume, fc.array(batch), (deliver) => ({
    stores: [sqlite(db)],
    outside: [http.get('https://rates.example/eur', () => HttpResponse.json(1))],
    invariants: [
      atLeastOnce(
        deliver.by(({ Records }) => Records[0]?.messageId ?? ''),
        entry.by(({ id }) => id),
      ),
      always('each entry is of 5 cents', entry, (entries) => entries.every(({ cents }) => cents === 5)),
    ],
  }))
}

type Step = 'done' | 'undone'

/** A service of one step: what was undone is not done any more, however late the request comes. */
function stepService(steps: Map<string, Step>, isFull: (trip: string) => boolean) {
  return async (request: Request): Promise<Response> => {
    const trip = (await request.json()) as string
    if (new URL(request.url).pathname === '/cancel') {
      steps.set(trip, 'undone')
      return new Response(null, { status: 204 })
    }
    if (isFull(trip) || steps.get(trip) === 'undone') return new Response(null, { status: 409 })
    steps.set(trip, 'done')
    return new Response(null, { status: 201 })
  }
}

/**
 * Broken where only the process that accepted a trip goes on with it (a crash ends that; one that was replaced may
 * accept one more), or where a late booking follows its cancellation.
 */
function trips(): System {
  const flights = new Map<string, Step>()
  const hotels = new Map<string, Step>()
  const open = new Map<string, 'booking' | 'cancelling'>()
  const ask = async (url: string, trip: string): Promise<number> =>
    post(url, trip, { signal: AbortSignal.timeout(3_000) }).then(
      ({ status }) => status,
      () => 0,
    )
  const boot = () => {
    const go = async (trip: string): Promise<void> => {
      if (open.get(trip) === 'booking') {
        const flight = await ask('http://flights/book', trip)
        const hotel = flight === 201 ? await ask('http://hotels/book', trip) : flight
        if (flight === 201 && hotel === 201) open.delete(trip)
        if (flight === 409 || hotel === 409) open.set(trip, 'cancelling')
      }
      if (open.get(trip) === 'cancelling') {
        const hotel = await ask('http://hotels/cancel', trip)
        const flight = await ask('http://flights/cancel', trip)
        if (flight === 204 && hotel === 204) open.delete(trip)
      }
    }
    setInterval(() => {
      for (const trip of open.keys()) void go(trip)
    }, 10_000)
    return async (request: Request): Promise<Response> => {
      const trip = (await request.json()) as string
      if (!open.has(trip)) {
        open.set(trip, 'booking')
        void go(trip)
      }
      return new Response(null, { status: 202 })
    }
  }
  const book = op('book', fc.uuid(), (trip) => post('http://agency/', trip))
  const step = (name: string, steps: Map<string, Step>, state: Step) =>
    rows(name, () => [...steps].flatMap(([trip, now]) => (now === state ? [trip] : []))).by(self)
  return {
    nodes: {
      agency: serve(boot),
      flights: serve(() => stepService(flights, () => false)),
      hotels: serve(() => stepService(hotels, (trip) => trip.charCodeAt(0) % 2 === 1)),
    },
    stores: [map(flights, { name: 'seats' }), map(hotels, { name: 'rooms' }), map(open, { name: 'open' })],
    operations: [book],
    invariants: [
      saga([
        { done: step('flight', flights, 'done'), undone: step('noFlight', flights, 'undone') },
        { done: step('hotel', hotels, 'done'), undone: step('noHotel', hotels, 'undone') },
      ]),
    ],
  }
}

export const workers: readonly Sound[] = [
  { name: 'an outbox', system: outbox, polls: true },
  { name: 'a worker in an endless loop', system: endlessLoop, polls: true },
  { name: 'a worker by an interval', system: interval, polls: true },
  { name: 'a sender that does not give up', system: sender },
  { name: 'a consumer that knows what it handled', system: consumer, polls: true },
  { name: 'reports, once for both instances', system: reports, polls: true },
  { name: 'credits by deliveries', system: credits },
  { name: 'versions by deliveries', system: ordered },
  { name: 'batches whose failures are named', system: batches },
  { name: 'trips that are cancelled', system: trips, polls: true },
]
