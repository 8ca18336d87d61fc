// Sound receivers of requests that may come twice: webhooks, orders with a key, documents that are put. Each says what
// would break it.
import { createGunzip } from 'node:zlib'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { http, HttpResponse } from 'msw'
import {
  ackDurable,
  always,
  atMostOnce,
  authentic,
  exactlyOnce,
  idempotentReplay,
  map,
  monotonic,
  noHang,
  noPhantom,
  op,
  port,
  requests,
  rows,
  serve,
  sqlite,
  store,
  traced,
} from '../../../src/index.ts'
import type { Sound } from './sound.ts'

interface Credit {
  readonly id: string
  readonly cents: number
}

const credit = fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 9 }) })
const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
const readCredit = (request: Request): Promise<Credit> => request.json() as Promise<Credit>
const idOf = ({ id }: { readonly id: string }): string => id
const delivering = () => op('deliver', credit, (c) => post('http://wallet/', c), { retries: 3, timeout: 10_000 })

/** Broken without the primary key. */
function uniqueKey() {
  const db = new DatabaseSync(':memory:')
  db.exec('create table credit (id text primary key, cents integer not null)')
  const insert = db.prepare('insert or ignore into credit values (?, ?)')
  const all = db.prepare('select id, cents from credit')
  const deliver = delivering()
  const receive = async (request: Request): Promise<Response> => {
    const { id, cents } = await readCredit(request)
    insert.run(id, cents)
    return new Response(null, { status: 204 })
  }
  return {
    nodes: { wallet: serve(() => receive) },
    stores: [sqlite(db)],
    operations: [deliver],
    invariants: [exactlyOnce(deliver.by(idOf), rows('credit', () => all.all() as unknown as Credit[]).by(idOf))],
  }
}

/** Broken where "seen" is committed before the entry: a crash in between loses the entry. */
function seenAndEntry() {
  const db = new DatabaseSync(':memory:')
  db.exec('create table seen (id text primary key); create table entry (id text not null, cents integer not null)')
  const see = db.prepare('insert or ignore into seen values (?)')
  const enter = db.prepare('insert into entry values (?, ?)')
  const all = db.prepare('select id, cents from entry')
  const deliver = delivering()
  const receive = async (request: Request): Promise<Response> => {
    const { id, cents } = await readCredit(request)
    db.exec('begin immediate')
    if (see.run(id).changes === 1) enter.run(id, cents)
    db.exec('commit')
    return new Response(null, { status: 204 })
  }
  const entered = rows('entry', () => all.all() as unknown as Credit[]).by(idOf)
  return {
    nodes: { wallet: serve(() => receive, { instances: 2 }) },
    stores: [sqlite(db)],
    operations: [deliver],
    invariants: [exactlyOnce(deliver.by(idOf), entered), noPhantom(deliver.by(idOf), entered)],
  }
}

/** Broken where the signature is not looked at: what was forged is credited. */
function signed() {
  const credits = new Map<string, Credit>()
  const key = (secret: string): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
      'verify',
    ])
  const send = (secret: string) => async (c: Credit) => {
    const body = JSON.stringify(c)
    const signature = await crypto.subtle.sign('HMAC', await key(secret), new TextEncoder().encode(body))
    return post('http://wallet/', c, { signature: Buffer.from(signature).toString('hex') })
  }
  const deliver = op('deliver', credit, send('ours'), { retries: 2, timeout: 5_000 })
  const forge = op('forge', credit, send('theirs'))
  const receive = async (request: Request): Promise<Response> => {
    const body = await request.text()
    const signature = Buffer.from(request.headers.get('signature') ?? '', 'hex')
    if (!(await crypto.subtle.verify('HMAC', await key('ours'), signature, new TextEncoder().encode(body))))
      return new Response(null, { status: 401 })
    const received = JSON.parse(body) as Credit
    credits.set(received.id, received)
    return new Response(null, { status: 204 })
  }
  return {
    nodes: { wallet: serve(() => receive) },
    stores: [map(credits)],
    operations: [deliver, forge],
    invariants: [
      authentic(
        deliver.as(({ id, cents }) => ({ key: id, content: cents })),
        rows('credit', () => [...credits.values()]),
        ({ id, cents }) => ({ key: id, content: cents }),
      ),
    ],
  }
}

