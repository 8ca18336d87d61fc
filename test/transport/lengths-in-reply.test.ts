import { expect, test } from 'vitest'
import { lengthsInReply } from '../../src/transport/lengths-in-reply.ts'

const reply = (headers: readonly (readonly [string, string])[], body: string | Uint8Array | null = null) =>
  lengthsInReply({ status: 200, statusText: '', headers, body })

test.each([
  ['Retry-After in seconds', [['retry-after', '120']], null, [120_000]],
  ['max-age and s-maxage', [['cache-control', 'public, max-age=60, s-maxage=600']], null, [60_000, 600_000]],
  ['the Max-Age of a cookie', [['set-cookie', 'id=1; Max-Age=3600; Secure']], null, [3_600_000]],
  ['the life of a token', [], '{"access_token":"x","expires_in":3600}', [3_600_000]],
  ['none in a date', [['retry-after', 'Mon, 30 Nov 2026 12:00:00 GMT']], null, []],
  ['none in other headers and fields', [['age', '17']], '{"amount":42}', []],
  ['none in bytes', [], new TextEncoder().encode('{"expires_in":3600}'), []],
] as const)('%s', (_, headers, body, lengths) => {
  expect(reply(headers, body).map(({ ms }) => ms)).toEqual(lengths)
})

test('they are told as they are written', () => {
  const headers = [
    ['retry-after', '5'],
    ['cache-control', 'public, max-age=60'],
  ] as const
  expect(reply(headers, '{"expires_in": 3600}').map(({ words }) => words)).toEqual([
    'Retry-After: 5 in an answer',
    'max-age=60 in an answer',
    'expires_in: 3600 in an answer',
  ])
})
