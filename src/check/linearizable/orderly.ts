// The common part of linearizable and sequential: from acts, through a search for an order, to a verdict. Knows neither
// rule.
import type { Act } from '../../history/act.ts'
import { assertOptions } from '../../plain/options.ts'
import type { Model } from '../../system/model.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import { bug } from '../../plain/bug.ts'
import type { Reason } from '../../verdict/reason.ts'
import { noTimes } from '../reason-words.ts'
import { holds, unknown, vacuous, violated, weakly, type Invariant, type Verdict } from '../../verdict/verdict.ts'
import { actsOf, conventionalAct, type Acted } from '../acts.ts'
import { decide, type Decision } from './decide.ts'
import { reasonFor } from './explain.ts'
import type { StatePartition } from './state-partition.ts'
import { assertReadOnly } from './read-only.ts'
import { searchFor, type RemainingBudget, type OrderRule } from './search-order.ts'
import { on } from './operation-words.ts'

/** The limits of a search. Both are counts, not times, so that the same history has the same verdict everywhere. */
export interface SearchBudget {
  /**
   * Calls of the model, events passed and configurations compared; a million take about half a second.
   *
   * @default 2_000_000, and 200 for each operation
   */
  readonly steps?: number
  /** Approximate memory for configurations and states, in bytes. @default 134_217_728 */
  readonly bytes?: number
}

const defaults = { steps: 2_000_000, stepsAnOperation: 200, bytes: 128 * 2 ** 20 }

/** A part, and its model. */
export interface Problem {
  readonly model: Model<unknown>
  readonly part: StatePartition
}

/**
 * The invariant that an order exists by the rule. From here on the types of acts are erased, since models and
 * operations already agree on one.
 *
 * @throws if the budget is invalid
 */
export function orderly(
  { adjective, isTimed }: OrderRule,
  model: Model<unknown>,
  operations: readonly InterpretedOperation<Act>[] | undefined,
  budget: SearchBudget,
  judge: (acted: readonly Acted<Act>[], left: RemainingBudget) => Verdict,
): Invariant {
  const name = `${adjective}(${model.name})`
  assertOptions(name, budget, ['steps', 'bytes'])
  for (const [unit, count] of Object.entries(budget)) {
    if (!(count > 0)) throw new Error(`${name}: the budget of ${unit} is ${count}; give a number above 0.`)
  }
  return {
    kind: 'invariant',
    name,
    effects: [],
    model: adjective,
    check(history) {
      if (isTimed && history.timed === false) return unknown(noTimes)
      const acted = actsOf(history, operations, conventionalAct)
      const { steps = defaults.steps + defaults.stepsAnOperation * acted.length, bytes = defaults.bytes } = budget
      return judge(acted, { steps, bytes })
    },
  }
}

/** The verdict of a search for an order of each part. */
export function verdictOn(problems: readonly Problem[], rule: OrderRule, budget: RemainingBudget): Verdict {
  if (problems.every(({ part }) => part.completed === 0))
    return vacuous('no operation that the model knows was answered ok: any order will do.')
  const modelOf = new Map(problems.map(({ part, model }) => [part, model]))
  const decision = decide(
    problems.map(({ part }) => part),
    (part) => searchFor(modelOf.get(part) ?? bug('a part without a model'), part, rule),
    { ...budget },
  )
  switch (decision.kind) {
    case 'linearizable':
      return problems.some(({ part }) => part.operations.length > 1)
        ? holds
        : weakly(
            problems.length < 2
              ? ''
              : 'no two operations had the same key. Draw keys from a few: fc.constantFrom("a", "b").',
          )
    case 'not-linearizable':
      return violated(
        ...problems
          .filter(({ part }) => decision.parts.includes(part))
          .map(({ model, part }) => refutation(model, part, rule)),
      )
    case 'exhausted':
      return unknown(outOf(decision, budget))
    default:
      return decision satisfies never
  }
}

/**
 * The reason of a violation, after the model's `readOnly` was tested: if that were wrong, the violation might be false.
 */
function refutation(model: Model<unknown>, part: StatePartition, rule: OrderRule): Reason {
  assertReadOnly(model, part)
  return reasonFor(model, part, rule)
}

function outOf(
  { budget, undecided: [first, ...others] }: Extract<Decision, { readonly kind: 'exhausted' }>,
  given: RemainingBudget,
): string {
  const operations = first === undefined ? 'operations' : `${first.operations.length} operations${on(first)}`
  const beside = others.length === 0 ? '' : `, nor those on ${others.length} other key${others.length === 1 ? '' : 's'}`
  return (
    `the budget of ${given[budget]} ${budget} ran out before the ${operations} had an order, or none was left to try` +
    `${beside}. Give more { ${budget} }, or let fewer operations run at once.`
  )
}
