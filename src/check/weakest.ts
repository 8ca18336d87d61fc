// weakest: the weakest consistency model that a history violates, and the models that remain possible. Combines the
// checkers of models; knows the order of models, transactions and sessions.
import type { Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { consistencyModels, implies, ruledOutWith, weakestOf, type ConsistencyModel } from '../verdict/consistency.ts'
import type { Transactional } from './isolation.ts'
import { sessionsJudged } from './session/sessions-judged.ts'
import { judgeTransactions, transactional } from './transactional/transactional.ts'
import { list } from './reason-words.ts'

/** What a judge of consistency models found in a history. */
export interface Findings {
  /** The models that it checked. */
  readonly models: readonly ConsistencyModel[]
  /** The anomalies, worst first, each with the weakest models that it violates. */
  readonly anomalies: readonly {
    readonly name: string
    readonly models: readonly ConsistencyModel[]
    readonly reason: Reason
  }[]
  /** Why there was nothing to judge, if so. */
  readonly nothing?: string
  /** Models that it could not decide within its budget. @default none */
  readonly undecided?: readonly { readonly models: readonly ConsistencyModel[]; readonly text: string }[]
}

/** Checks a history against some consistency models. */
export type ModelJudge = (
  history: History,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
) => Findings

/** The weakest consistency models that a history violates. */
export interface Weakest {
  /** `unknown`: no violation was found, but some models could not be decided within the budget. */
  readonly kind: 'violated' | 'holds' | 'unknown' | 'vacuous'
  /** The weakest violated model; several if none of them is weaker than another. */
  readonly violated: readonly ConsistencyModel[]
  /** Stronger models, which are violated as a consequence. */
  readonly alsoViolated: readonly ConsistencyModel[]
  /** Models that were checked and are not ruled out. This does not prove that they hold. */
  readonly notRuledOut: readonly ConsistencyModel[]
  /** The violations, worst first; or why there was nothing to judge, or why some models could not be decided. */
  readonly reasons: readonly Reason[]
  /** The result in one sentence. */
  readonly text: string
}

/** Judges models of transactions, up to strict serializability. */
export const ofTransactions: ModelJudge = (history, operations) => judgedWithin(history, operations, {})

/** The same with a budget, see {@link RegisterOptions}. */
export function ofTransactionsWithin(steps: number): ModelJudge {
  return (history, operations) => judgedWithin(history, operations, { steps })
}

function judgedWithin(history: History, operations: Transactional | undefined, budget: { steps?: number }): Findings {
  const { anomalies, nothing, undecided } = judgeTransactions(history, operations, 'real time', budget)
  const untimed: readonly ConsistencyModel[] = history.timed === false ? ['strong snapshot isolation'] : []
  const left = ruledOutWith([...undecided.flatMap(({ models }) => models), ...untimed])
  return {
    anomalies,
    models: transactional.filter((model) => !left.includes(model)),
    undecided,
    ...(nothing === undefined ? {} : { nothing }),
  }
}

/**
 * Names the weakest consistency model that a history of transactions violates. Stronger models are violated with it.
 * Weaker models, and those that are neither weaker nor stronger, are not ruled out; this does not prove that they hold.
 *
 * @param operations transactions; if not given, the operations named `txn`, `read`, `write` and `append` of a recorded
 *   history
 * @param judges which models to check. @default the models of transactions, and the session guarantees up to causal
 *   consistency
 * @throws if the operations are not transactions, or two writes of one value cannot be told apart
 * @example
 * // 'Not repeatable read (G2-item); so neither serializable, ... Not ruled out: snapshot isolation.'
 * weakest(history).text
 */
export function weakest(
  history: History,
  operations?: readonly InterpretedOperation<Transaction>[],
  judges: readonly ModelJudge[] = [ofTransactions, sessionsJudged],
): Weakest {
  const findings = judges.map((judge) => judge(history, operations))
  const anomalies = findings.flatMap((each) => each.anomalies)
  const violated = weakestOf(anomalies.flatMap(({ models }) => models))
  const out = ruledOutWith(violated)
  const undecided = findings
    .flatMap((each) => each.undecided ?? [])
    .filter(({ models }) => !models.every((one) => out.includes(one)))
  const looked = findings.filter(({ nothing }) => nothing === undefined).flatMap(({ models }) => models)
  const found: Omit<Weakest, 'text'> = {
    kind: violated.length > 0 ? 'violated' : undecided.length > 0 ? 'unknown' : looked.length > 0 ? 'holds' : 'vacuous',
    violated,
    alsoViolated: out.filter((model) => !violated.includes(model)),
    notRuledOut: consistencyModels.filter((model) => !out.includes(model) && looked.includes(model)),
    reasons:
      anomalies.length > 0
        ? worstFirst(anomalies, violated).map(({ reason }) => reason)
        : undecided.length > 0
          ? undecided.map(({ models, text }) => plain('unknown', `${list(models)}: ${text}`))
          : findings.flatMap(({ nothing }) => (nothing === undefined ? [] : [plain('vacuous', nothing)])),
  }
  return { ...found, text: weakestSentence(found, anomalies) }
}

function plain(kind: 'unknown' | 'vacuous', text: string): Reason {
  return { kind, text, events: [] }
}

/** The anomalies that violate the weakest models come first; within each group, the worst first. */
function worstFirst(anomalies: Findings['anomalies'], violated: readonly ConsistencyModel[]): Findings['anomalies'] {
  const weak = Map.groupBy(anomalies, ({ models }) => models.some((model) => violated.includes(model)))
  return [...(weak.get(true) ?? []), ...(weak.get(false) ?? [])]
}

function weakestSentence(
  { kind, violated, alsoViolated, notRuledOut, reasons }: Omit<Weakest, 'text'>,
  anomalies: Findings['anomalies'],
): string {
  if (kind === 'vacuous') return `Nothing to judge: ${reasons[0]?.text ?? 'nobody looked.'}`
  const strongest = notRuledOut.filter((one) => !notRuledOut.some((other) => other !== one && implies(other, one)))
  if (kind === 'unknown')
    return `No violation was found, and not all models could be decided; not ruled out: ${list(strongest)}.`
  if (kind === 'holds') return `No violation was found; not ruled out: ${list(strongest)}.`
  const names = anomalies
    .filter(({ models }) => models.some((model) => violated.includes(model)))
    .map(({ name }) => name)
  const stronger = alsoViolated.length === 0 ? '' : `; so neither ${alsoViolated.join(', nor ')}`
  return (
    `Not ${list(violated)} (${list(names)})${stronger}. ` +
    `${strongest.length === 0 ? 'Nothing weaker is left' : `Not ruled out: ${list(strongest)}`}.`
  )
}