/** Broken where the payload is not compared, or where the answer is made anew. */
function keyAndPayload() {
  const db = new DatabaseSync(':memory:')
  db.exec('create table answer (key text primary key, digest text not null, body text not null)')
  const insert = db.prepare('insert or ignore into answer values (?, ?, ?)')
  const find = db.prepare('select digest, body from answer where key = ?')
  const app = new Hono().post('/payments', async (c) => {
    const key = c.req.header('idempotency-key') ?? ''
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', await c.req.arrayBuffer())).toString('hex')
    insert.run(key, digest, crypto.randomUUID())
    const known = find.get(key)
    return known?.['digest'] === digest ? c.text(String(known['body'])) : c.text('another payment', 422)
  })
  const payment = fc.record({ key: fc.constant('a'), cents: fc.constantFrom(1, 2) })
  const pay = op(
    'pay',
    payment,
    ({ key, cents }) => post('http://bank/payments', { cents }, { 'idempotency-key': key }),
    { retries: 1, timeout: 3_000, doubleSubmit: true },
  )
  return {
    nodes: { bank: serve(() => app, { instances: 2 }) },
    stores: [sqlite(db)],
    operations: [pay, pay],
    maxOperations: 20,
    invariants: [idempotentReplay(pay.by(({ key }) => key))],
  }
}

/** Broken where no idempotency key is passed on. */
function keyAtProvider() {
  const charges = 'POST https://api.payments.example/v1/charges'
  const charged = requests('charge', charges, readCredit, { replays: 'idempotency-key' })
  const pay = op('pay', credit, (c) => post('http://shop/', c), { retries: 2, timeout: 5_000 })
  const shop = async (request: Request): Promise<Response> => {
    const order = await readCredit(request)
    const { ok } = await post('https://api.payments.example/v1/charges', order, { 'idempotency-key': order.id })
    return new Response(null, { status: ok ? 201 : 502 })
  }
  return {
    nodes: { shop: serve(() => shop) },
    outside: [http.post('https://api.payments.example/v1/charges', () => HttpResponse.json({ id: 'ch_1' }))],
    operations: [pay],
    invariants: [exactlyOnce(pay.by(idOf), charged.by(idOf))],
  }
}

/** Broken where it answers before it writes. */
function putNotes() {
  const notes = new Map<string, string>()
  const save = op(
    'save',
    fc.record({ id: fc.uuid() }),
    ({ id }) => fetch(`http://notes/${id}`, { method: 'PUT', body: id }),
    {
      retries: 1,
      timeout: 2_000,
    },
  )
  const PUT = async (request: Request): Promise<Response> => {
    notes.set(new URL(request.url).pathname.slice(1), await request.text())
    return new Response(null, { status: 204 })
  }
  const note = rows('note', () => [...notes.keys()])
  return {
    nodes: { notes: serve(() => ({ PUT })) },
    stores: [map(notes)],
    operations: [save],
    probe: [save],
    invariants: [
      ackDurable(
        save.by(idOf),
        note.by((id) => id),
      ),
      noHang(),
    ],
  }
}

/** Broken where what arrived of a stream is kept although the stream broke. */
function zipped() {
  const texts = new Map<string, string>()
  const upload = op(
    'upload',
    fc.uuid(),
    async (id) => {
      const body = new Blob([id.repeat(20)]).stream().pipeThrough(new CompressionStream('gzip'))
      return fetch(`http://files/${id}`, { method: 'POST', body: await new Response(body).arrayBuffer() })
    },
    { retries: 1, timeout: 3_000 },
  )
  const receive = async (request: Request): Promise<Response> => {
    const unzip = createGunzip()
    unzip.end(Buffer.from(await request.arrayBuffer()))
    let text = ''
    for await (const chunk of unzip) text += String(chunk)
    texts.set(new URL(request.url).pathname.slice(1), text)
    return new Response(null, { status: 201 })
  }
  const kept = rows('text', () => [...texts])
  return {
    nodes: { files: serve(() => receive) },
    stores: [map(texts)],
    operations: [upload],
    invariants: [
      ackDurable(
        upload.by((id) => id),
        kept.by(([id]) => id),
      ),
      always('each text is whole', kept, (all) => all.every(([id, text]) => text === id.repeat(20))),
    ],
  }
}

