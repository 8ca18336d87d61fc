// Sound services of two instances that share one database: what is decided, is decided by one statement or in one
// transaction. Each says what would break it.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import {
  atMostOnce,
  conservation,
  counterBounds,
  journal,
  mutualExclusion,
  noLostUpdate,
  noOversell,
  op,
  rows,
  serializable,
  serve,
  sqlite,
  strictSerializable,
  uniqueIds,
  type System,
} from '../../../src/index.ts'
import { sleep, type Sound } from './sound.ts'

const two = { instances: 2 }
const send = (body: unknown = null): Promise<Response> =>
  fetch('http://shop/', { method: 'POST', body: JSON.stringify(body) })

function opened(schema: string): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  return db
}

/** A service of two instances on one database. */
function service(
  db: DatabaseSync,
  handler: (request: Request) => Promise<Response>,
  parts: Pick<System, 'operations' | 'invariants'>,
): System {
  return { nodes: { shop: serve(() => handler, two) }, stores: [sqlite(db)], maxOperations: 20, ...parts }
}

/** Broken where it reads how many are left, and writes one less. */
function lastTicket(): System {
  const db = opened(
    'create table seat (left integer); insert into seat values (2); create table sale (buyer text primary key)',
  )
  const take = db.prepare('update seat set left = left - 1 where left > 0')
  const sell = db.prepare('insert or ignore into sale values (?)')
  const all = db.prepare('select buyer from sale')
  const buy = op('buy', fc.uuid(), (buyer) => send(buyer), { retries: 1, timeout: 3_000 })
  const sold = rows('sale', () => all.all())
  const handler = async (request: Request): Promise<Response> => {
    const buyer = (await request.json()) as string
    db.exec('begin immediate')
    const isNew = sell.run(buyer).changes === 1
    const isSold = !isNew || take.run().changes === 1
    db.exec(isSold ? 'commit' : 'rollback')
    return new Response(null, { status: isSold ? 201 : 409 })
  }
  return service(db, handler, {
    operations: [buy],
    invariants: [
      noOversell(
        sold.by(() => 'seat'),
        { stock: 2 },
      ),
    ],
  })
}

/** Broken without the transaction: between the two updates a crash, or another reader, sees money that is nowhere. */
function transfers(): System {
  const db = opened("create table account (id text, cents integer); insert into account values ('a', 50), ('b', 50)")
  const take = db.prepare('update account set cents = cents - ? where id = ? and cents >= ?')
  const give = db.prepare('update account set cents = cents + ? where id = ?')
  const all = db.prepare('select id, cents from account')
  const order = fc.record({ from: fc.constantFrom('a', 'b'), cents: fc.integer({ min: 1, max: 60 }) })
  const move = op('move', order, (o) => send(o))
  const handler = async (request: Request): Promise<Response> => {
    const { from, cents } = (await request.json()) as { from: string; cents: number }
    db.exec('begin immediate')
    const isDone = take.run(cents, from, cents).changes === 1
    if (isDone) give.run(cents, from === 'a' ? 'b' : 'a')
    db.exec(isDone ? 'commit' : 'rollback')
    return new Response(null, { status: isDone ? 200 : 409 })
  }
  const accounts = rows('account', () => all.all() as { cents: number }[], { everyCommit: true })
  return service(db, handler, {
    operations: [move],
    invariants: [conservation(accounts, ({ cents }) => cents, { total: 100 })],
  })
}

