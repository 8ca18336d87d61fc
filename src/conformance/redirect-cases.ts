// Cases of the transport suite: redirects within an origin and to another.
import { half, seen, streamOf } from './exchange.ts'
import { echo, observedResponse, settled } from './observed.ts'
import type { ExchangeCase, SceneHandler, SceneOrigins } from './scene.ts'

/** Redirects `/from` to where `to` says, and echoes elsewhere. */
const redirecting =
  (status: number, location: string | undefined): SceneHandler =>
  (request) =>
    new URL(request.url).pathname === '/from'
      ? new Response('moved', { status, ...(location === undefined ? {} : { headers: { location } }) })
      : echo(request)
const secrets = {
  authorization: 'Bearer x',
  cookie: 'a=1',
  'proxy-authorization': 'y',
  'content-type': 'text/x',
  'content-language': 'de',
  'x-one': '1',
}
const across = async (at: SceneOrigins, status: number, init: RequestInit): Promise<unknown> =>
  observedResponse(await fetch(`${at.shop}/from?status=${status}&to=${encodeURIComponent(`${at.bank}/there`)}`, init))
/** Redirects `/from` as its query says, and echoes elsewhere. */
export const byQuery: SceneHandler = (request) => {
  const { pathname, searchParams } = new URL(request.url)
  return pathname === '/from'
    ? new Response(null, {
        status: Number(searchParams.get('status')),
        headers: { location: searchParams.get('to') ?? '' },
      })
    : echo(request)
}
const moves =
  (init: RequestInit, body: () => RequestInit['body'] = () => null): ExchangeCase[1] =>
  ({ shop }) =>
    settled(async () => observedResponse(await fetch(`${shop}/from#part`, { body: body() ?? null, ...init })))
const statuses = [301, 302, 303, 307, 308] as const

export const redirectCases: readonly ExchangeCase[] = [
  ...statuses.flatMap((status): readonly ExchangeCase[] => [
    ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method): ExchangeCase => [
      `${status} of ${method}`,
      moves({ method, headers: secrets, body: method === 'POST' || method === 'PUT' ? 'body' : null }),
      redirecting(status, '/to?x=1'),
    ]),
    ...(['manual', 'error'] as const).map((redirect): ExchangeCase => [
      `${status} with redirect: ${redirect}`,
      moves({ redirect, method: 'POST', body: 'x' }),
      redirecting(status, '/to'),
    ]),
    ...['POST', 'GET'].map((method): ExchangeCase => [
      `${status} of ${method} to another origin`,
      (at) => across(at, status, { method, headers: secrets, body: method === 'POST' ? 'body' : null }),
      byQuery,
    ]),
    [`${status} of a stream`, moves({ method: 'POST', ...half }, () => streamOf('x')), redirecting(status, '/to')],
    [
      `${status} of a Request`,
      ({ shop }) =>
        settled(async () => observedResponse(await fetch(new Request(`${shop}/from`, { method: 'PUT', body: 'x' })))),
      redirecting(status, '/to'),
    ],
    [`${status} of bytes`, moves({ method: 'PUT' }, () => new Uint8Array([1, 255])), redirecting(status, '/to')],
  ]),
  ['300 is no redirect', moves({}), redirecting(300, '/to')],
  [
    '304 is no redirect',
    moves({}),
    (request) =>
      new URL(request.url).pathname === '/from'
        ? new Response(null, { status: 304, headers: { location: '/to' } })
        : echo(request),
  ],
  ['no location', moves({}), redirecting(302, undefined)],
  ['no location with redirect: error', moves({ redirect: 'error' }), redirecting(302, undefined)],
  [
    'to another origin and back',
    async ({ shop, bank }) => {
      const back = `${bank}/from?status=302&to=${encodeURIComponent(`${shop}/there`)}`
      return observedResponse(
        await fetch(`${shop}/from?status=302&to=${encodeURIComponent(back)}`, { headers: secrets }),
      )
    },
    byQuery,
  ],
  ['an empty location', moves({}), redirecting(302, '')],
  ['an invalid location', moves({}), redirecting(302, 'http://')],
  ['a location of no HTTP', moves({}), redirecting(302, 'ftp://shop/x')],
  ['a location of data', moves({}), redirecting(302, 'data:text/plain,x')],
  ['a location with a fragment', moves({}), redirecting(302, '/to#there')],
  ['a relative location', moves({}), redirecting(302, 'to?x')],
  [
    'a location with user and password',
    (at) => settled(() => across({ ...at, bank: at.bank.replace('//', '//me:secret@') }, 302, {})),
    byQuery,
  ],
  [
    'a Request with redirect: manual',
    async ({ shop }) => observedResponse(await fetch(new Request(`${shop}/from`, { redirect: 'manual' }))),
    redirecting(302, '/to'),
  ],
  [
    'a Request with redirect: manual, followed',
    async ({ shop }) =>
      observedResponse(await fetch(new Request(`${shop}/from`, { redirect: 'manual' }), { redirect: 'follow' })),
    redirecting(302, '/to'),
  ],
  [
    'redirects, counted',
    async ({ shop }) => [
      await settled(async () => observedResponse(await fetch(`${shop}/20`))),
      await settled(() => fetch(`${shop}/21`)),
      await settled(() => fetch(`${shop}/1000`)),
    ],
    (request) => {
      const left = Number(new URL(request.url).pathname.slice(1))
      return left === 0
        ? new Response('there')
        : new Response(null, { status: 302, headers: { location: `/${left - 1}` } })
    },
  ],
  [
    'Response.redirect',
    seen,
    (request) =>
      new URL(request.url).pathname === '/to'
        ? new Response('there')
        : Response.redirect(new URL('/to', request.url), 307),
  ],
]
