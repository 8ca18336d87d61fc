// webhook: a provider that tells of events, such as Stripe or GitHub. It delivers at least once, in any order and
// overlapping, and signs each delivery anew on its own clock. Survives: the id of the event in the same transaction as
// its effect. This file does not know how a simulation works.
import { describeError } from '../plain/describe-error.ts'
import { assertNumber, assertOptions, assertType, foundWords, isRecord } from '../plain/options.ts'
import { SetupError } from '../simulate/setup-error.ts'
import { op, type AnyArbitrary, type Operation } from '../system/operation.ts'
import { attackOn, type SignedMessage } from './attack.ts'
import { clockMs, post, running, untilAccepted } from './provide.ts'
import type { SignDelivery } from './signatures.ts'

/** How a provider delivers. */
export interface WebhookOptions {
  /** Where to: a method and a URL, or a URL alone, which gets a POST. */
  readonly to: string | URL
  /**
   * Signs one delivery, and gives the headers that are sent with it, as `stripeSignature`, `githubSignature` and
   * `standardWebhooks` do. Called for every delivery, with the time of the provider's clock then.
   *
   * @default no signature
   */
  readonly sign?: SignDelivery
  /** How long the provider waits for an answer, in milliseconds of virtual time. @default 10_000 */
  readonly timeout?: number
  /** How often it delivers again what was not accepted. @default as often as `backOff` says */
  readonly retries?: number
  /**
   * How long it waits before each further delivery, in milliseconds of virtual time; the last one also before all that
   * come after it. Standard Webhooks ("Deliverability and reliability") has nine, of 5 s to 24 h; those in between show
   * nothing that these do not.
   *
   * @default [5_000, 300_000, 90_000_000]: the last one after 25 hours, when a day-old key is forgotten
   */
  readonly backOff?: readonly number[]
}

const defaultBackOffMs: readonly number[] = [5_000, 300_000, 90_000_000]

/**
 * An operation that a provider carries out, and no client: it tells of an event, at least once, in any order and
 * overlapping. The network disturbs it, but it never stops, and its clock is right. Any answer but 2xx, and none in
 * time, is no acceptance: it delivers again. It also delivers again what was accepted: at once, soon, or after 25
 * hours. In stories its column is its name.
 *
 * Where `authentic` takes its messages for genuine, an attacker takes part, who has no key and overhears everything.
 *
 * @param name the provider's, and the operation's
 * @param events makes events: plain data, whose JSON is the body; or texts, which are sent as they are
 * @throws if the name is not one word of letters, digits, dots and dashes, or an option is out of range; while a
 *   history runs, if `sign` throws or gives no headers, or an event has no JSON
 * @example
 * const stripe = webhook('stripe', fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1 }) }), {
 *   to: 'POST http://shop/webhooks/stripe',
 *   sign: stripeSignature('whsec_test'),
 * })
 * const once = exactlyOnce(stripe.by((e) => e.id), credit.by((c) => c.event))
 * const genuine = authentic(stripe.as((e) => ({ key: e.id, content: e.cents })), credit,
 *   (c) => ({ key: c.event, content: c.cents }))
 */
export function webhook<T>(name: string, events: AnyArbitrary<T>, options: WebhookOptions): Operation<T> {
  const of = `webhook("${name}")`
  assertWebhook(of, name, options)
  const { timeout = 10_000, backOff = defaultBackOffMs, retries = backOff.length, sign } = options
  const { method, url } = destination(of, options.to)
  const signed = (body: string, atMs: number): Readonly<Record<string, string>> => headersOf(of, sign, body, atMs)
  const write = (event: unknown): SignedMessage => written(of, event)
  const send = ({ body, headers }: SignedMessage, withinMs: number): Promise<Response | undefined> =>
    post(url, { method, body, headers }, withinMs)
  const deliver = (message: SignedMessage): Promise<Response | undefined> => {
    const delivered = { ...message, headers: { ...message.headers, ...signed(message.body, clockMs()) } }
    overhear(name, delivered)
    return send(delivered, timeout)
  }
  const provider = op(
    name,
    events,
    async (event): Promise<unknown> => {
      const message = write(event)
      return untilAccepted(
        () => deliver(message),
        (attempts) => (attempts > retries ? undefined : (backOff[attempts - 1] ?? backOff.at(-1) ?? 0)),
      )
    },
    { outcome: (result) => (result instanceof Response && result.ok ? 'ok' : 'info') },
  )
  return {
    ...provider,
    atLeastOnce: true,
    provider: name,
    ...(sign === undefined
      ? {}
      : { attack: attackOn({ name, events, timeoutMs: timeout, write, sign: signed, send }) }),
  }
}