/** Broken where a version is compared first, and the text is written in a second statement. */
function ifMatch(): System {
  const db = opened("create table doc (id text, value text, version integer); insert into doc values ('d', null, 0)")
  const read = db.prepare('select value, version from doc')
  const write = db.prepare('update doc set value = ?, version = version + 1 where version = ?')
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(read.get())
    const { value, version } = (await request.json()) as { value: string; version: number }
    return new Response(null, { status: write.run(value, version).changes === 1 ? 200 : 412 })
  }
  const edit = op('edit', fc.uuid(), async (value) => {
    const before = (await (await fetch('http://shop/')).json()) as { value: string | null; version: number }
    const answer = await send({ value, version: before.version })
    return answer.ok ? { before: before.value } : answer
  })
  return service(db, handler, {
    operations: [edit],
    invariants: [
      noLostUpdate([
        edit.as((value, answer) => [
          ['r', 'd', answer !== undefined && 'before' in answer ? answer.before : undefined],
          ['w', 'd', value],
        ]),
      ]),
    ],
  })
}

/** Broken where it reads the number, and writes one more. */
function likes(): System {
  const db = opened('create table likes (n integer); insert into likes values (0)')
  const add = db.prepare('update likes set n = n + 1')
  const read = db.prepare('select n from likes')
  const handler = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json(read.get()?.['n'])
    add.run()
    return new Response()
  }
  const like = op('like', fc.constant(null), () => send())
  const count = op('count', fc.constant(null), () => fetch('http://shop/'))
  return service(db, handler, {
    operations: [like, count],
    invariants: [
      counterBounds([
        like.as(() => ({ f: 'add', input: 1 })),
        count.as((_, answer) => ({ f: 'read', output: answer?.status === 200 ? Number(answer.body) : undefined })),
      ]),
    ],
  })
}

/** Broken where the next number is read by `max(id) + 1`. */
function sequence(): System {
  const db = opened('create table invoice (id integer primary key autoincrement, buyer text)')
  const insert = db.prepare('insert into invoice (buyer) values (?) returning id')
  const handler = async (request: Request): Promise<Response> =>
    Response.json({ id: insert.get(await request.text())?.['id'] }, { status: 201 })
  const create = op('create', fc.uuid(), (buyer) => send(buyer), { retries: 2, timeout: 4_000 })
  return service(db, handler, {
    operations: [create, create],
    invariants: [uniqueIds(create.as((_, answer) => answer?.body))],
  })
}

/** Broken where the id is made of the time. */
function uuids(): System {
  const db = opened('create table invoice (id text primary key, buyer text)')
  const insert = db.prepare('insert into invoice values (?, ?)')
  const handler = async (request: Request): Promise<Response> => {
    const id = crypto.randomUUID()
    insert.run(id, await request.text())
    return new Response(id, { status: 201 })
  }
  const create = op('create', fc.constantFrom('ada', 'bob'), (buyer) => send(buyer), { retries: 2, timeout: 4_000 })
  return service(db, handler, {
    operations: [create, create],
    invariants: [uniqueIds(create.as((_, answer) => answer?.body))],
  })
}

/** Broken where a free job is looked up, and taken in a second statement. */
function claims(): System {
  const db = opened(`
    create table job (id integer primary key, worker text); create table run (job integer, worker text);
    insert into job values (1, null), (2, null)`)
  const claim = db.prepare(
    'update job set worker = ? where id = (select id from job where worker is null limit 1) returning id',
  )
  const record = db.prepare('insert into run values (?, ?)')
  const all = db.prepare('select job, worker from run')
  const handler = async (request: Request): Promise<Response> => {
    const worker = await request.text()
    const job = claim.get(worker)?.['id']
    if (typeof job !== 'number') return new Response(null, { status: 404 })
    record.run(job, worker)
    return Response.json(job)
  }
  const work = op('work', fc.uuid(), (worker) => send(worker))
  const run = rows('run', () => all.all() as { job: number }[])
  return service(db, handler, { operations: [work], invariants: [atMostOnce(run.by(({ job }) => job))] })
}

const keys = fc.constantFrom('x', 'y')

