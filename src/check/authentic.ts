// authentic: every effect comes from a genuine message: unchanged, once, and fresh. A safety property. It ignores what
// became of a message at its sender (`noPhantom` checks that), and how often one key may happen (`atMostOnce`).
import type { Effect, Key, Observed } from '../history/effect.ts'
import { effectsOf } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { invocationOf, isFromOutside, type Address } from '../scenario/address.ts'
import { assertOptions } from '../plain/options.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { assertKeysCanMeet, inOrder, isNew, keyFor } from './by-key.ts'
import { callsOf, type Call } from './calls.ts'
import { momentOf, noEffect, seconds, seqs, shown } from './reason-words.ts'

/** What identifies a message, and what an effect must have in common with its message. */
export interface Message {
  /** Identifies the message, such as the id of an event or of an order. */
  readonly key: Key
  /** The fields that must not change on the way, such as amount and account. Compared as data. @default only the key */
  readonly content?: unknown
}

/** Further options of {@link authentic}. */
export interface Freshness {
  /**
   * How many milliseconds of virtual time after it was sent a message may have its effect. An effect after exactly that
   * time is still fresh.
   *
   * @default no limit
   */
  readonly maxAgeMs?: number
}

/**
 * Holds when every effect can be matched with a genuine message of its own: one that was sent before the effect, at
 * most `maxAgeMs` before, with the same key and content. Otherwise the effect comes from a forged message (no message
 * has this key), a tampered one (other content), a stale one, or a replayed one (each matching message already has
 * another effect). The retries of a client are one message, no matter how it ended.
 *
 * The operations that you name are genuine. Where one is a `webhook`, an attacker takes part: it forges messages with a
 * key of its own, changes what it overhears, and repeats it later. Model any other attacker as an operation that you do
 * not name. Effects without a
 * time (`rows`) are never stale, and rows that were there when the history began need no message. Vacuous when no
 * effect happened.
 *
 * Lowe, "A Hierarchy of Authentication Specifications" (1997): injective agreement on key and content, with recentness.
 * Stripe's "Verify webhook signatures" suggests 300,000 ms; the messages of a `webhook`, which signs each delivery
 * anew, stay fresh as long as it delivers.
 *
 * @param genuine operations as {@link Message}s
 * @throws if no operation is named, or `maxAgeMs` is not above 0; in `check`, if a function throws, a key is not a key,
 *   or the keys of both sides have no type in common
 * @example
 * authentic(
 *   deliver.as((e) => ({ key: e.id, content: e.cents })),
 *   credit,
 *   (c) => ({ key: c.event, content: c.cents }),
 *   { maxAgeMs: 300_000 },
 * )
 */
