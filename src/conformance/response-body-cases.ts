// Cases of the transport suite: bodies of responses, read in every way, once and twice.
import { answer, echoed, half, post, twice } from './exchange.ts'
import { observedResponse, settled } from './observed.ts'
import type { ExchangeCase } from './scene.ts'

const readerNames = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const

export const responseBodyCases: readonly ExchangeCase[] = [
  ...readerNames.slice(0, 4).flatMap((first) =>
    readerNames.map((second): ExchangeCase => [
      `${first}() and then ${second}()`,
      twice(
        (r) => read(r, first),
        (r) => read(r, second),
      ),
      answer('{"a":1}'),
    ]),
  ),
  [
    'json() of no JSON',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer('<html>'),
  ],
  [
    'json() of nothing',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer(),
  ],
  [
    'json() after a byte order mark',
    twice(
      (r) => r.json(),
      (r) => r.text(),
    ),
    answer('\ufeff{"a":1}'),
  ],
  [
    'formData() of no form',
    twice(
      (r) => r.formData(),
      (r) => r.text(),
    ),
    answer('x'),
  ],
  [
    'formData() of a form',
    twice(
      async (r) => [...(await r.formData())],
      (r) => r.text(),
    ),
    () => new Response(new URLSearchParams({ a: '1' })),
  ],
  ...['text/plain', 'TEXT/HTML; charset="utf-8"', 'nonsense', 'a/b; q'].map((type): ExchangeCase => [
    `blob() of ${type}`,
    async ({ shop }) => {
      const blob = await (await fetch(shop)).blob()
      return [blob.type, blob.size, blob instanceof Blob]
    },
    answer('x', { headers: { 'content-type': type } }),
  ]),
  ['blob() without a type', async ({ shop }) => (await (await fetch(shop)).blob()).type, answer(new Uint8Array(1))],
  [
    'clone() before a read',
    async ({ shop }) => {
      const response = await fetch(`${shop}/p`)
      const clone = response.clone()
      const second = clone.clone()
      return [await observedResponse(clone), await observedResponse(response), await observedResponse(second)]
    },
  ],
  [
    'clone() after a read',
    twice(
      (r) => r.text(),
      (r) => {
        r.clone()
      },
    ),
  ],
  [
    'clone() of a locked body',
    async ({ shop }) => {
      const response = await fetch(shop)
      response.body?.getReader()
      return [
        await settled(() => {
          response.clone()
        }),
        await settled(() => response.text()),
        response.bodyUsed,
      ]
    },
  ],
  [
    'clone() of nothing after a read',
    twice(
      (r) => r.text(),
      (r) => r.clone().text(),
    ),
    answer(null, { status: 204 }),
  ],
  [
    'clone() while a reader waits',
    async ({ shop }) => {
      const response = await fetch(shop)
      const text = response.text()
      return [
        response.bodyUsed,
        await settled(() => {
          response.clone()
        }),
        await settled(() => response.text()),
        await text,
      ]
    },
    answer('x'),
  ],
  [
    'body is one stream',
    async ({ shop }) => {
      const response = await fetch(shop)
      return [response.body === response.body, response.bodyUsed, await response.text(), response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'body after a read',
    async ({ shop }) => {
      const response = await fetch(shop)
      await response.text()
      return [response.body === null, response.body?.locked, response.bodyUsed]
    },
    answer('x'),
  ],
  [
    'body by a reader',
    async ({ shop }) => {
      const response = await fetch(shop)
      const reader = response.body?.getReader()
      const parts: string[] = []
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
        parts.push(new TextDecoder().decode(part.value))
      return [parts.join(''), response.bodyUsed, await settled(() => response.text())]
    },
    answer('a ü'),
  ],
  [
    'body by for await',
    async ({ shop }) => {
      const response = await fetch(shop)
      let text = ''
      for await (const part of response.body ?? []) text += new TextDecoder().decode(part)
      return [text, response.bodyUsed]
    },
    answer('abc'),
  ],
  [
    'body through a decoder',
    async ({ shop }) => {
      const stream = (await fetch(shop)).body?.pipeThrough(new TextDecoderStream())
      let text = ''
      for await (const part of stream ?? []) text += part
      return text
    },
    answer('abc'),
  ],
  [
    'body by two branches',
    async ({ shop }) => {
      const [one, two] = (await fetch(shop)).body?.tee() ?? []
      return [await new Response(one).text(), await new Response(two).text()]
    },
    answer('abc'),
  ],
  [
    'cancel of the body',
    async ({ shop }) => {
      const response = await fetch(shop)
      await response.body?.cancel()
      return [response.bodyUsed, await settled(() => response.text())]
    },
    answer('abc'),
  ],
  [
    'new Response(r.body, r)',
    async ({ shop }) => {
      const response = await fetch(shop)
      const copy = new Response(response.body, response)
      copy.headers.set('x-two', '2')
      return [await observedResponse(copy), response.bodyUsed, await settled(() => response.text())]
    },
    () => Response.json({ a: 1 }, { status: 203, statusText: 'Odd', headers: { 'x-one': '1' } }),
  ],
  [
    'a Response as a body of a request',
    async ({ shop, bank }) => echoed(post(bank, { body: (await fetch(shop)).body, ...half })),
    answer('relay'),
  ],
]

function read(response: Response, name: (typeof readerNames)[number]): unknown {
  return Promise.resolve<unknown>(response[name]()).then((value) =>
    typeof value === 'string'
      ? value
      : value instanceof ArrayBuffer
        ? value.byteLength
        : Object.prototype.toString.call(value),
  )
}
