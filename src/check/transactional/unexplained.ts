// Finds registers whose reads no order of versions explains, although the known part of the order has no forbidden
// cycle. Connects the search for an order with models. Must not know how the order is found.
import { implies, type ConsistencyModel } from '../../verdict/consistency.ts'
import { list, shown } from '../reason-words.ts'
import { anomaly, rulesOut, type Anomaly, type TransactionOrder } from './anomaly.ts'
import { anomalyOf, cycleRules, modelsOf, type CycleRule } from './cycle-rule.ts'
import { canBeLaid, explain, type Explanation, type KnownVersions } from './explaining-order.ts'
import { refutationReason } from './order-words.ts'

/** Models that could not be decided within the budget. */
export interface Undecided {
  readonly models: readonly ConsistencyModel[]
  readonly text: string
}

export interface Unexplained {
  readonly refuted: readonly Anomaly[]
  readonly open: readonly Undecided[]
}

/** Which model to check, and the budget. */
export interface SearchLimits {
  /** @default all models */
  readonly model?: ConsistencyModel
  readonly steps: number
}

interface OrderQuestion {
  readonly order: TransactionOrder
  readonly rule: CycleRule
}

/**
 * The weakest models that no order of versions satisfies, for each order of transactions. Models that are already
 * violated are skipped.
 *
 * @param orders the weakest first
 */
export function unexplained(
  orders: readonly TransactionOrder[],
  knownIn: (order: TransactionOrder) => KnownVersions,
  found: readonly Anomaly[],
  { model, steps }: SearchLimits,
): Unexplained {
  const refuted: Anomaly[] = []
  const open: Undecided[] = []
  const isOut = (one: ConsistencyModel): boolean => [...found, ...refuted].some((each) => rulesOut(each, one))
  if (model !== undefined && isOut(model)) return { refuted, open }
  const asked = orders
    .flatMap((order) => cycleRules.map((rule): OrderQuestion => ({ order, rule })))
    .filter(({ order, rule }) => relevant(modelsOf(rule, order), model))
  const isLeft = ({ order, rule }: OrderQuestion): boolean => !modelsOf(rule, order).every(isOut)
  const left = notLaid(asked.filter(isLeft), knownIn, steps)
  for (const one of left) {
    if (!isLeft(one)) continue
    const explanation = explain(knownIn(one.order), one.rule, { left: steps })
    if (explanation.kind === 'refuted')
      refuted.push(anomaly(anomalyOf[one.rule], refutationReason(explanation, knownIn(one.order)), one.order))
    if (explanation.kind === 'spent')
      open.push({ models: modelsOf(one.rule, one.order), text: spentText(explanation, steps) })
  }
  return { refuted, open }
}

const strongestFirst: readonly TransactionOrder[] = ['real time', 'session', 'none']

/**
 * The questions that remain after the quick construction of an order, first of serial transactions, then of snapshots.
 * Most histories satisfy more than what is asked, and then an order that respects real time is found at once.
 */
function notLaid(
  asked: readonly OrderQuestion[],
  knownIn: (order: TransactionOrder) => KnownVersions,
  steps: number,
): readonly OrderQuestion[] {
  let left = asked
  for (const rule of ['any', 'apart'] as const) {
    for (const order of strongestFirst) {
      const rest = left.filter((one) => !isWithin(one, { order, rule }))
      if (rest.length === left.length) continue
      if (canBeLaid(knownIn(order), rule === 'any', { left: steps / stepsShare })) left = rest
    }
  }
  return left
}

/** The quick construction may use one part in this many of the budget, before the search. */
const stepsShare = 4

/** Whether the second question forbids everything that the first one does. */
function isWithin(one: OrderQuestion, other: OrderQuestion): boolean {
  return (
    strongestFirst.indexOf(one.order) >= strongestFirst.indexOf(other.order) &&
    cycleRules.indexOf(one.rule) <= cycleRules.indexOf(other.rule)
  )
}

/** Whether these models are needed to decide the given one. */
function relevant(models: readonly ConsistencyModel[], model: ConsistencyModel | undefined): boolean {
  return models.some((one) => model === undefined || implies(model, one))
}

const mostKeys = 3

function spentText({ writes, items }: Extract<Explanation, { readonly kind: 'spent' }>, steps: number): string {
  const hidden = items.length - mostKeys
  const keys = items.slice(0, mostKeys).map(({ key }) => shown(key))
  return (
    `the budget of ${steps} steps ran out before an order of the ${writes} writes to ` +
    `${list(hidden > 0 ? [...keys, `${hidden} other registers`] : keys)} was found that explains what was read, or ` +
    'none was left to try: reads do not show the order of writes that overwrite each other. Give more { steps }; let ' +
    'transactions read what they write over; or append to lists.'
  )
}
