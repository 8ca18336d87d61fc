// Cases of the transport suite: Request objects in place of a URL.
import { echoed } from './exchange.ts'
import { settled } from './observed.ts'
import type { ExchangeCase } from './scene.ts'

export const requestObjectCases: readonly ExchangeCase[] = [
  [
    'a Request',
    ({ shop }) => echoed(fetch(new Request(`${shop}/r`, { method: 'PUT', body: 'x', headers: { 'x-one': '1' } }))),
  ],
  [
    'a Request with init over it',
    ({ shop }) =>
      echoed(
        fetch(new Request(shop, { method: 'PUT', body: 'x', headers: { 'x-one': '1' } }), {
          method: 'POST',
          body: 'y',
          headers: { 'x-two': '2' },
        }),
      ),
  ],
  [
    'a Request with other headers',
    ({ shop }) => echoed(fetch(new Request(shop, { method: 'PUT', body: 'x' }), { headers: { 'x-two': '2' } })),
  ],
  [
    'a Request with bytes',
    ({ shop }) => echoed(fetch(new Request(shop, { method: 'PUT', body: new TextEncoder().encode('plain') }))),
  ],
  [
    'a Request is used up',
    async ({ shop }) => {
      const request = new Request(shop, { method: 'PUT', body: 'x' })
      await fetch(request)
      return [request.bodyUsed, await settled(() => fetch(request))]
    },
  ],
  [
    'a Request without a body may be sent twice',
    async ({ shop }) => {
      const request = new Request(shop)
      await fetch(request)
      return [request.bodyUsed, await settled(() => echoed(fetch(request)))]
    },
  ],
  [
    'a clone of a Request',
    async ({ shop }) => {
      const request = new Request(shop, { method: 'PUT', body: 'x' })
      const clone = request.clone()
      return [await echoed(fetch(request)), await echoed(fetch(clone))]
    },
  ],
  [
    'a Request of class Request that was extended',
    ({ shop }) => echoed(fetch(new (class Mine extends Request {})(shop, { method: 'PUT', body: 'x' }))),
  ],
  [
    'a Request whose signal is aborted',
    ({ shop }) => settled(() => fetch(new Request(shop, { signal: AbortSignal.abort(new RangeError('mine')) }))),
  ],
  [
    'a Request whose aborted signal is taken off',
    ({ shop }) => settled(() => echoed(fetch(new Request(shop, { signal: AbortSignal.abort() }), { signal: null }))),
  ],
]
