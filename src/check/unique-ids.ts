// uniqueIds: no id is given twice. A safety property of answers. Speaks for clients; must not know how ids are
// generated.
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { actsOf, type Acted } from './acts.ts'
import { damagedAnswers, type Call } from './calls.ts'
import { identityOf } from './content.ts'
import { list, callAt, checkerName, seqs, shown, times, toldAt, who } from './reason-words.ts'

/**
 * Holds when the ids of distinct operations differ. An operation with its retries counts once, with the id of its final
 * answer; the id of an operation without an answer is not known. Ids are compared as plain data: the text "7" is not
 * the number 7. Vacuous when fewer than two operations were answered ok.
 *
 * The `unique-ids` workload of Jepsen; RFC 9562 says when a UUID may be considered unique.
 *
 * @param operations how to read the id of each operation @default what `generate` of a recorded history returned
 * @throws in `check`, if an operation that was answered ok has no id
 * @example
 * uniqueIds(create.as((_, answer) => answer?.body))
 */
export function uniqueIds(
  operations?: InterpretedOperation<unknown> | readonly InterpretedOperation<unknown>[],
): Invariant {
  const asked = operations === undefined || !('kind' in operations) ? operations : [operations]
  return {
    kind: 'invariant',
    name: checkerName('uniqueIds', asked),
    effects: [],
    check(history: History) {
      const damaged = damagedAnswers(history)
      const given = actsOf(history, asked, generated).filter(
        ({ known, act, call }) => known && act !== otherOperation && !damaged.has(call.invoke.invocation),
      )
      const reasons = Array.from(Map.groupBy(given, idOf).values())
        .filter((same) => same.length > 1)
        .map(repeated)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return given.length > 1 ? holds : vacuous(`fewer than two operations were answered with an id: ${given.length}`)
    },
  }
}

/** Stands for the operations of a recorded history that generate no id. */
const otherOperation = Symbol('no id')

function generated({ invoke, end }: Call): unknown {
  return invoke.operation === 'generate' ? end?.value : otherOperation
}

/** The id of an operation, for comparison. @throws if there is no id */
function idOf({ act, call }: Acted<unknown>): unknown {
  if (act !== undefined && act !== null) return identityOf(act)
  throw new Error(
    `${callAt(call)} was answered ok without an id (${shown(act)}). Read the id from its answer with ` +
      `${call.invoke.operation}.as(...).`,
  )
}

function repeated(same: readonly Acted<unknown>[]): Reason {
  const calls = same.map(({ call }) => call)
  const given = calls.map((call) => `${who(call)} at ${toldAt(call)}`)
  return {
    text:
      `The id ${shown(same[0]?.act)} was given ${times(same.length)}: to ` +
      `${list(given.length > 4 ? [...given.slice(0, 4), `${given.length - 4} more`] : given)}; expected an id of ` +
      'its own for every operation.',
    kind: 'duplicate-id',
    subject: same[0]?.act,
    events: seqs([], calls),
  }
}
