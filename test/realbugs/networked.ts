// One small service around each package that speaks over sockets, or whose process a rejection ends, as its users write
// it, and the claim that its users rely on. The packages are handed in.
import type { RequestListener } from 'node:http'
import * as fc from 'fast-check'
import { always, atMostOnce, journal, map, op, port, retryBudget, serve, type System } from '../../src/index.ts'
import type { Load } from './systems.ts'

interface Got {
  post(
    url: string,
    options: { readonly body: string; readonly timeout: number; readonly headers: Readonly<Record<string, string>> },
  ): Promise<unknown>
}

/** A shop charges at a bank, which must not be asked twice for one order. The shop waits for 2 s. */
export function charging(load: Load): System {
  const got = load() as Got
  const charged = journal<{ readonly order: string }>('charge')
  const pay = op('pay', fc.uuid(), (order) => fetch('http://shop/', { method: 'POST', body: order }))
  return {
    nodes: {
      shop: serve(() => async (request: Request) => {
        const body = JSON.stringify({ order: await request.text() })
        const headers = { 'content-type': 'application/json' }
        return got.post('http://bank/charges', { body, timeout: 2_000, headers }).then(
          () => new Response(),
          () => new Response(null, { status: 502 }),
        )
      }),
      bank: serve(() => async (request: Request) => {
        charged.add((await request.json()) as { order: string })
        return new Response()
      }),
    },
    operations: [pay],
    invariants: [atMostOnce(charged.by(({ order }) => order))],
  }
}

interface GraphQLClient {
  request(query: string): Promise<{ readonly errors?: unknown }>
}
type CreateClient = (options: {
  readonly url: string
  readonly headers: object
  readonly retries: number
  readonly customFetchApi?: typeof fetch
}) => GraphQLClient

/**
 * A shop lists products over GraphQL and tries twice again; a throttled server says when it may, by a date too: the
 * shop waits for that by its own clock, which must be right.
 */
export function listing(load: Load, customFetchApi?: typeof fetch): System {
  const { createGraphQLClient } = load() as { readonly createGraphQLClient: CreateClient }
  const list = op('list', fc.constant(null), () => fetch('http://shop/'))
  return {
    nodes: {
      shop: serve(() => {
        const client = createGraphQLClient({
          url: 'https://store.example/graphql',
          headers: {},
          retries: customFetchApi === undefined ? 2 : 0,
          ...(customFetchApi === undefined ? {} : { customFetchApi }),
        })
        return async () => {
          const { errors } = await client.request('{ products(first: 3) { nodes { id } } }')
          return new Response(null, { status: errors === undefined ? 200 : 502 })
        }
      }),
      store: serve(() => () => Response.json({ data: { products: { nodes: [] } } }), { at: 'https://store.example' }),
    },
    operations: [list],
    invariants: [retryBudget({ honourRetryAfter: true, link: 'shop -> store' })],
    tolerates: { except: ['jump', 'skew', 'drift'] },
  }
}

/** A fetch that waits as long as it is told, and asks twice again. */
export const patientFetch: typeof fetch = async (input, init) => {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(input instanceof Request ? input.clone() : input, init)
    const after = answer.headers.get('retry-after')
    if (tries > 2 || after === null) return answer
    const waitMs = /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - Date.now()
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, waitMs))
    })
  }
}

type Send = (options: { readonly url: string }) => Promise<unknown>
type OAuth2ClientClass = new (
  id: string,
  secret: string,
  redirectUri: string,
) => {
  readonly transporter: { request: Send }
  setCredentials(credentials: { readonly refresh_token: string }): void
  getAccessToken(): Promise<{ readonly token: string }>
}

/** A service needs Google's token for each answer, and gets it once for all that ask meanwhile. */
export function authorized(load: Load): System {
  const { OAuth2Client } = load() as { readonly OAuth2Client: OAuth2ClientClass }
  const asked = journal<{ readonly life: string; readonly step: 'begin' | 'end' }>('refresh')
  const read = op('read', fc.constant(null), () => fetch('http://service/'))
  return {
    nodes: {
      service: serve(() => {
        const life = crypto.randomUUID()
        const client = new OAuth2Client('id', 'secret', 'http://service/callback')
        client.setCredentials({ refresh_token: 'refresh' })
        const send: Send = client.transporter.request.bind(client.transporter)
        client.transporter.request = async (options) => {
          asked.add({ life, step: 'begin' })
          try {
            return await send(options)
          } finally {
            asked.add({ life, step: 'end' })
          }
        }
        return () =>
          client.getAccessToken().then(
            () => new Response(),
            () => new Response(null, { status: 503 }),
          )
      }),
      google: serve(
        () => () => Response.json({ access_token: crypto.randomUUID(), expires_in: 3_600, token_type: 'Bearer' }),
        { at: 'https://www.googleapis.com' },
      ),
    },
    operations: [read],
    invariants: [
      always('one refresh at a time', asked, (steps) => {
        const open = steps
          .filter(({ life }) => life === steps.at(-1)?.life)
          .reduce((n, { step }) => n + (step === 'begin' ? 1 : -1), 0)
        return open <= 1 || `${open} refreshes`
      }),
    ],
  }
}