/** Broken where a change is taken as it comes: an older one that comes late undoes a newer one. */
function newestVersion() {
  const db = new DatabaseSync(':memory:')
  db.exec('create table plan (customer text primary key, version integer not null)')
  const upsert = db.prepare(
    'insert into plan values (?, ?) on conflict do update set version = excluded.version where version < excluded.version',
  )
  const all = db.prepare('select customer, version from plan')
  const change = fc.record({ customer: fc.constantFrom('ada', 'bob'), version: fc.integer({ min: 1, max: 9 }) })
  type Change = { customer: string; version: number }
  const tell = op('tell', change, (c) => post('http://billing/', c), { retries: 2, timeout: 4_000 })
  const receive = async (request: Request): Promise<Response> => {
    const { customer, version } = (await request.json()) as Change
    upsert.run(customer, version)
    return new Response(null, { status: 204 })
  }
  const plans = rows('plan', () => all.all() as unknown as Change[], { everyCommit: true })
  return {
    nodes: { billing: serve(() => receive, { instances: 2 }) },
    stores: [sqlite(db)],
    operations: [tell],
    invariants: [
      monotonic(plans, ({ customer }) => customer, { version: ({ version }) => version }),
      ackDurable(
        tell.by(({ customer }) => customer),
        plans.by(({ customer }) => customer),
      ),
    ],
  }
}

/** Broken where the mailer gets no key, or forgets it. */
function mailerPort() {
  const sent = new Array<{ key: string }>()
  const mailer = port('mailer', {
    async send(mail: { key: string }) {
      if (!sent.some(({ key }) => key === mail.key)) sent.push(mail)
    },
  })
  const order = op('order', fc.uuid(), (id) => fetch(`http://shop/${id}`, { method: 'POST' }), {
    retries: 2,
    timeout: 5_000,
  })
  const shop = async (request: Request): Promise<Response> => {
    await mailer.send({ key: new URL(request.url).pathname.slice(1) })
    return new Response()
  }
  const mail = rows('mail', () => sent)
  return {
    nodes: { shop: serve(() => shop) },
    stores: [store('sent', { reset: () => void sent.splice(0) })],
    operations: [order],
    invariants: [
      exactlyOnce(
        order.by((id) => id),
        mail.by(({ key }) => key),
      ),
    ],
  }
}

/** Broken where an entry is pushed without a look at what is there. */
function plainArray() {
  const entries = new Array<string>()
  const add = op('add', fc.uuid(), (id) => fetch('http://log/', { method: 'POST', body: id }), { retries: 3 })
  const receive = async (request: Request): Promise<Response> => {
    const id = await request.text()
    if (!entries.includes(id)) entries.push(id)
    return new Response('kept')
  }
  const entry = rows('entry', () => entries)
  return {
    nodes: { log: serve(() => receive) },
    stores: [
      store('entries', {
        reset: () => void entries.splice(0),
        snapshot: () => [...entries],
        restore: (all) => void entries.splice(0, Infinity, ...all),
      }),
    ],
    operations: [add],
    invariants: [
      atMostOnce(entry.by((id) => id)),
      ackDurable(
        add.by((id) => id),
        entry.by((id) => id),
      ),
    ],
  }
}

/** Broken where the shop does not hand the header on. */
function tracing() {
  const trace = fc.uuid().map((id) => `00-${id.replaceAll('-', '')}-00f067aa0ba902b7-01`)
  const buy = op('buy', trace, (traceparent) => fetch('http://shop/', { method: 'POST', headers: { traceparent } }), {
    retries: 1,
    timeout: 2_000,
  })
  const shop = (request: Request): Promise<Response> =>
    fetch('http://stock/', { headers: { traceparent: request.headers.get('traceparent') ?? '' } })
  return {
    nodes: { shop: serve(() => shop), stock: serve(() => () => new Response('1')) },
    operations: [buy],
    invariants: [traced()],
  }
}

export const receivers: readonly Sound[] = [
  { name: 'a webhook with a unique key', system: uniqueKey },
  { name: 'a webhook whose key and entry are one transaction, on two instances', system: seenAndEntry },
  { name: 'a signed webhook', system: signed },
  { name: 'an idempotency key with its payload, in Hono', system: keyAndPayload },
  { name: 'an idempotency key that is passed on', system: keyAtProvider },
  { name: 'notes that are put', system: putNotes },
  { name: 'zipped uploads', system: zipped },
  { name: 'the newest version wins, on two instances', system: newestVersion },
  { name: 'a mailer with a key, as a port', system: mailerPort },
  { name: 'an array that is reset', system: plainArray },
  { name: 'a trace that is handed on', system: tracing },
]
