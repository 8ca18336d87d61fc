// counterBounds: a counter shows at least what was certainly added and at most what may have been. A safety property.
// Speaks for clients; must not know how the counter is kept.
import { bug } from '../plain/bug.ts'
import type { Act } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { actsOf, conventionalAct, type Acted } from './acts.ts'
import { exactSum, isNumeric, type Numeric } from './exact-sum.ts'
import { callAt, checkerName, seqs, shown, toldAt, who } from './reason-words.ts'
import { UnknownActError } from './unknown-act.ts'

/**
 * Holds when every read of a counter, which starts at 0, lies between what was certainly added and what may have been
 * added. An add is certain if it was answered ok before the read was invoked. An add is possible if it was invoked
 * before the read was answered, and did not fail. Without negative adds: sum of the certain adds <= read <= sum of the
 * possible adds. A negative add lowers the lower bound as soon as it is possible, and the upper bound only when it is
 * certain. Acts are `{ f: 'add', input }` and `{ f: 'read', output }`, each counter under its `key`. Vacuous when no
 * read was answered.
 *
 * Only bounds are checked: a read between them that no subset of the adds can make is not found; `linearizable` finds
 * it.
 *
 * Jepsen's `counter` checker (jepsen.checker), extended to negative adds.
 *
 * @param operations what each operation adds or reads @default `add` and `read` of a recorded history
 * @throws in `check`, if an add or a read is not a finite number, or an act is neither add nor read
 * @example
 * counterBounds([
 *   like.as(({ post }) => ({ f: 'add', key: post, input: 1 })),
 *   count.as(({ post }, n) => ({ f: 'read', key: post, output: n })),
 * ])
 */
export function counterBounds(operations?: readonly InterpretedOperation<Act>[]): Invariant {
  return {
    kind: 'invariant',
    name: checkerName('counterBounds', operations),
    effects: [],
    check(history: History) {
      const byKey = Map.groupBy(actsOf(history, operations, conventionalAct).filter(isUsable), ({ act }) => act.key)
      const judged = Array.from(byKey.values()).flatMap(boundsOf)
      const reasons = judged
        .filter(({ value, least, most }) => value < least || value > most)
        .map((bounds) => outOfBounds(bounds, byKey.get(bounds.read.act.key) ?? []))
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return judged.length > 0 ? holds : vacuous('no read of a counter was answered ok')
    },
  }
}

/** Whether an act counts: a read without an answer shows nothing. @throws if it is not an act of a counter */
function isUsable({ act, call, known }: Acted<Act>): boolean {
  const value = act.f === 'add' ? act.input : act.f === 'read' ? act.output : undefined
  if (act.f !== 'add' && act.f !== 'read')
    throw new UnknownActError(`${callAt(call)} is "${act.f}", which is no act of a counter (have add, read).`)
  if (act.f === 'read' && (!known || act.output === undefined)) return false
  if (isNumeric(value)) return true
  throw new Error(`${callAt(call)} ${act.f === 'add' ? 'adds' : 'read'} ${shown(value)}; give a finite number.`)
}

interface ReadBounds {
  readonly read: Acted<Act>
  readonly value: Numeric
  readonly least: Numeric
  readonly most: Numeric
}

/** The sums of the positive and of the negative adds so far. */
interface Sums {
  up: Numeric
  down: Numeric
}

/** How many of the adds that a read should have shown are pointed at, at most. */
const mostTold = 8

function isCertainBefore({ act, known, call: { end } }: Acted<Act>, seq: number): boolean {
  return act.f === 'add' && known && end !== undefined && end.seq < seq
}

interface CounterMoment {
  readonly seq: number
  readonly acted: Acted<Act>
  readonly end: boolean
}

/**
 * Passes once over the moments of one counter: records the certain adds when a read is invoked, and the possible adds
 * when it is answered.
 */
function boundsOf(acts: readonly Acted<Act>[]): readonly ReadBounds[] {
  const [certain, possible]: [Sums, Sums] = [
    { up: 0, down: 0 },
    { up: 0, down: 0 },
  ]
  const before = new Map<Acted<Act>, Readonly<Sums>>()
  const bounds: ReadBounds[] = []
  for (const { acted, end } of momentsOf(acts)) {
    if (acted.act.f === 'add') add(end ? certain : possible, numericOf(acted.act.input))
    else if (!end) before.set(acted, { ...certain })
    else {
      const { up, down } = before.get(acted) ?? certain
      before.delete(acted)
      bounds.push({
        read: acted,
        value: numericOf(acted.act.output),
        least: exactSum(up, possible.down),
        most: exactSum(down, possible.up),
      })
    }
  }
  return bounds
}

function add(sums: Sums, amount: Numeric): void {
  if (amount > 0) sums.up = exactSum(sums.up, amount)
  else sums.down = exactSum(sums.down, amount)
}

function numericOf(value: unknown): Numeric {
  return isNumeric(value) ? value : bug('an act of a counter without a number')
}

function momentsOf(acts: readonly Acted<Act>[]): readonly CounterMoment[] {
  return acts
    .flatMap((acted): CounterMoment[] => {
      const { invoke, end } = acted.call
      const begin = { seq: invoke.seq, acted, end: false }
      return acted.known && end !== undefined ? [begin, { seq: end.seq, acted, end: true }] : [begin]
    })
    .sort((a, b) => a.seq - b.seq)
}

function outOfBounds({ read: { act, call }, value, least, most }: ReadBounds, added: readonly Acted<Act>[]): Reason {
  const counter = act.key === undefined ? 'the counter' : shown(act.key)
  return {
    text:
      `${who(call)} read ${value} of ${counter} at ${toldAt(call)}; expected ` +
      `${
        value < least
          ? `at least ${least}, as was certainly added before`
          : `at most ${most}, as could have been added until then`
      }.`,
    kind: value < least ? 'counter-too-low' : 'counter-too-high',
    ...(act.key === undefined ? {} : { subject: act.key }),
    get events() {
      return seqs(
        [],
        [
          ...(value < least ? added.filter((one) => isCertainBefore(one, call.invoke.seq)).slice(-mostTold) : []).map(
            (one) => one.call,
          ),
          call,
        ],
      )
    },
  }
}