type Middleware = (
  request: { readonly headers: Readonly<Record<string, string | undefined>> },
  response: { headersSent: boolean; status(code: number): { send(body: unknown): void }; send(body: unknown): void },
  next: (error?: unknown) => void,
) => unknown
type Express = (() => RequestListener & {
  use(...middleware: readonly unknown[]): void
  post(path: string, handler: Middleware): void
}) & { json(): unknown }
interface Idempotency {
  idempotency(options: { readonly dataAdapter: KeyStore }): unknown
  getSharedIdempotencyService(): { isHit(request: unknown): boolean }
}
interface Kept {
  readonly idempotencyKey: string
}
interface KeyStore {
  findByIdempotencyKey(key: string): Promise<Kept | null>
  create(kept: Kept): Promise<void>
  update(kept: Kept): Promise<void>
  delete(key: string): Promise<void>
}

/** Charges on Express, each with a key, that users may submit twice. `isGuarded`: with the middleware. */
export function idempotent(express: Load, load: Load, isGuarded: boolean): System {
  const [createApp, middleware] = [express() as Express, load() as Idempotency]
  const kept = new Map<string, Kept>()
  const charged = journal<{ readonly key: string }>('charge')
  const keys: KeyStore = {
    async findByIdempotencyKey(key) {
      return kept.get(key) ?? null
    },
    async create(resource) {
      kept.set(resource.idempotencyKey, resource)
    },
    async update(resource) {
      kept.set(resource.idempotencyKey, resource)
    },
    async delete(key) {
      kept.delete(key)
    },
  }
  const pay = op(
    'pay',
    fc.record({ key: fc.uuid() }),
    ({ key }) =>
      fetch('http://shop/charges', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: '{"cents":100}',
      }),
    { doubleSubmit: true },
  )
  return {
    nodes: {
      shop: serve(() => {
        const app = createApp()
        app.use(createApp.json())
        if (isGuarded)
          app.use(
            middleware.idempotency({ dataAdapter: port('keys', keys, { write: ['create', 'update', 'delete'] }) }),
          )
        app.post('/charges', (request, response) => {
          const key = request.headers['idempotency-key'] ?? ''
          if (isGuarded) {
            if (middleware.getSharedIdempotencyService().isHit(request)) return
          } else {
            if (kept.has(key)) return response.status(409).send({})
            kept.set(key, { idempotencyKey: key })
          }
          charged.add({ key })
          response.status(201).send({ key })
        })
        const failed = (error: Error, _: unknown, response: Parameters<Middleware>[1], __: unknown): void => {
          if (!response.headersSent) response.send({ error: error.message })
        }
        app.use(failed)
        return app
      }),
    },
    stores: [map(kept, { name: 'kept' })],
    operations: [pay],
    invariants: [atMostOnce(charged.by(({ key }) => key))],
  }
}

interface Refreshed {
  wrap(key: string, load: () => Promise<string>): Promise<string>
}
interface CacheManager {
  caching(
    kind: 'memory',
    options: { readonly ttl: number; readonly refreshThreshold: number; readonly onBackgroundRefreshError: () => void },
  ): Promise<Refreshed>
}

/**
 * A cache that is refreshed in the background, in the last 8 s of its 10. Only the origin is disturbed: nothing that
 * it does may end the process.
 */
export function refreshed(load: Load): System {
  const born = journal<null>('start')
  const read = op('read', fc.constant(null), () => fetch('http://cache/'))
  return {
    nodes: {
      cache: serve(async () => {
        born.add(null)
        const manager = load() as CacheManager
        const options = { ttl: 10_000, refreshThreshold: 8_000, onBackgroundRefreshError: () => undefined }
        const cache = await manager.caching('memory', options)
        const item = async (): Promise<string> => {
          const answer = await fetch('http://origin/')
          if (!answer.ok) throw new Error(`origin: ${answer.status}`)
          return answer.text()
        }
        return () =>
          cache.wrap('item', item).then(
            (text) => new Response(text),
            () => new Response(null, { status: 503 }),
          )
      }),
      origin: serve(() => () => new Response('item')),
    },
    operations: [read],
    invariants: [always('the process never ends', born, (lives) => lives.length <= 1 || `${lives.length} lives`)],
    tolerates: { 'cache -> origin': ['lose', 'delay', 'error', 'reset', 'refuse', 'throttle', 'hang'] },
  }
}

type CronJobClass = new (cron: string, run: () => void) => { start(): void }

const slotMs = 600_000

/** A job every ten minutes by the wall clock. What steps or stops a clock may repeat or skip a time of day. */
export function scheduled(load: Load): System {
  const { CronJob } = load() as { readonly CronJob: CronJobClass }
  const ran = journal<{ readonly slot: number }>('run')
  const watch = op('watch', fc.integer({ min: 2, max: 5 }), async (slots) => {
    await new Promise((resolve) => {
      setTimeout(resolve, slots * slotMs)
    })
  })
  return {
    nodes: {
      worker: serve(() => {
        new CronJob('0 */10 * * * *', () => ran.add({ slot: Math.round(Date.now() / slotMs) })).start()
        return () => new Response()
      }),
    },
    operations: [watch],
    invariants: [atMostOnce(ran.by(({ slot }) => slot))],
    tolerates: { except: ['crash', 'pause', 'jump'] },
  }
}
