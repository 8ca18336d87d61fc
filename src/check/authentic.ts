// authentic: only what somebody genuine sent has an effect: as it was sent, once, and while it was fresh. A safety
// property. What became of a message at its sender is no matter here (that is noPhantom), and neither is how often one
// key may happen (that is atMostOnce).
import type { Effect, Key, Observed } from '../history/effect.ts'
import { effectsOf } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { assertKeysCanMeet, inOrder, isNew, keyFor } from './by-key.ts'
import { callsOf, type Call } from './calls.ts'
import { momentOf, noEffect, seconds, seqs, shown } from './reason-words.ts'

/** What is compared of a message and of what it did. */
export interface Message {
  /** Which message: the id of an event, of an order. */
  readonly key: Key
  /** What must not be changed on the way: an amount, an account. Compared as data. @default nothing but the key */
  readonly content?: unknown
}

/** Further options of {@link authentic}. */
export interface Freshness {
  /**
   * How long after it was begun a message may have its effect, in milliseconds of virtual time; exactly as long is
   * fresh.
   *
   * @default for ever
   */
  readonly maxAgeMs?: number
}

/**
 * Holds when every effect can be given a genuine message of its own: one that was begun before it, at most `maxAgeMs`
 * before it, with its key and its content. Else the effect is of a forged message (no such key was sent), a tampered
 * one (with other content), a stale one, or one that was replayed (each message like it accounts for another effect
 * already). A client's own retries are one message, however it ended.
 *
 * Genuine are the operations that are named: let an attacker be an operation that is not. Effects without a time
 * (`rows`) are as fresh as need be, and rows that were there when the history began are none. Vacuous when no effect
 * happened.
 *
 * Lowe, "A Hierarchy of Authentication Specifications" (1997): injective agreement on key and content, with recentness.
 * Stripe's "Verify webhook signatures" suggests 300,000 ms; a sender that signs anew with each retry is fresh for as
 * long as it retries.
 *
 * @param genuine operations as {@link Message}s
 * @throws where no operation is named, or `maxAgeMs` is not above 0; in `check`, where a function throws, or a key is
 *   none or can never meet
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
  { maxAgeMs = Infinity }: Freshness = {},
): Invariant {
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
    check(history: History) {
      const done = inOrder(effectsOf(history, effect.name))
        .filter(isNew)
        .map((observed) => ({
          observed,
          ...read(effect.name, observed.value, message(observed.value as T)),
        })) // values under this name
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
  /** Equal for messages that agree. */
  readonly id: string
}

interface SentContent extends Identified {
  readonly call: Call
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
  return callsOf(history).flatMap((call): readonly SentContent[] => {
    const { invoke, end } = call
    const meaning = meanings.get(invoke.operation)
    return meaning === undefined
      ? []
      : [
          {
            call,
            ...read(meaning.name, invoke.input, meaning.read(invoke.input, end?.kind === 'ok' ? end.value : undefined)),
          },
        ]
  })
}

type Accounting = 'accounted for' | 'not sent' | 'stale' | 'replayed'

/**
 * Messages that are alike, given away one an effect, the oldest fresh one first: as all stay fresh equally long, no
 * other choice accounts for more. Asked in order of time.
 */
class Allotment {
  readonly #sent: readonly SentContent[]
  readonly #maxAgeMs: number
  /** The first that is neither given away nor stale. */
  #next = 0
  #given = 0
  #begun = 0

  constructor(sent: readonly SentContent[], maxAgeMs: number) {
    this.#sent = sent
    this.#maxAgeMs = maxAgeMs
  }

  /** The last of them that was begun by the latest effect. */
  get last(): SentContent | undefined {
    return this.#sent[this.#begun - 1]
  }

  take({ atMs, event }: Observed): Accounting {
    if (atMs === undefined || event === undefined) return this.#takeAny()
    while (this.#isBegun(this.#begun, event)) this.#begun += 1
    while (this.#next < this.#begun && !this.#isFresh(this.#sent[this.#next], atMs)) this.#next += 1
    if (this.#next < this.#begun) {
      this.#next += 1
      this.#given += 1
      return 'accounted for'
    }
    if (this.#begun === 0) return 'not sent'
    return this.#isFresh(this.last, atMs) ? 'replayed' : 'stale'
  }

  /** Without a time any that is left will do. */
  #takeAny(): Accounting {
    this.#begun = this.#sent.length
    if (this.#given === this.#sent.length) return 'replayed'
    this.#given += 1
    return 'accounted for'
  }

  #isBegun(index: number, event: number): boolean {
    const sent = this.#sent[index]
    return sent !== undefined && sent.call.invoke.seq < event
  }

  #isFresh(sent: SentContent | undefined, atMs: number): boolean {
    return sent !== undefined && atMs - sent.call.invoke.atMs <= this.#maxAgeMs
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
