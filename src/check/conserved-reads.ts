// conservedReads: every read of all accounts has the same sum. Speaks for the clients of a recorded history; who moved
// what does not matter.
import type { Act } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { actsOf, conventionalAct, type Acted } from './acts.ts'
import { exactSum, isNumeric, type Numeric } from './exact-sum.ts'
import { callAt, checkerName, seqs, shown, toldAt, who } from './reason-words.ts'

/**
 * Holds when every `read` that was answered ok returned balances (a record or a list of numbers) with the same sum.
 * Only reads are needed: whether and when a transfer took place does not matter. A balance of `null` counts as 0.
 * Vacuous when no read was answered.
 *
 * The part of Jepsen's `bank` checker (jepsen.tests.bank) that concerns the total; `linearizable(bank(...))` also
 * checks when a transfer has to be visible.
 *
 * @param total the sum, or the initial balances @default the sum of the first read
 * @param operations what each operation reads @default `read` of a recorded history
 * @throws in `check`, if a read returned anything but numbers
 * @example
 * check(recorded, [conservedReads(20)])
 */
export function conservedReads(total?: unknown, operations?: readonly InterpretedOperation<Act>[]): Invariant {
  const expected = total === undefined ? undefined : totalOf(total, () => new Error(noTotal(total)))
  return {
    kind: 'invariant',
    name: checkerName('conservedReads', operations),
    effects: [],
    check(history: History) {
      const reads = actsOf(history, operations, conventionalAct)
        .filter(({ act, known }) => act.f === 'read' && known && act.output !== undefined)
        .map((read) => ({ read, sum: totalOf(read.act.output, () => new Error(noBalances(read))) }))
      const [first] = reads
      if (first === undefined) return vacuous('no read of all balances was answered ok')
      const against = expected === undefined ? first : undefined
      const sum = expected ?? first.sum
      const reasons = reads.flatMap((one) => (one.sum === sum ? [] : [off(one.read, one.sum, sum, against?.read)]))
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

function noTotal(total: unknown): string {
  return `conservedReads: the total is ${shown(total)}; give a number, or what each account holds: {"a": 10, "b": 10}.`
}

function noBalances({ call, act }: Acted<Act>): string {
  return `${callAt(call)} read ${shown(act.output)}; give what each account holds: {"a": 10, "b": 10}.`
}

/** The sum of balances. @throws the given error if they have no sum */
function totalOf(balances: unknown, error: () => Error): Numeric {
  if (isNumeric(balances)) return exactSum(balances, 0)
  if (balances === null) return 0
  if (typeof balances !== 'object') throw error()
  return Object.values(balances).reduce<Numeric>((sum, balance: unknown) => {
    if (balance === null) return sum
    if (!isNumeric(balance)) throw error()
    return exactSum(sum, balance)
  }, 0)
}

function off({ call, act }: Acted<Act>, sum: Numeric, expected: Numeric, against: Acted<Act> | undefined): Reason {
  const why = against === undefined ? '' : `, as ${who(against.call)} read at ${toldAt(against.call)}`
  return {
    kind: sum > expected ? 'above-total' : 'below-total',
    of: call.invoke.operation,
    text:
      `${who(call)} read ${shown(act.output)} at ${toldAt(call)}, which sums to ${sum}; expected ` +
      `${expected}${why}.`,
    events: seqs([], against === undefined ? [call] : [against.call, call]),
  }
}