/** Broken where the reads are a transaction of their own. */
function lists(): System {
  const db = opened('create table item (n integer primary key autoincrement, key text, value text)')
  const read = db.prepare('select value from item where key = ? order by n')
  const append = db.prepare('insert into item (key, value) values (?, ?)')
  const handler = async (request: Request): Promise<Response> => {
    const { to, id } = (await request.json()) as { to: string; id: string }
    db.exec('begin immediate')
    const [x, y] = ['x', 'y'].map((key) => read.all(key).map(({ value }) => value))
    append.run(to, id)
    db.exec('commit')
    return Response.json({ x, y })
  }
  const txn = op('txn', fc.record({ to: keys, id: fc.uuid() }), (t) => send(t))
  const meaning = txn.as(({ to, id }, answer) => {
    const seen = answer?.status === 200 ? (JSON.parse(answer.body) as { x: unknown; y: unknown }) : undefined
    return [['r', 'x', seen?.x] as const, ['r', 'y', seen?.y] as const, ['append', to, id] as const]
  })
  return service(db, handler, { operations: [txn], invariants: [strictSerializable([meaning])] })
}

/** Broken without the transaction: two doctors read that the other one is on call, and both leave (write skew). */
function onCall(): System {
  const db = opened(
    "create table cell (key text primary key, value text); insert into cell values ('x', null), ('y', null)",
  )
  const read = db.prepare('select key, value from cell order by key')
  const write = db.prepare('update cell set value = ? where key = ?')
  const handler = async (request: Request): Promise<Response> => {
    const { to, id } = (await request.json()) as { to: string; id: string }
    db.exec('begin immediate')
    const [x, y] = read.all().map(({ value }) => value)
    write.run(id, to)
    db.exec('commit')
    return Response.json({ x, y })
  }
  const leave = op('leave', fc.record({ to: keys, id: fc.uuid() }), (l) => send(l))
  const meaning = leave.as(({ to, id }, answer) => {
    const seen = answer?.status === 200 ? (JSON.parse(answer.body) as { x: unknown; y: unknown }) : undefined
    return [['r', 'x', seen?.x] as const, ['r', 'y', seen?.y] as const, ['w', to, id] as const]
  })
  return service(db, handler, { operations: [leave], invariants: [serializable([meaning])] })
}

/** Broken where the document does not compare the token: a paused holder writes after its lease. */
function fenced(): System {
  const db = opened(`
    create table lease (token integer, until integer); insert into lease values (0, 0);
    create table doc (token integer); insert into doc values (0)`)
  const lease = db.prepare('update lease set token = token + 1, until = ? where until <= ? returning token')
  const write = db.prepare('update doc set token = ? where token <= ?')
  const written = journal<number>('written')
  const handler = async (): Promise<Response> => {
    const now = Date.now()
    const token = lease.get(now + 3_000, now)?.['token']
    if (typeof token !== 'number') return new Response(null, { status: 503 })
    await sleep(100)
    if (write.run(token, token).changes === 0) return new Response(null, { status: 409 })
    written.add(token)
    return new Response()
  }
  const work = op('work', fc.constant(null), async () => {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch('http://shop/', { method: 'POST', signal: AbortSignal.timeout(2_000) }).catch(
        () => undefined,
      )
      if (answer?.ok === true || attempt === 4) return answer ?? new Response(null, { status: 503 })
      await sleep(2_000)
    }
  })
  return service(db, handler, {
    operations: [work, work],
    invariants: [mutualExclusion(written, { token: (token) => token })],
  })
}

export const databases: readonly Sound[] = [
  { name: 'the last tickets', system: lastTicket },
  { name: 'transfers', system: transfers },
  { name: 'a document with If-Match', system: ifMatch },
  { name: 'likes', system: likes },
  { name: 'numbers of invoices', system: sequence },
  { name: 'ids that are random', system: uuids },
  { name: 'jobs that are claimed', system: claims },
  { name: 'lists that are read and appended to', system: lists },
  { name: 'cells that are read and written', system: onCall },
  { name: 'a lease with a fencing token', system: fenced },
]
