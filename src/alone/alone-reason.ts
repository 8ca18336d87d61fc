// The reason why an end is that of no order: what is left too much, what is missing, beside the nearest order. Pure.
import type { History } from '../history/history.ts'
import type { FailureClass, Reason } from '../verdict/reason.ts'
import { differenceWords, type Difference, type Differing } from './difference.ts'
import { answerOf, type Fact } from './facts.ts'
import type { Outcomes } from './outcomes.ts'

/** The order whose end comes nearest. */
export interface Nearest {
  readonly order: readonly number[]
  readonly difference: Difference
}

/** What is told of. */
export interface ReasonOptions {
  readonly history: History
  readonly facts: readonly Fact[]
  readonly done: Outcomes
  readonly nearest: Nearest
  /** What is not compared, since it goes on changing. */
  readonly endless: readonly string[]
}

/** One failure: of the first source that differs, effects before stores. */
export function reasonOf({ history, facts, done, nearest, endless }: ReasonOptions): Reason {
  const { ok, maybe, failed, nameOf } = done
  const names = (ids: readonly number[]): string => (ids.length === 0 ? 'nothing' : ids.map(nameOf).join(', '))
  const open = maybe.length === 0 ? '' : `, and ${names(maybe)} or not`
  const without = failed.length === 0 ? '' : `, without ${names(failed)}, which failed`
  const answers = history.events.filter((event) => event.kind === 'ok').map(({ seq }) => seq)
  const run = `${names(ok)}${open}${without}`
  const { more, less } = nearest.difference
  const [first] = [...more, ...less]
  const source = first?.fact.source ?? ''
  const surplus = more.filter(({ fact }) => fact.source === source).flatMap((one) => eventsOf(facts, one))
  return {
    ...failureOf(source, more, less),
    text:
      `What is left after ${run} is what no order of them leaves, one after the other on a perfect network. ` +
      `${differenceWords(nearest.difference)} The nearest order: ${names(nearest.order)}.` +
      (endless.length === 0 ? '' : ` Left out, since it changes for ever: ${endless.join(', ')}.`),
    events: surplus.length > 0 ? surplus : answers,
  }
}

/** Of the same fact, the latest are too many. */
function eventsOf(facts: readonly Fact[], { fact, found, expected }: Differing): readonly number[] {
  const alike = facts.flatMap(({ text, event }) => (text === fact.text && event !== undefined ? [event] : []))
  return alike.sort((a, b) => a - b).slice(expected - found)
}

function failureOf(source: string, more: readonly Differing[], less: readonly Differing[]): FailureClass {
  const isOf = ({ fact }: Differing): boolean => fact.source === source
  if (source.startsWith(`${answerOf} `)) return { kind: 'different-answers', of: operationOf(source) }
  if (!less.some(isOf)) return { kind: 'too-many', of: source }
  if (!more.some(isOf)) return { kind: 'missing', of: source }
  return { kind: 'custom', of: source }
}

/** `pay` of `answer of pay#0`. */
function operationOf(source: string): string {
  return source.slice(answerOf.length + 1, source.lastIndexOf('#'))
}
