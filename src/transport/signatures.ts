// How providers sign what they deliver. Pure functions of a body and a time. Must not know who delivers.
import { createHash, createHmac } from 'node:crypto'

/**
 * Signs one delivery of a webhook.
 *
 * @param body the text that is sent
 * @param atMs when it is sent, by the provider's clock: milliseconds since the epoch
 * @returns the headers that are sent with it
 */
export type SignDelivery = (body: string, atMs: number) => Readonly<Record<string, string>>

/**
 * Stripe's scheme: `Stripe-Signature: t=<seconds>,v1=<HMAC SHA-256 of "t.body", in hexadecimal digits>`. Source:
 * https://docs.stripe.com/webhooks#verify-manually
 *
 * @param secret the endpoint's secret, `whsec_...`, as the handler has it: Stripe takes the whole text as the key
 * @throws if the secret is no text, or empty
 * @example webhook('stripe', event, { to: 'POST http://shop/webhooks/stripe', sign: stripeSignature('whsec_test') })
 */
export function stripeSignature(secret: string): SignDelivery {
  assertSecret('stripeSignature', secret)
  return (body, atMs) => {
    const at = secondsOf(atMs)
    return { 'stripe-signature': `t=${at},v1=${hmac(secret, `${at}.${body}`, 'hex')}` }
  }
}

/**
 * GitHub's scheme: `X-Hub-Signature-256: sha256=<HMAC SHA-256 of the body, in hexadecimal digits>`. It has no time:
 * only what the receiver remembers can tell a delivery that is repeated. Source:
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 *
 * @throws if the secret is no text, or empty
 * @example
 * const sign = (body: string, atMs: number) => ({ ...githubSignature(secret)(body, atMs), 'x-github-event': 'push' })
 */
export function githubSignature(secret: string): SignDelivery {
  assertSecret('githubSignature', secret)
  return (body) => ({ 'x-hub-signature-256': `sha256=${hmac(secret, body, 'hex')}` })
}

/**
 * The symmetric scheme of Standard Webhooks (Svix, and others): `webhook-id`, `webhook-timestamp` in seconds, and
 * `webhook-signature: v1,<HMAC SHA-256 of "id.timestamp.body", in base64>`. The id is the same in all deliveries of
 * one event, as the specification asks. Source:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secret base64, as `whsec_...` or without this prefix
 * @param idOf the id of a body @default made of a hash of the body, so that equal bodies have equal ids
 * @throws if the secret is no base64, or empty
 * @example standardWebhooks('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', (body) => JSON.parse(body).id)
 */
export function standardWebhooks(secret: string, idOf: (body: string) => string = idOfBody): SignDelivery {
  assertSecret('standardWebhooks', secret)
  const text = secret.replace(/^whsec_/, '')
  const key = Buffer.from(text, 'base64')
  if (key.length === 0 || key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw new Error(
      'standardWebhooks(): its secret is no base64. Give it as the provider shows it: "whsec_MfKQ9r8G...".',
    )
  return (body, atMs) => {
    const [id, at] = [idOf(body), secondsOf(atMs)]
    return {
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,${hmac(key, `${id}.${at}.${body}`, 'base64')}`,
    }
  }
}

function idOfBody(body: string): string {
  return `msg_${createHash('sha256').update(body).digest('hex').slice(0, 27)}`
}

function hmac(key: string | Buffer, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(text).digest(encoding)
}

function secondsOf(atMs: number): number {
  return Math.floor(atMs / 1_000)
}

function assertSecret(name: string, secret: unknown): void {
  if (typeof secret !== 'string' || secret === '')
    throw new Error(`${name}(): its secret is ${secret === '' ? 'empty' : typeof secret}; give the text that signs.`)
}
