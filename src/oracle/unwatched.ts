// Effects outside the journal: a journal is written by the code under test, so it knows what that believes to have
// done. Where it also asks somebody outside to do something, and no invariant counts these requests, a second one shows
// nowhere. Pure; knows histories.
import type { History, Send } from '../history/history.ts'
import type { Invariant } from '../verdict/verdict.ts'

/** Methods that change something (RFC 9110, section 9.2.1). */
const changes = /^(?:POST|PUT|PATCH|DELETE) /

/** A journal that invariants count, and calls that nobody counts. */
export interface Unwatched {
  readonly journals: readonly string[]
  /** `POST https://api.payments.example/v1/charges`, as far as it is known. */
  readonly calls: readonly string[]
}

/**
 * What is called outside by systems whose invariants count journals alone. Undefined where there is nothing of this
 * kind.
 *
 * @param inside the names of all nodes and stores
 */
export function unwatchedCalls(
  invariants: readonly Invariant[],
  histories: readonly History[],
  inside: ReadonlySet<string>,
): Unwatched | undefined {
  const sources = invariants.flatMap(({ effects }) => effects)
  const journals = sources.flatMap(({ from, name }) => (from === 'journal' ? [name] : []))
  if (journals.length === 0 || sources.some(({ from }) => from === 'requests' || from === 'rows')) return undefined
  const calls = histories.flatMap(({ events }) =>
    events.flatMap((event) => {
      if (event.kind !== 'send' || !changesState(event, inside)) return []
      return [`${event.address.operation} of ${event.address.to}`]
    }),
  )
  return calls.length === 0 ? undefined : { journals: [...new Set(journals)], calls: [...new Set(calls)] }
}

/** Whether it is a request that asks somebody outside to change something. */
export function changesState({ request, address }: Send, inside: ReadonlySet<string>): boolean {
  return request < 0 && !inside.has(address.to) && changes.test(address.operation)
}