function overhear(name: string, delivered: SignedMessage): void {
  const { overheard } = running().host
  const known = overheard.get(name)
  if (known === undefined) overheard.set(name, [delivered])
  else known.push(delivered)
}

/** The body of an event, and what kind of text it is. */
function written(of: string, event: unknown): SignedMessage {
  if (typeof event === 'string') return { body: event, headers: { 'content-type': 'text/plain;charset=UTF-8' } }
  let body: string | undefined
  try {
    body = JSON.stringify(event)
  } catch (error) {
    throw wrong(`${of}: an event has no JSON (${describeError(error)}). Let its arbitrary make plain data, or texts.`)
  }
  if (body === undefined) throw wrong(`${of}: an event is ${foundWords(event)}, which has no JSON.`)
  return { body, headers: { 'content-type': 'application/json' } }
}

function headersOf(of: string, sign: SignDelivery | undefined, body: string, atMs: number): SignedMessage['headers'] {
  if (sign === undefined) return {}
  let headers: unknown
  try {
    headers = sign(body, atMs)
  } catch (error) {
    throw wrong(`${of}: its sign threw ${describeError(error)}. It signs each delivery: (body, atMs) => headers.`)
  }
  if (!isRecord(headers) || headers instanceof Promise || Object.values(headers).some((one) => typeof one !== 'string'))
    throw wrong(
      `${of}: its sign gave ${headers instanceof Promise ? 'a promise' : foundWords(headers)}, and no headers. Give ` +
        'texts by name: (body, atMs) => ({ "x-signature": "..." }).',
    )
  if (Object.keys(headers).length === 0)
    throw wrong(`${of}: its sign gave no headers ({}), so that nothing is signed. Leave it out if that is meant.`)
  return headers as SignedMessage['headers'] // just checked
}

/** A mistake in the set-up, which ends the history: a provider that caught it would take it for a lost message. */
function wrong(text: string): SetupError {
  const error = new SetupError(text)
  running().host.fail(error)
  return error
}

function destination(of: string, to: unknown): { readonly method: string; readonly url: string } {
  const [, method = 'POST', url = ''] = /^(?:([A-Z]+) +)?(\S+)$/.exec(to instanceof URL ? to.href : String(to)) ?? []
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(
      `${of}: to is ${foundWords(to)}; give a method and a URL, as in 'POST http://shop/webhooks/stripe'.`,
    )
  return { method, url }
}

const known: Record<keyof WebhookOptions, true> = { to: true, sign: true, timeout: true, retries: true, backOff: true }

function assertWebhook(of: string, name: unknown, options: unknown): asserts options is WebhookOptions {
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name) || name === 'client' || name === 'attacker')
    throw new Error(
      `${of}: its name is that of a column in stories: letters, digits, dots and dashes. "client" and "attacker" are ` +
        'taken.',
    )
  if (!isRecord(options)) throw new Error(`${of}: its third argument is ${foundWords(options)}; give { to, sign }.`)
  assertOptions(of, options, Object.keys(known))
  assertType(`${of}: sign`, options['sign'], 'function', 'a function: (body, atMs) => headers')
  assertNumber(`${of}: timeout`, options['timeout'], 'milliseconds above 0')
  assertNumber(`${of}: retries`, options['retries'], 'a whole number from 0')
  const { backOff = [] } = options
  if (!Array.isArray(backOff) || !backOff.every((ms) => Number.isFinite(ms) && ms >= 0))
    throw new Error(
      `${of}: backOff is ${foundWords(backOff)}; give a list of milliseconds from 0, as in [5_000, 300_000].`,
    )
}
