// Explains why there is no order: which operation cannot be placed, what the state was then, and the core. The
// explanation is computed when someone reads it, by searches with limits of their own. Must not decide the verdict.
import type { Act } from '../../history/act.ts'
import type { Model } from '../../system/model.ts'
import type { Reason } from '../../verdict/reason.ts'
import type { Acted } from '../acts.ts'
import { list, seqs, shown } from '../reason-words.ts'
import { coreOf, isStuck, type Core } from './core.ts'
import { isStanding } from './joint.ts'
import { partOf, type StatePartition } from './state-partition.ts'
import { reached, type ReachedState, type Reached } from './reached.ts'
import type { OrderRule } from './search-order.ts'
import { endSeq, prefix } from './weaken.ts'
import { answered, asked, on, span } from './operation-words.ts'

/** The reason why a part has no order. Its text and events are computed when they are first read. */
export function reasonFor(model: Model<unknown>, part: StatePartition, rule: OrderRule): Reason {
  let known: Wording | undefined
  const wording = (): Wording => (known ??= explanation(model, part, rule))
  return {
    kind: `not-${rule.adjective}`,
    ...(part.key === undefined ? {} : { subject: part.key }),
    get text() {
      return wording().text
    },
    get events() {
      return wording().events
    },
  }
}

type Wording = Pick<Reason, 'text' | 'events'>

function explanation(model: Model<unknown>, part: StatePartition, rule: OrderRule): Wording {
  const operations = part.operations.toSorted((a, b) => a.call.invoke.seq - b.call.invoke.seq)
  const seen = rule.isTimed ? prefix(model, operations, firstStuck(model, part, operations, rule)) : operations
  const core = coreOf(model, part.key, seen, rule)
  const way = reached(model, partOf(model, part.key, seen), rule)
  const fits = rule.isTimed ? lastThatFits(seen) : ''
  return {
    text: `${refusal(model, part, way, rule)}. ${fits}${coreText(model, core, seen.length)}`,
    events: seqs(
      [],
      core.operations.map(({ call }) => call),
    ),
  }
}

/** The first answer after which no order exists any more: there is still one for the history before it. */
function firstStuck(
  model: Model<unknown>,
  { key }: StatePartition,
  operations: readonly Acted<Act>[],
  rule: OrderRule,
): number {
  const ends = operations
    .filter(({ known }) => known)
    .map(endSeq)
    .sort((a, b) => a - b)
  let [low, high] = [0, ends.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isStuck(model, key, prefix(model, operations, ends[middle] ?? 0), rule)) high = middle
    else low = middle + 1
  }
  return ends[low] ?? Infinity
}

const mostShown = 4

/** `read by client 3 returned 1 (0.020 s to 0.030 s), but the register was 2 (after write 2 by client 1) then`. */
function refusal(
  model: Model<unknown>,
  part: StatePartition,
  { blocked, ends, isAll }: Reached,
  { isTimed, keeps }: OrderRule,
): string {
  const [first] = blocked
  if (first === undefined || (isTimed && !isAll)) return `no order of the operations${on(part)} keeps to ${keeps}`
  if (isTimed)
    return (
      `${answered(first)}${on(part)} (${span(first)}), but the ${model.name} was ` +
      `${among(ends.map((end) => endText(model, first, end)))} then`
    )
  const [end] = ends // any of the longest orders serves as an example
  const refused = blocked
    .slice(0, mostShown)
    .map(
      (one) =>
        `${operationText(model, one)} (${span(one)}), but the ${model.name} was ` +
        (end === undefined ? 'another' : endText(model, one, end)),
    )
  return `no order that keeps each client's own${on(part)} comes further than this: ${refused.join('; ')}`
}

/** The words for an operation, with its key if all keys are searched together. */
function operationText(model: Model<unknown>, one: Acted<Act>): string {
  return isStanding(model) ? `${answered(one)}${on(one.act)}` : answered(one)
}

function endText(model: Model<unknown>, { act }: Acted<Act>, { state, last }: ReachedState): string {
  // the cast holds: it is a state of this joint model
  if (isStanding(model)) return shown(model.jointPart(state as readonly number[], act))
  return `${shown(state)} (${last === undefined ? 'at first' : `after ${asked(last)}`})`
}

function among(texts: readonly string[]): string {
  const hidden = texts.length - mostShown
  const some = hidden > 0 ? [...texts.slice(0, mostShown), `one of ${hidden} more`] : texts
  return some.length < 2 ? some.join('') : `${some.slice(0, -1).join(', ')} or ${some.at(-1)}`
}

function lastThatFits(seen: readonly Acted<Act>[]): string {
  const [last, before] = seen.filter(({ known }) => known).toSorted((a, b) => endSeq(b) - endSeq(a))
  return last === undefined || before === undefined
    ? ''
    : `All that was answered earlier fits, up to ${answered(before)} (${span(before)}). `
}

const mostOfCore = 8

function coreText(model: Model<unknown>, { operations, isMinimal }: Core, all: number): string {
  const rest = all > operations.length ? ', whatever became of the others' : ''
  if (operations.length === 1) return `Nothing that was asked for could bring that about${rest}.`
  const hidden = operations.length - mostOfCore
  const some = operations.slice(0, mostOfCore).map((one) => operationText(model, one))
  return (
    `These contradict each other${rest}${isMinimal ? '; without any one of them there is an order' : ''}: ` +
    `${list(hidden > 0 ? [...some, `${hidden} more`] : some)}.`
  )
}
