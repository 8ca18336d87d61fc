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
  /**
   * Bytes of bodies on all links together, there and back; of a body that is streamed, those that were sent.
   * @default no limit
   */
  readonly bytes?: number
}

/**
 * Holds when no operation of a client caused more requests, store calls or bytes than its limit: directly, through
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
  assertOptions('costBudget()', limits ?? null, ['calls', 'storeCalls', 'bytes'])
  const only = operation?.name
  const claims = [
    limits.calls === undefined ? [] : `calls ${limits.calls}`,
    limits.storeCalls === undefined ? [] : `storeCalls ${limits.storeCalls}`,
    limits.bytes === undefined ? [] : `bytes ${limits.bytes}`,
    only ?? [],
  ]
  const name = `costBudget(${claims.flat().join(', ')})`
  assertLimits(name, limits)
  return {
    kind: 'invariant',
    name,
    effects: [],
    ...(limits.bytes === undefined ? {} : { seesBytes: true }),
    check(history: History) {
      const costs = kinds.flatMap((kind) => {
        const limit = limits[kind]
        return limit === undefined ? [] : [{ kind, ...spentOn(history, only, kind, limit) }]
      })
      const reasons = costs.flatMap((cost) => tooMany(only, cost))
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (costs.some(({ looked }) => looked)) return holds
      const what = costs.map(({ kind }) => words[kind].one).join(' or ')
      return vacuous(`no ${only === undefined ? '' : `"${only}" `}operation caused ${what}.`)
    },
  }
}

type Cost = keyof CostLimits

const kinds = ['calls', 'storeCalls', 'bytes'] as const satisfies readonly Cost[]

const words = {
  calls: { kind: 'too-many-requests', one: 'a request', many: 'requests' },
  storeCalls: { kind: 'too-many-store-calls', one: 'a store call', many: 'store calls' },
  bytes: { kind: 'too-many-bytes', one: 'a body', many: 'bytes' },
} as const

function assertLimits(name: string, limits: CostLimits): void {
  if (kinds.every((kind) => limits[kind] === undefined))
    throw new Error(`${name}: give a limit: calls, storeCalls or bytes.`)
  for (const what of kinds) {
    const limit = limits[what]
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

/** How much of it an event costs. */
function costOf(kind: Cost, event: Spent): number {
  if (event.kind === 'store') return kind === 'storeCalls' ? 1 : 0
  return kind === 'bytes' ? (event.bytes ?? 0) : kind === 'calls' && event.request === -1 ? 1 : 0
}

function isSpent(event: HistoryEvent): event is Spent {
  return event.kind === 'send' || event.kind === 'store'
}

/** Counts first, and collects the events only of operations above the limit. */
function spentOn({ events }: History, only: string | undefined, kind: Cost, limit: number): Costs {
  const counts = new Map<number, number>()
  for (const event of events) {
    if (event.kind === 'invoke' && (only === undefined || event.operation === only)) counts.set(event.invocation, 0)
    else if (isSpent(event)) {
      const invocation = invocationOf(event.address.root)
      const count = invocation === undefined ? undefined : counts.get(invocation)
      if (invocation !== undefined && count !== undefined) counts.set(invocation, count + costOf(kind, event))
    }
  }
  const above = new Map<number, Spent[]>()
  for (const [invocation, count] of counts) if (count > limit) above.set(invocation, [])
  if (above.size > 0)
    for (const event of events)
      if (isSpent(event) && costOf(kind, event) > 0) above.get(invocationOf(event.address.root) ?? -1)?.push(event)
  return { looked: Array.from(counts.values()).some((count) => count > 0), limit, above }
}

function tooMany(only: string | undefined, { kind, above, limit }: Costs & { readonly kind: Cost }): readonly Reason[] {
  return Array.from(above.values()).flatMap((spent): readonly Reason[] => {
    const [first] = spent
    if (first === undefined) return []
    let sum = 0
    const within = spent.filter((event) => (sum += costOf(kind, event)) <= limit)
    return [
      {
        text:
          `${rootText(first.address.root)} caused ${sum} ${words[kind].many} by ` +
          `${seconds(spent.at(-1)?.atMs ?? 0)}: ${list(mostOf(kind, spent))}; expected at most ${limit}.`,
        kind: words[kind].kind,
        ...(only === undefined ? {} : { of: only }),
        events: spent.slice(within.length).map(({ seq }) => seq),
        against: within.map(({ seq }) => seq),
      },
    ]
  })
}

const mostShown = 3

/** `10 of GET /items/:id shop -> catalogue`, the most frequent first. */
function mostOf(kind: Cost, spent: readonly Spent[]): readonly string[] {
  const groups = Array.from(
    Map.groupBy(spent, ({ address: { operation, from, to } }) => `${operation} ${from} -> ${to}`),
    ([what, all]) => ({ what, count: all.reduce((sum, event) => sum + costOf(kind, event), 0) }),
  ).sort((a, b) => b.count - a.count)
  const hidden = groups.slice(mostShown).reduce((sum, { count }) => sum + count, 0)
  return [
    ...groups.slice(0, mostShown).map(({ what, count }) => `${count} of ${what}`),
    ...(hidden === 0 ? [] : [`${hidden} others`]),
  ]
}
