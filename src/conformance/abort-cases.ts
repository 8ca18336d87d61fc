// Cases of the transport suite: requests that are given up.
import { answer, half, post } from './exchange.ts'
import { settled } from './observed.ts'
import type { ExchangeCase, SceneHandler } from './scene.ts'

const never: SceneHandler = () => new Promise(() => undefined)
const stuck = (): Response =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('one'))
      },
    }),
  )

export const abortCases: readonly ExchangeCase[] = [
  ['before', ({ shop }) => settled(() => fetch(shop, { signal: AbortSignal.abort() }))],
  ['before, for a reason', ({ shop }) => settled(() => fetch(shop, { signal: AbortSignal.abort('enough') }))],
  ['before, of an invalid request', () => settled(() => fetch('http://', { signal: AbortSignal.abort() }))],
  [
    'while it waits',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 10)
      return settled(() => fetch(shop, { signal: controller.signal }))
    },
    never,
  ],
  [
    'while it waits, for a reason',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new RangeError('mine')), 10)
      return settled(() => fetch(shop, { signal: controller.signal }))
    },
    never,
  ],
  [
    'by a Request',
    ({ shop }) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 10)
      return settled(() => fetch(new Request(shop, { signal: controller.signal })))
    },
    never,
  ],
  ['AbortSignal.timeout', ({ shop }) => settled(() => fetch(shop, { signal: AbortSignal.timeout(10) })), never],
  [
    'AbortSignal.any',
    ({ shop }) =>
      settled(() => fetch(shop, { signal: AbortSignal.any([new AbortController().signal, AbortSignal.timeout(10)]) })),
    never,
  ],
  [
    'while the body comes',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      setTimeout(() => controller.abort(), 10)
      return [await settled(() => response.text()), response.bodyUsed, await settled(() => response.text())]
    },
    stuck,
  ],
  [
    'while the body comes, by a time limit',
    async ({ shop }) => {
      const response = await fetch(shop, { signal: AbortSignal.timeout(100) })
      return settled(() => response.json())
    },
    stuck,
  ],
  [
    'while a reader reads',
    async ({ shop }) => {
      const controller = new AbortController()
      const reader = (await fetch(shop, { signal: controller.signal })).body?.getReader()
      const first = await reader?.read()
      setTimeout(() => controller.abort(new RangeError('mine')), 10)
      return [first?.done, await settled(() => reader?.read())]
    },
    stuck,
  ],
  [
    'while a clone reads',
    async ({ shop }) => {
      const controller = new AbortController()
      const clone = (await fetch(shop, { signal: controller.signal })).clone()
      setTimeout(() => controller.abort(), 10)
      return settled(() => clone.text())
    },
    stuck,
  ],
  [
    'after the head, before the body is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [response.bodyUsed, await settled(() => response.text())]
    },
    stuck,
  ],
  [
    'after a whole reply, before the body is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [response.bodyUsed, await settled(() => response.text()), response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'after a whole reply, before its stream is read',
    async ({ shop }) => {
      const controller = new AbortController()
      const { body } = await fetch(shop, { signal: controller.signal })
      controller.abort(new RangeError('mine'))
      return settled(() => body?.getReader().read())
    },
    answer('x'),
  ],
  [
    'after a whole reply; the body is read twice, and looked at',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      controller.abort()
      return [await settled(() => response.text()), response.body === null, await settled(() => response.text())]
    },
    answer('x'),
  ],
  [
    'after the body was read',
    async ({ shop }) => {
      const controller = new AbortController()
      const response = await fetch(shop, { signal: controller.signal })
      const text = await response.text()
      controller.abort()
      return [text, await settled(() => response.text())]
    },
    answer('x'),
  ],
  [
    'in the middle of a redirect',
    ({ shop }) => settled(() => fetch(`${shop}/from`, { signal: AbortSignal.timeout(100) })),
    (request) =>
      new URL(request.url).pathname === '/from' ? Response.redirect(new URL('/to', request.url)) : never(request),
  ],
  [
    'at once after the call',
    async ({ shop }) => {
      const controller = new AbortController()
      const call = fetch(shop, { method: 'POST', body: 'x', signal: controller.signal })
      controller.abort()
      return settled(() => call)
    },
  ],
  [
    'while the request body is made',
    ({ shop }) => settled(() => post(shop, { ...half, body: new ReadableStream(), signal: AbortSignal.timeout(10) })),
  ],
]