export function authentic<T>(
  genuine: InterpretedOperation<Message> | readonly InterpretedOperation<Message>[],
  effect: Effect<T>,
  message: (value: T) => Message,
  options: Freshness = {},
): Invariant {
  assertOptions('authentic()', options, ['maxAgeMs'])
  const { maxAgeMs = Infinity } = options
  const senders: readonly InterpretedOperation<Message>[] = 'kind' in genuine ? [genuine] : genuine
  const names = senders.map(({ name }) => name).join(' | ')
  if (senders.length === 0)
    throw new Error(`authentic([], ${effect.name}): name at least one operation whose messages are genuine.`)
  if (!(maxAgeMs > 0))
    throw new Error(`authentic(${names}, ${effect.name}): maxAgeMs is ${shown(maxAgeMs)}; give milliseconds above 0.`)
  return {
    kind: 'invariant',
    name: `authentic(${names}, ${effect.name})`,
    effects: [effect.source],
    genuine: senders.map(({ name }) => name),
    check(history: History) {
      const done = inOrder(effectsOf(history, effect.name))
        .filter(isNew)
        .map((observed) => ({
          observed,
          ...read(effect.name, observed.value, message(observed.value as T)),
        })) // the cast holds: values under this name come from this source
      if (done.length === 0) return vacuous(noEffect(effect.source))
      const sent = sentIn(history, senders)
      const byKey = Map.groupBy(sent, ({ key }) => key)
      assertKeysCanMeet({ name: names, keys: byKey }, { name: effect.name, keys: Map.groupBy(done, ({ key }) => key) })
      const like = new Map(
        Array.from(
          Map.groupBy(sent, ({ id }) => id),
          ([id, all]) => [id, new Allotment(all, maxAgeMs)],
        ),
      )
      const reasons = done.flatMap((one) =>
        judge({ names, effect: effect.name, maxAgeMs }, one, byKey.get(one.key) ?? [], like.get(one.id)),
      )
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

interface Identified {
  readonly key: Key
  readonly content: unknown
  /** Equal for messages with the same key and content. */
  readonly id: string
}

interface SentContent extends Identified {
  readonly call: Call
  /** When it was sent, ascending: as the operation began, and each time that a provider signed it anew. */
  readonly sentMs: readonly number[]
}

interface Done extends Identified {
  readonly observed: Observed
}

function read(name: string, value: unknown, { key, content }: Message): Identified {
  const sound = keyFor({ name, keyOf: () => key }, value)
  return { key: sound, content, id: `${typeof sound} ${canonical(encodeValue([sound, content]))}` }
}

function sentIn(history: History, senders: readonly InterpretedOperation<Message>[]): readonly SentContent[] {
  const meanings = new Map(senders.map((one) => [one.name, one]))
  const delivered = deliveredIn(history)
  return callsOf(history).flatMap((call): readonly SentContent[] => {
    const { invoke, end } = call
    const meaning = meanings.get(invoke.operation)
    return meaning === undefined
      ? []
      : [
          {
            call,
            sentMs: [invoke.atMs, ...(delivered.get(invoke.invocation) ?? [])],
            ...read(meaning.name, invoke.input, meaning.read(invoke.input, end?.kind === 'ok' ? end.value : undefined)),
          },
        ]
  })
}

/** When providers delivered what, by invocation. Only they sign each delivery anew. */
function deliveredIn({ events }: History): ReadonlyMap<number, readonly number[]> {
  const delivered = new Map<number, number[]>()
  for (const event of events) {
    if (event.kind !== 'send' || event.request >= 0 || event.copy > 0) continue
    const invocation = isFromProvider(event.address) ? invocationOf(event.address.root) : undefined
    if (invocation === undefined) continue
    const known = delivered.get(invocation)
    if (known === undefined) delivered.set(invocation, [event.atMs])
    else known.push(event.atMs)
  }
  return delivered
}

function isFromProvider(address: Address): boolean {
  return isFromOutside(address) && address.from !== 'client'
}

type Accounting = 'accounted for' | 'not sent' | 'stale' | 'replayed'

/**
 * Assigns messages of equal key and content to effects, one to each, in order of time. Each effect gets the oldest
 * message that is fresh. Since all that are sent once stay fresh equally long, no other assignment can match more
 * effects.
 */
class Allotment {
  readonly #sent: readonly SentContent[]
  readonly #maxAgeMs: number
  /** The index of the first message that is neither assigned nor stale for ever. */
  #next = 0
  readonly #given = new Set<number>()
  #begun = 0

  constructor(sent: readonly SentContent[], maxAgeMs: number) {
    this.#sent = sent
    this.#maxAgeMs = maxAgeMs
  }

  /** The last of the messages that was sent before the latest effect. */
  get last(): SentContent | undefined {
    return this.#sent[this.#begun - 1]
  }

  take({ atMs, event }: Observed): Accounting {
    if (atMs === undefined || event === undefined) return this.#takeAny()
    while (this.#isBegun(this.#begun, event)) this.#begun += 1
    while (this.#next < this.#begun && this.#isOver(this.#next, atMs)) this.#next += 1
    for (let index = this.#next; index < this.#begun; index++) {
      if (this.#given.has(index) || !this.#isFresh(this.#sent[index], atMs)) continue
      this.#given.add(index)
      return 'accounted for'
    }
    if (this.#begun === 0) return 'not sent'
    return this.#isFresh(this.last, atMs) ? 'replayed' : 'stale'
  }

  /** An effect without a time may take any message that is left. */
  #takeAny(): Accounting {
    this.#begun = this.#sent.length
    const free = this.#sent.findIndex((_, index) => !this.#given.has(index))
    if (free < 0) return 'replayed'
    this.#given.add(free)
    return 'accounted for'
  }

  #isBegun(index: number, event: number): boolean {
    const sent = this.#sent[index]
    return sent !== undefined && sent.call.invoke.seq < event
  }

  #isOver(index: number, atMs: number): boolean {
    return this.#given.has(index) || atMs - (this.#sent[index]?.sentMs.at(-1) ?? 0) > this.#maxAgeMs
  }

  #isFresh(sent: SentContent | undefined, atMs: number): boolean {
    const lastMs = sent?.sentMs.findLast((ms) => ms <= atMs)
    return lastMs !== undefined && atMs - lastMs <= this.#maxAgeMs
  }
}

interface AuthenticWords {
  readonly names: string
  readonly effect: string
  readonly maxAgeMs: number
}

function judge(
  { names, effect, maxAgeMs }: AuthenticWords,
  { key, content, observed }: Done,
  ofKey: readonly SentContent[],
  like: Allotment | undefined,
): readonly Reason[] {
  const answer = like?.take(observed) ?? 'not sent'
  if (answer === 'accounted for') return []
  const other = answer === 'not sent' ? ofKey[0] : undefined
  const known = other !== undefined && (observed.event === undefined || other.call.invoke.seq < observed.event)
  const about = known ? other : answer === 'not sent' ? undefined : like?.last
  const kind = kindOf(answer, known)
  const words: Record<Exclude<Accounting, 'accounted for'>, string> = {
    'not sent': known
      ? `with ${shown(content)}, but ${names} sent ${shown(other.content)}${at(other)}`
      : `but no ${names} had sent it`,
    stale: `but ${names} sent it${at(about)}, more than ${seconds(maxAgeMs)} before`,
    replayed: `but each ${names} that sent it (the last${at(about)}) accounts for another one`,
  }
  return [
    {
      text:
        `${effect} happened for ${shown(key)}${momentOf(observed)}, ${words[answer]}; expected no effect of a ` +
        `${answer === 'stale' ? 'stale' : kind} message.`,
      kind,
      of: effect,
      subject: key,
      events: seqs([observed], about === undefined ? [] : [about.call]),
    },
  ]
}

function kindOf(answer: Exclude<Accounting, 'accounted for'>, known: boolean): ReasonKind {
  if (answer === 'stale') return 'expired'
  return answer === 'replayed' ? 'replayed' : known ? 'tampered' : 'forged'
}

function at(sent: SentContent | undefined): string {
  return sent === undefined ? '' : ` at ${seconds(sent.call.invoke.atMs)}`
}
