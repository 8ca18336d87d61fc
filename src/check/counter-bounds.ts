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
 * added. Certain is an add that was answered ok before the read was asked for; possible is every add that was asked for
 * before the read was answered and has not failed. So without negative adds: the sum of the certain ones <= the read <=
 * the sum of the possible ones; a negative add that is possible lowers the lower bound, and only a certain one the
 * upper bound. Acts are `{ f: 'add', input }` and `{ f: 'read', output }`, each counter under its `key`. Vacuous when
 * no read was answered.
 *
 * A bound, not a set: a read between both that no subset of the adds makes is not found; `linearizable` does that.
 *
 * The `counter` checker of Jepsen (jepsen.checker), with adds below 0.
 *
 * @param operations what each operation adds or reads @default `add` and `read` of a recorded history
 * @throws in `check`, where an add or a read is no finite number, or an act is neither
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
      const byKey = Map.groupBy(actsOf(history, operations, conventionalAct).filter(tells), ({ act }) => act.key)
      const judged = Array.from(byKey.values()).flatMap(boundsOf)
      const reasons = judged
        .filter(({ value, least, most }) => value < least || value > most)
        .map((bounds) => outOfBounds(bounds, byKey.get(bounds.read.act.key) ?? []))
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return judged.length > 0 ? holds : vacuous('no read of a counter was answered ok')
    },
  }
}

/** A read without an answer is skipped: it shows nothing. @throws where it is not an act of a counter */
function tells({ act, call, known }: Acted<Act>): boolean {
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

/** What was added until a moment: up and down. */
interface Sums {
  up: Numeric
  down: Numeric
}

/** At most so many of the adds that a read should have shown are named. */
const mostTold = 8

function isCertainBefore({ act, known, call: { end } }: Acted<Act>, seq: number): boolean {
  return act.f === 'add' && known && end !== undefined && end.seq < seq
}

interface CounterMoment {
  readonly seq: number
  readonly acted: Acted<Act>
  readonly end: boolean
}

/** One pass over the moments of one counter: at a read's request what is certain, at its answer what is possible. */
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
