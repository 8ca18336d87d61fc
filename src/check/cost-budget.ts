// costBudget: what one operation costs in requests and store calls, its whole tree of causes together. A safety property: what was spent is
// spent. Knows the sends and store calls of a history; must not know what they were for.
import { invocationRoot } from '../address.ts'
import type { History, Send, StoreCall } from '../history.ts'
import type { Operation } from '../operation.ts'
import { holds, vacuous, type Invariant, type Reason } from '../verdict.ts'
import { list, seconds, shown } from './words.ts'

/** The most that one operation may cause; at least one limit. */
export interface CostLimits {
  /** Requests on all links together: the client's own, its retries, and all that they cause. @default no limit */
  readonly calls?: number
  /** Calls on all stores together. @default no limit */
  readonly storeCalls?: number
}

/**
 * Holds when no operation of a client caused more requests, or more store calls, than its limit: directly, through other nodes, or through
 * the work that a duplicate of one of its messages started. What nodes do on their own (at boot, periodically) is nobody's cost.
 * Vacuous when no operation caused any of what is limited.
 *
 * The eighth fallacy, "transport cost is zero" (Deutsch and Gosling, "The Eight Fallacies of Distributed Computing"); the N+1 queries of
 * Fowler, "Patterns of Enterprise Application Architecture" (2002, "Lazy Load": ripple loading).
 *
 * @param operation only this one. @default every operation
 * @throws where no limit is given, or one is no whole number above 0
 * @example
 * costBudget({ calls: 5, storeCalls: 3 }, showCart)
 */
export function costBudget(limits: CostLimits, operation?: Pick<Operation<unknown>, 'kind' | 'name'>): Invariant {
  const only = operation?.name
  const name = `costBudget(${[limits.calls === undefined ? [] : `calls ${limits.calls}`, limits.storeCalls === undefined ? [] : `storeCalls ${limits.storeCalls}`, only ?? []].flat().join(', ')})`
  assertLimits(name, limits)
  return {
    kind: 'invariant',
    name,
    effects: [],
    check(history: History) {
      const { calls, storeCalls } = costsOf(history, only)
      const reasons = [...tooMany(only, 'requests', calls, limits.calls), ...tooMany(only, 'store calls', storeCalls, limits.storeCalls)]
      if (reasons.length > 0) return { kind: 'violated', reasons }
      const looked = (limits.calls !== undefined && calls.size > 0) || (limits.storeCalls !== undefined && storeCalls.size > 0)
      return looked ? holds : vacuous(`no ${only === undefined ? '' : `"${only}" `}operation caused ${limits.calls === undefined ? 'a store call' : limits.storeCalls === undefined ? 'a request' : 'a request or a store call'}.`)
    },
  }
}

function assertLimits(name: string, { calls, storeCalls }: CostLimits): void {
  if (calls === undefined && storeCalls === undefined) throw new Error(`${name}: give a limit: calls or storeCalls.`)
  for (const [what, limit] of Object.entries({ calls, storeCalls })) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) throw new Error(`${name}: ${what} is ${shown(limit)}; give a whole number above 0.`)
  }
}

type Spent = Send | StoreCall

interface Costs {
  /** By the root of the operation that caused them. */
  readonly calls: ReadonlyMap<string, readonly Spent[]>
  readonly storeCalls: ReadonlyMap<string, readonly Spent[]>
}

function costsOf({ events }: History, only: string | undefined): Costs {
  const roots = new Set<string>()
  const [calls, storeCalls] = [new Map<string, Spent[]>(), new Map<string, Spent[]>()]
  for (const event of events) {
    if (event.kind === 'invoke' && (only === undefined || event.operation === only)) roots.add(invocationRoot(event.operation, event.invocation))
    else if (event.kind === 'send' && event.request === -1 && roots.has(event.address.root)) add(calls, event)
    else if (event.kind === 'store' && roots.has(event.address.root)) add(storeCalls, event)
  }
  return { calls, storeCalls }
}

function add(costs: Map<string, Spent[]>, event: Spent): void {
  const before = costs.get(event.address.root)
  if (before === undefined) costs.set(event.address.root, [event])
  else before.push(event)
}

function tooMany(only: string | undefined, what: string, costs: ReadonlyMap<string, readonly Spent[]>, limit: number | undefined): readonly Reason[] {
  if (limit === undefined) return []
  return Array.from(costs).flatMap(([root, spent]) => {
    const last = spent.at(-1)
    if (last === undefined || spent.length <= limit) return []
    return [{
      text: `${root} caused ${spent.length} ${what} by ${seconds(last.atMs)}: ${list(mostOf(spent))}; expected at most ${limit}.`,
      class: `too many ${what}${only === undefined ? '' : ` of ${only}`}`,
      events: spent.map(({ seq }) => seq),
    }]
  })
}

const mostShown = 3

/** `10 of GET /items/:id shop -> catalogue`, the most frequent first. */
function mostOf(spent: readonly Spent[]): readonly string[] {
  const groups = Array.from(Map.groupBy(spent, ({ address: { operation, from, to } }) => `${operation} ${from} -> ${to}`), ([what, all]) => ({ what, count: all.length }))
    .sort((a, b) => b.count - a.count)
  const hidden = groups.slice(mostShown).reduce((sum, { count }) => sum + count, 0)
  return [...groups.slice(0, mostShown).map(({ what, count }) => `${count} of ${what}`), ...(hidden === 0 ? [] : [`${hidden} others`])]
}
