// What an attacker does with the messages of a provider: forges them with a key of its own, changes what it has
// overheard, and sends that again later (Dolev and Yao 1983, without the provider's key). An operation like any other,
// so that workloads draw it and shrinking drops it. Survives: a signature over the raw body, compared in constant time;
// a limit of its age on the receiver's own clock; the ids of events in the same transaction as their effect.
import * as fc from 'fast-check'
import { op, type AnyArbitrary, type Operation } from '../system/operation.ts'
import { clockMs, pause, running } from './provide.ts'
import type { SignDelivery } from './signatures.ts'

/** What a provider has sent. */
export interface SignedMessage {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Whose messages are attacked. */
export interface Attacked {
  readonly name: string
  readonly events: AnyArbitrary<unknown>
  readonly timeoutMs: number
  /** The text and the headers of a genuine message of this event. */
  write(event: unknown): SignedMessage
  readonly sign: SignDelivery
  send(message: SignedMessage, withinMs: number): Promise<Response | undefined>
}

/** An attack, as a scenario holds it: no texts, so that stories do not take them for ids. */
type Attack =
  /** This event, with the signature of somebody who does not know the key. */
  | { readonly forge: unknown }
  /** The last message that was overheard, with this value in it changed: counted from 0, and round. */
  | { readonly tamper: number; readonly afterMs: number }
  /** The last message that was overheard, as it was. */
  | { readonly replayAfterMs: number }

/** How long an attacker waits: not at all, beyond usual limits of a signature's age, and beyond a day-old key. */
const waitsMs = [0, 1_000, 600_000, 25 * 3_600_000] as const

/** The attacks on a provider's messages, as an operation. Its answer is no news: every attack counts as done. */
export function attackOn(attacked: Attacked): Operation<unknown> {
  const { name, events, timeoutMs } = attacked
  const afterMs = fc.constantFrom(...waitsMs)
  const attacks = fc.oneof(
    { withCrossShrink: true },
    fc.record({ forge: events as fc.Arbitrary<unknown> }), // one class: see op
    fc.record({ replayAfterMs: afterMs }),
    fc.record({ tamper: fc.nat(7), afterMs }),
  )
  const operation = op(
    `${name}-attack`,
    attacks,
    async (attack: Attack) => {
      if (!('forge' in attack)) await pause('tamper' in attack ? attack.afterMs : attack.replayAfterMs)
      const message = messageOf(attack, attacked)
      return message === undefined ? undefined : attacked.send(message, timeoutMs)
    },
    { outcome: () => 'ok' },
  )
  return { ...operation, provider: 'attacker' }
}

function messageOf(attack: Attack, attacked: Attacked): SignedMessage | undefined {
  const { name, sign } = attacked
  if ('forge' in attack) {
    const { body, headers } = attacked.write(attack.forge)
    return { body, headers: { ...headers, ...forged(sign, body) } }
  }
  const overheard = running().host.overheard.get(name) as SignedMessage[] | undefined // only webhook() writes there
  const last = overheard?.at(-1)
  if (last === undefined || !signsBody(sign, last.body)) return undefined // who overhears a password, has it
  return 'tamper' in attack ? { ...last, body: changed(last.body, attack.tamper) } : last
}

/** Headers of the same form, made without the key: they sign another body, or nothing. */
function forged(sign: SignDelivery, body: string): Readonly<Record<string, string>> {
  const other = sign(`${body}${salt}`, clockMs())
  return signsBody(sign, body) ? other : Object.fromEntries(Object.keys(other).map((name) => [name, 'forged']))
}

/** More of a text: also a text of JSON has the same meaning with it, so that what signs may read it. */
const salt = ' '

/** Whether any header depends on the body. A password does not. */
function signsBody(sign: SignDelivery, body: string): boolean {
  const atMs = clockMs()
  return JSON.stringify(sign(body, atMs)) !== JSON.stringify(sign(`${body}${salt}`, atMs))
}

/** The text with one of the values in its JSON changed; where it is no JSON, with one more character. */
function changed(body: string, value: number): string {
  let data: unknown
  try {
    data = JSON.parse(body)
  } catch {
    return `${body}x`
  }
  const count = countIn(data)
  let left = count === 0 ? -1 : value % count
  return JSON.stringify(data, (_, inner: unknown) => (isValue(inner) && left-- === 0 ? other(inner) : inner))
}

function countIn(data: unknown): number {
  if (isValue(data)) return 1
  return Object.values(data as object).reduce<number>((sum, inner) => sum + countIn(inner), 0) // else a list or object
}

function isValue(data: unknown): data is string | number | boolean | null {
  return typeof data !== 'object' || data === null
}

function other(value: string | number | boolean | null): unknown {
  if (typeof value === 'number') return value + 1
  return typeof value === 'string' ? `${value}x` : value !== true
}
