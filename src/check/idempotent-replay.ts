// idempotentReplay: repeating a request gets the same answer, and an idempotency key cannot be used for another
// request. A safety property. Speaks for the client: knows calls and their answers, never effects.
import type { Key } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { isAccepted, nothingAccepted } from './at-least-once.ts'
import { callsByKey } from './by-key.ts'
import { damagedAnswers, type Call } from './calls.ts'
import { alike, identityOf, unlike } from './content.ts'
import { seqs, shown, toldAt } from './reason-words.ts'

/** What {@link idempotentReplay} compares. */
export interface Replays {
  /**
   * Selects the part of an answer that must be the same. It gets the completion's `value`, which for a Response is `{
   * status, body }`.
   *
   * @default the whole value
   */
  readonly answer?: (value: unknown) => unknown
}

/**
 * Holds when all operations with the same key and payload (the whole input) that were answered ok got the same answer
 * (status and body), and no key was answered ok for two payloads. An operation that failed, or has no answer, is not
 * compared: it may have done nothing, so another payload may use its key. Vacuous unless some key was answered ok
 * twice, or was answered ok once and refused for another payload: let the arbitrary repeat keys, as
 * `fc.constantFrom('k-1', 'k-2')` does.
 *
 * An operation and its own `retries` count as one, and only its final answer is compared.
 *
 * After Stripe, "Idempotent requests" (API reference), which saves "the resulting status code and body of the first
 * request" for a key and refuses other parameters; draft-ietf-httpapi-idempotency-key-header-07, "Idempotency
 * Fingerprint" and "Error Scenarios".
 *
 * @param operation keyed by the value that the server uses as idempotency key
 * @throws in `check`, if the key function or `answer` throws, or a key is not a key
 * @example
 * idempotentReplay(pay.by((p) => p.key))
 * @example
 * idempotentReplay(pay.by((p) => p.key), { answer: (value) => (value as { body: string }).body }) // 201, then 200
 */
export function idempotentReplay<K extends Key>(
  operation: KeyedOperation<K>,
  { answer = (value) => value }: Replays = {},
): Invariant {
  return {
    kind: 'invariant',
    name: `idempotentReplay(${operation.name})`,
    effects: [],
    check(history: History) {
      const calls = callsByKey(history, operation)
      const damaged = damagedAnswers(history)
      const reasons = Array.from(calls).flatMap(([key, made]) =>
        contradictions(
          operation.name,
          key,
          made.filter((call) => isAccepted(call) && !damaged.has(call.invoke.invocation)),
          answer,
        ),
      )
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return Array.from(calls.values()).some(canShowViolation) ? holds : nothingRepeated(operation.name, calls)
    },
  }
}

type AnswerKey = NonNullable<Replays['answer']>

function contradictions(operation: string, key: Key, accepted: readonly Call[], answer: AnswerKey): readonly Reason[] {
  const [first] = accepted
  if (first === undefined) return []
  const isOther = unlike(first.invoke.input)
  const other = accepted.find(({ invoke }) => isOther(invoke.input))
  const reused = other === undefined ? [] : [reuse(operation, key, first, other)]
  return [
    ...reused,
    ...Array.from(byPayload(accepted).values()).flatMap((same) => differing(operation, key, same, answer)),
  ]
}

function byPayload(calls: readonly Call[]): ReadonlyMap<unknown, readonly Call[]> {
  return Map.groupBy(calls, ({ invoke }) => identityOf(invoke.input))
}

function reuse(operation: string, key: Key, first: Call, other: Call): Reason {
  return {
    text:
      `${operation} was answered ok for ${shown(key)} with ${shown(first.invoke.input)} at ${toldAt(first)}, ` +
      `and with ${shown(other.invoke.input)} at ${toldAt(other)}; ` +
      'expected that a key is refused for another payload.',
    kind: 'reused-key',
    of: operation,
    subject: key,
    events: seqs([], [first, other]),
  }
}

/** A reason for the first answer that differs from the earliest one. */
function differing(operation: string, key: Key, accepted: readonly Call[], answer: AnswerKey): readonly Reason[] {
  const answered = accepted
    .toSorted((a, b) => endSeq(a) - endSeq(b))
    .map((call) => ({ call, value: answer(call.end?.value) }))
  const [first] = answered
  if (first === undefined) return []
  const isOther = unlike(first.value)
  const other = answered.find(({ value }) => isOther(value))
  if (other === undefined) return []
  return [
    {
      text:
        `${operation} was answered ${shown(first.value)} for ${shown(key)} at ${toldAt(first.call)}, and ` +
        `${shown(other.value)} at ${toldAt(other.call)} for the same; expected the same answer.`,
      kind: 'different-answers',
      of: operation,
      subject: key,
      events: seqs([], [first.call, other.call]),
    },
  ]
}

function endSeq({ invoke, end }: Call): number {
  return end?.seq ?? invoke.seq
}

/** Whether a key was used twice in a way that can show a violation. */
function canShowViolation(calls: readonly Call[]): boolean {
  const accepted = calls.filter(isAccepted)
  const [first] = accepted
  if (first === undefined) return false
  return (
    accepted.length > 1 ||
    calls.some(({ invoke, end }) => end?.kind === 'fail' && !alike(invoke.input, first.invoke.input))
  )
}

function nothingRepeated(operation: string, calls: ReadonlyMap<Key, readonly Call[]>): Verdict {
  if (!Array.from(calls.values()).some((made) => made.some(isAccepted)))
    return vacuous(nothingAccepted(operation, calls))
  return vacuous(
    `no key of "${operation}" was answered ok twice: does its arbitrary repeat keys and payloads, as ` +
      'fc.constantFrom(...) does?',
  )
}
