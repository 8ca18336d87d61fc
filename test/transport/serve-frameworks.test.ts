// Handlers of Next and of Workers, with what these hand on beside the platform's request.
import * as fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { assess, journal, noHang, op, serve, simulate, noFaults, type FetchHandler, type System } from 'two-generals'

const seen = journal<unknown>('seen')
const go = op('go', fc.constant(null), () =>
  fetch('http://shop/orders?id=7&id=8', { headers: { cookie: 'session=a%20b; theme="dark"; =x; y' }, method: 'GET' }),
)

function systemOf(shop: FetchHandler, env?: unknown): System {
  return { nodes: { shop: serve(() => shop, { env }) }, operations: [go], invariants: [noHang()], tolerates: [] }
}

/** What a handler noted for one request. */
async function noted(shop: FetchHandler, env?: unknown): Promise<readonly unknown[]> {
  const workload = { invocations: [{ id: 0, operation: 'go', client: 0, afterMs: 0, input: null }] }
  const history = await simulate(systemOf(shop, env), { workload, plan: noFaults, seed: 1 })
  expect(history.notes).toEqual([])
  return history.events.flatMap((event) => (event.kind === 'effect' ? [event.value] : []))
}

/** As Next declares it, as far as handlers use it. */
interface NextRequest extends Request {
  readonly nextUrl: URL & { clone(): URL }
  readonly cookies: {
    readonly size: number
    get(name: string): { readonly name: string; readonly value: string } | undefined
    getAll(): readonly { readonly value: string }[]
    has(name: string): boolean
  }
}

test('a route handler of Next reads nextUrl, cookies and the parameters of its route', async () => {
  const GET = async (request: NextRequest, { params }: { params: Promise<{ id?: string }> }): Promise<Response> => {
    const { nextUrl, cookies } = request
    const url = nextUrl.clone()
    url.pathname = '/login'
    seen.add([nextUrl.searchParams.getAll('id'), nextUrl.pathname, url.href, request.nextUrl === nextUrl])
    seen.add([cookies.get('session')?.value, cookies.get('theme'), cookies.has('y'), cookies.size])
    seen.add(await params)
    return Response.json({})
  }
  expectTypeOf({ GET }).toExtend<FetchHandler>()
  expect(await noted({ GET })).toEqual([
    [['7', '8'], '/orders', 'http://shop/login?id=7&id=8', true],
    ['a b', { name: 'theme', value: 'dark' }, false, 2],
    {},
  ])
})

test('a handler of Next that is a bare function is accepted as well', async () => {
  const POST = (request: NextRequest): Response => {
    seen.add(request.nextUrl.pathname)
    return new Response()
  }
  expect(await noted(POST)).toEqual(['/orders'])
})

interface Env {
  readonly PREFIX: string
}

interface Context {
  waitUntil(work: Promise<unknown>): void
  passThroughOnException(): void
}

test('a worker gets its env and a context', async () => {
  const worker = {
    async fetch(request: Request, env: Env, context: Context): Promise<Response> {
      context.passThroughOnException()
      context.waitUntil(
        new Promise((resolve) => setTimeout(resolve, 1_000)).then(() => seen.add(`${env.PREFIX} later`)),
      )
      seen.add(`${env.PREFIX} ${new URL(request.url).pathname}`)
      return new Response()
    },
  }
  expect(await noted(worker, { PREFIX: 'eu' })).toEqual(['eu /orders', 'eu later'])
  expect(
    await noted((request: Request, env: Env, context: Context) => worker.fetch(request, env, context), {
      PREFIX: 'us',
    }),
  ).toEqual([...['us /orders', 'us later']])
})

test('work that fails after the answer ends nothing', async () => {
  const worker = {
    fetch(_request: Request, _env: unknown, context: Context): Response {
      context.waitUntil(Promise.reject(new Error('later')))
      return new Response()
    },
  }
  expect((await assess(systemOf(worker), { numRuns: 3 })).kind).toBe('holds')
})

test('a bare function gets nothing that it was not given: its own defaults stand', async () => {
  const handler = (_request: Request, greeting = 'hello'): Response => {
    seen.add(greeting)
    return new Response()
  }
  expect(await noted(handler)).toEqual(['hello'])
})

test('what is no handler of requests is still refused', () => {
  // @ts-expect-error its first parameter is a number
  expectTypeOf((count: number) => new Response(String(count))).toExtend<FetchHandler>()
})
