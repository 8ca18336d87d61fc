// HTTP as links carry it: pure functions over wire messages. What handlers and clients see of it stands in
// test/simulate/link-faults.test.ts.
import { describe, expect, test } from 'vitest'
import type { BodyListener } from '../../src/simulate/protocol.ts'
import { http } from '../../src/transport/http.ts'
import type { WireReply, WireRequest } from '../../src/transport/wire.ts'

function requestOf(method: string, path = '/'): WireRequest {
  return { method, url: new URL(path, 'http://shop'), headers: [], body: null }
}

function replyOf(body: WireReply['body'], more: Partial<WireReply> = {}): WireReply {
  return { status: 201, statusText: 'Created', headers: [['content-length', '4']], body, ...more }
}

function textOf({ body }: WireReply): string {
  return body === null || typeof body === 'string' ? (body ?? '') : Buffer.from(body).toString()
}

/** All that a listener hears of a slow body; breaks are heard when `later` is run. */
function heardOf(reply: WireReply, later: readonly (() => void)[] = []): readonly string[] {
  const heard: string[] = []
  reply.rest?.((piece) => heard.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString()))
  for (const run of later) run()
  return heard
}

test('a call is named by its method and its path without values', () => {
  expect(http.operationOf(requestOf('POST', '/orders/17?page=2'), [])).toBe('POST /orders/:id')
})

test('the business key is looked for in the whole URL, and in a body that is text', () => {
  expect(http.textsOf({ ...requestOf('PUT', '/a?b=c'), body: 'd' })).toEqual(['http://shop/a?b=c', 'd'])
  expect(http.textsOf({ ...requestOf('PUT'), body: new Uint8Array(1) })).toEqual(['http://shop/'])
})

test('a request carries its traceparent', () => {
  expect(http.traceOf(requestOf('GET'))).toBeUndefined()
  expect(http.traceOf({ ...requestOf('GET'), headers: [['traceparent', '00-x']] })).toBe('00-x')
})

test('answers in the place of the callee have a status, a body of JSON, and whole seconds in Retry-After', () => {
  const { status, headers, body } = http.replyInstead({ status: 503 }, 0)

  expect({ status, headers }).toEqual({ status: 503, headers: [['content-type', 'application/json']] })
  expect(JSON.parse(String(body))).toMatchObject({ error: { status: 503 } })
  expect(http.replyInstead({ status: 429, retryAfterMs: 1_001 }, 0).headers).toContainEqual(['retry-after', '2'])
  expect(http.replyOfFailure()).toEqual({ status: 500, statusText: '', headers: [], body: null })
  expect(http.replyOfOverload()).toEqual({
    status: 503,
    statusText: '',
    headers: [['content-type', 'application/json']],
    body: '{"error":{"status":503,"message":"The service cannot answer now."}}',
  })
})

test('a date in Retry-After comes with the date of the answer, both as HTTP writes them', () => {
  const { headers } = http.replyInstead({ status: 503, retryAfterMs: 1_000, dated: true }, 1_767_225_600_020)

  expect(headers.slice(1)).toEqual([
    ['date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ['retry-after', 'Thu, 01 Jan 2026 00:00:02 GMT'],
  ])
})

test('a body has bytes, unless there is none, it is empty, or HEAD was asked', () => {
  const get = requestOf('GET')

  expect(http.bodyBytesOf(get, replyOf('ä'))).toBe(2)
  expect(http.bodyBytesOf(get, replyOf(new Uint8Array(3)))).toBe(3)
  for (const body of [null, '', new Uint8Array(0)]) expect(http.bodyBytesOf(get, replyOf(body))).toBeUndefined()
  expect(http.bodyBytesOf(get, replyOf('', { rest: () => () => undefined }))).toBe(0)
  expect(http.bodyBytesOf(requestOf('HEAD'), replyOf('four'))).toBeUndefined()
})

describe('damage', () => {
  test('shortens a body, and frames it anew', () => {
    const half = http.damaged(replyOf('12345'), 'truncated')

    expect([half.status, half.headers, textOf(half)]).toEqual([201, [], '12'])
    expect(textOf(http.damaged(replyOf('12345'), 'empty'))).toBe('')
  })

  test('a page replaces a success by 200, and leaves a failure a failure', () => {
    for (const [status, statusText, arriving] of [
      [201, 'Created', [200, 'OK']],
      [200, 'Fine', [200, 'Fine']],
      [404, 'Not Found', [404, 'Not Found']],
    ] as const) {
      const page = http.damaged(replyOf('four', { status, statusText }), 'html')

      expect([page.status, page.statusText]).toEqual(arriving)
      expect(textOf(page)).toContain('<h1>')
      expect(page.headers).toEqual([['content-type', 'text/html; charset=utf-8']])
    }
  })
})

describe('a body that breaks off', () => {
  /** A slow body: these pieces, then its end. */
  const slow = (first: string, ...pieces: readonly string[]): WireReply =>
    replyOf(Buffer.from(first), {
      rest(hear: BodyListener) {
        for (const piece of pieces) hear(Buffer.from(piece))
        hear('end')
        return () => undefined
      },
    })
  const broken = (reply: WireReply, atByte: number): readonly unknown[] => {
    const later: (() => void)[] = []
    const arriving = http.brokenOff(reply, atByte, (_, breaks) => later.push(breaks))
    return [textOf(arriving), ...heardOf(arriving, later)]
  }

  test('arrives up to that byte, whether all of it was there or it came in pieces', () => {
    expect(broken(replyOf('1234'), 2)).toEqual(['12', 'reset'])
    expect(broken(slow('12', '345', '6'), 4)).toEqual(['12', '34', 'reset'])
    expect(broken(slow('12', '34', '5'), 4)).toEqual(['12', '34', 'reset'])
  })

  test('past its end, all of it arrives but the end', () => {
    expect(broken(replyOf('1234'), 9)).toEqual(['1234', 'reset'])
    expect(broken(slow('12', '34'), 9)).toEqual(['12', '34', 'reset'])
  })
})

test('only a slow body is relayed', () => {
  const complete = replyOf('four')
  const relayed = http.relayed({ ...complete, rest: () => () => undefined }, () => (hear) => {
    hear('timeout')
    return () => undefined
  })

  expect(http.relayed(complete, () => () => () => undefined)).toBe(complete)
  expect(heardOf(relayed)).toEqual(['timeout'])
})
