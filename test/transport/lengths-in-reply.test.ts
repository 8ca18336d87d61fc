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
  expect(reply(headers, body)).toEqual(lengths)
})
