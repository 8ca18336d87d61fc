// Each scheme against what its provider published, or against HMAC as RFC 2104 defines it, computed here by hand.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { githubSignature, standardWebhooks, stripeSignature } from '../../src/index.ts'

/** HMAC with SHA-256, RFC 2104 section 2: H(K xor opad, H(K xor ipad, text)). */
function hmacByHand(key: string, text: string): string {
  const padded = Buffer.alloc(64)
  padded.write(key)
  const xored = (pad: number): Buffer => padded.map((byte) => byte ^ pad) as Buffer
  const hash = (...parts: readonly (Buffer | string)[]): Buffer => {
    const sha = createHash('sha256')
    for (const part of parts) sha.update(part)
    return sha.digest()
  }
  return hash(xored(0x5c), hash(xored(0x36), text)).toString('hex')
}

test('the HMAC by hand is that of RFC 4231, test case 2', () => {
  expect(hmacByHand('Jefe', 'what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test("GitHub's scheme gives the signature of GitHub's documentation", () => {
  expect(githubSignature("It's a Secret to Everybody")('Hello, World!', 0)).toEqual({
    'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  })
})

test('the scheme of Standard Webhooks gives the signature of its reference libraries', () => {
  const sign = standardWebhooks('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', () => 'msg_p5jXN8AQM9LWM0D4loKWxJek')

  expect(sign('{"test": 2432232314}', 1_614_265_330_999)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('the id of Standard Webhooks is that of the body, whenever it is sent', () => {
  const sign = standardWebhooks('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const [first, again, other] = [sign('a', 1_000), sign('a', 9_000), sign('b', 1_000)]

  expect(again['webhook-id']).toBe(first['webhook-id'])
  expect(other['webhook-id']).not.toBe(first['webhook-id'])
  expect(again['webhook-signature']).not.toBe(first['webhook-signature'])
})

test("Stripe's scheme signs the time with the body, under the secret as it is written", () => {
  const body = '{"id":"evt_1"}'

  expect(stripeSignature('whsec_test')(body, 1_700_000_000_999)).toEqual({
    'stripe-signature': `t=1700000000,v1=${hmacByHand('whsec_test', `1700000000.${body}`)}`,
  })
})

test('a secret that is none is refused', () => {
  const nothing = undefined as unknown as string // plain JavaScript: process.env.SECRET

  expect(() => stripeSignature('')).toThrow('stripeSignature(): its secret is empty')
  expect(() => githubSignature(nothing)).toThrow('githubSignature(): its secret is undefined')
  expect(() => standardWebhooks('whsec_no base64')).toThrow('standardWebhooks(): its secret is no base64')
})
