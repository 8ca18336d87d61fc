// Effects outside the journal: a journal is written by the code under test, so it knows what that believes to have
// done. Where it also asks somebody outside to do something, and no invariant counts these requests, a second one shows
// nowhere. Pure; knows histories.
import type { History } from '../history/history.ts'
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
      if (event.kind !== 'send' || event.request >= 0) return []
      const { to, operation } = event.address
      return inside.has(to) || !changes.test(operation) ? [] : [`${operation} of ${to}`]
    }),
  )
  return calls.length === 0 ? undefined : { journals: [...new Set(journals)], calls: [...new Set(calls)] }
}
