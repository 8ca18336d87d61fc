// Which operations only read, as one history shows it. Only a guess for drawing workloads: a wrong one makes them less
// useful, and no verdict wrong. Knows histories; must not know what the workloads are for.
import type { History } from '../history/history.ts'
import { isFromOutside, operationOf } from '../scenario/address.ts'

/**
 * The names of operations that seem to read what others change: their clients send only GET or HEAD, or no call that
 * they cause changes a store while calls of other operations do. None if all seem to, or none.
 */
export function readsIn({ events }: History): ReadonlySet<string> {
  const begun = new Set(events.flatMap((event) => (event.kind === 'invoke' ? [event.operation] : [])))
  const writing = new Set<string>()
  const asking = new Map<string, boolean>()
  for (const event of events) {
    if (event.kind === 'store' && event.write) writing.add(operationOf(event.address.root) ?? '')
    if (event.kind !== 'send' || event.address.leg !== 'request' || !isFromOutside(event.address)) continue
    const operation = operationOf(event.address.root) ?? ''
    asking.set(operation, (asking.get(operation) ?? true) && /^(?:GET|HEAD) /.test(event.address.operation))
  }
  const reads = [...begun].filter(
    (operation) => asking.get(operation) === true || (writing.size > 0 && !writing.has(operation)),
  )
  return new Set(reads.length === begun.size ? [] : reads)
}
