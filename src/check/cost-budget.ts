// costBudget: how many requests and store calls one operation causes, directly and indirectly. A safety property: the
// cost of a history only grows. Knows the sends and store calls of a history; must not know what they were for.
import { invocationOf } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { History, HistoryEvent, Send, StoreCall } from '../history/history.ts'
import { assertOptions } from '../plain/options.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { list, seconds, shown } from './reason-words.ts'

/** How much one operation may cause; give at least one limit. */
export interface CostLimits {
  /**
   * Requests on all links together: the client's own, its retries, and all requests that these cause. @default no limit
   */
  readonly calls?: number
  /** Calls on all stores together. @default no limit */
  readonly storeCalls?: number
}

/**
 * Holds when no operation of a client caused more requests, or more store calls, than its limit: directly, through
 * other nodes, or through the work that a duplicate of one of its messages started. Work that nodes do on their own (at
 * boot, periodically) is not counted. Vacuous when no operation caused anything that is limited.
 *
 * The eighth fallacy, "transport cost is zero" (Deutsch and Gosling, "The Eight Fallacies of Distributed Computing");
 * the N+1 queries of Fowler, "Patterns of Enterprise Application Architecture" (2002, "Lazy Load": ripple loading).
 *
 * @param operation only this one. @default every operation
 * @throws if no limit is given, or one is not a whole number above 0
 * @example
 * costBudget({ calls: 5, storeCalls: 3 }, showCart)
 */
export function costBudget(limits: CostLimits, operation?: Pick<Operation<unknown>, 'kind' | 'name'>): Invariant {
  assertOptions('costBudget()', limits ?? null, ['calls', 'storeCalls'])
  const only = operation?.name
  const claims = [
    limits.calls === undefined ? [] : `calls ${limits.calls}`,
    limits.storeCalls === undefined ? [] : `storeCalls ${limits.storeCalls}`,
    only ?? [],
  ]
  const name = `costBudget(${claims.flat().join(', ')})`
  assertLimits(name, limits)
  return {
    kind: 'invariant',
    name,
    effects: [],
    check(history: History) {
      const calls = limits.calls === undefined ? nothing : spentOn(history, only, isRequest, limits.calls)
      const storeCalls =
        limits.storeCalls === undefined ? nothing : spentOn(history, only, isStoreCall, limits.storeCalls)
      const reasons = [
        ...tooMany(only, 'too-many-requests', calls),
        ...tooMany(only, 'too-many-store-calls', storeCalls),
      ]
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return calls.looked || storeCalls.looked
        ? holds
        : vacuous(
            `no ${only === undefined ? '' : `"${only}" `}operation caused ` +
              (limits.calls === undefined
                ? 'a store call.'
                : limits.storeCalls === undefined
                  ? 'a request.'
                  : 'a request or a store call.'),
          )
    },
  }
}

function assertLimits(name: string, { calls, storeCalls }: CostLimits): void {
  if (calls === undefined && storeCalls === undefined) throw new Error(`${name}: give a limit: calls or storeCalls.`)
  for (const [what, limit] of Object.entries({ calls, storeCalls })) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new Error(`${name}: ${what} is ${shown(limit)}; give a whole number above 0.`)
  }
}

type Spent = Send | StoreCall

interface Costs {
  readonly looked: boolean
  readonly limit: number
  /** For each operation above the limit, by its invocation: everything that it caused. */
  readonly above: ReadonlyMap<number, readonly Spent[]>
}

const nothing: Costs = { looked: false, limit: 0, above: new Map() }

function isRequest(event: HistoryEvent): event is Send {
  return event.kind === 'send' && event.request === -1
}

function isStoreCall(event: HistoryEvent): event is StoreCall {
  return event.kind === 'store'
}

/** Counts first, and collects the events only of operations above the limit. */
function spentOn(
  { events }: History,
  only: string | undefined,
  isSpent: (event: HistoryEvent) => event is Spent,
  limit: number,
): Costs {
  const counts = new Map<number, number>()
  for (const event of events) {
    if (event.kind === 'invoke' && (only === undefined || event.operation === only)) counts.set(event.invocation, 0)
    else if (isSpent(event)) {
      const invocation = invocationOf(event.address.root)
      const count = invocation === undefined ? undefined : counts.get(invocation)
      if (invocation !== undefined && count !== undefined) counts.set(invocation, count + 1)
    }
  }
  const above = new Map<number, Spent[]>()
  for (const [invocation, count] of counts) if (count > limit) above.set(invocation, [])
  if (above.size > 0)
    for (const event of events) if (isSpent(event)) above.get(invocationOf(event.address.root) ?? -1)?.push(event)
  return { looked: Array.from(counts.values()).some((count) => count > 0), limit, above }
}

const nouns = { 'too-many-requests': 'requests', 'too-many-store-calls': 'store calls' } as const

function tooMany(only: string | undefined, kind: keyof typeof nouns, { above, limit }: Costs): readonly Reason[] {
  return Array.from(above.values()).flatMap((spent): readonly Reason[] => {
    const [first] = spent
    if (first === undefined) return []
    return [
      {
        text:
          `${rootText(first.address.root)} caused ${spent.length} ${nouns[kind]} by ` +
          `${seconds(spent.at(-1)?.atMs ?? 0)}: ${list(mostOf(spent))}; expected at most ${limit}.`,
        kind,
        ...(only === undefined ? {} : { of: only }),
        events: spent.slice(limit).map(({ seq }) => seq),
        against: spent.slice(0, limit).map(({ seq }) => seq),
      },
    ]
  })
}

const mostShown = 3

/** `10 of GET /items/:id shop -> catalogue`, the most frequent first. */
function mostOf(spent: readonly Spent[]): readonly string[] {
  const groups = Array.from(
    Map.groupBy(spent, ({ address: { operation, from, to } }) => `${operation} ${from} -> ${to}`),
    ([what, all]) => ({ what, count: all.length }),
  ).sort((a, b) => b.count - a.count)
  const hidden = groups.slice(mostShown).reduce((sum, { count }) => sum + count, 0)
  return [
    ...groups.slice(0, mostShown).map(({ what, count }) => `${count} of ${what}`),
    ...(hidden === 0 ? [] : [`${hidden} others`]),
  ]
}
