// Whether an operation wrote back what it had read before another changed it: reading and writing were two steps. Knows
// histories; must not know what they violate.
import { invocationOf, type Address } from '../scenario/address.ts'
import type { History, StoreCall } from '../history/history.ts'

/** The first write of an operation over a change that came between its own read and this write, if there is one. */
export function overwriteIn({ events }: History): StoreCall | undefined {
  const calls = events.filter((event) => event.kind === 'store')
  return calls.find((write) => {
    if (!write.write) return false
    const read = calls.find((call) => !call.write && call.seq < write.seq && isOfOne(call, write))
    return read !== undefined && calls.some((other) => isBetween(other, read, write))
  })
}

/** Whether two calls are of one attempt of one operation, on one store. */
function isOfOne({ address: one }: StoreCall, { address: other }: StoreCall): boolean {
  return (
    invocationOf(one.root) !== undefined &&
    invocationOf(one.root) === invocationOf(other.root) &&
    one.to === other.to &&
    attemptOfPath(one) === attemptOfPath(other)
  )
}

function attemptOfPath({ path }: Address): string {
  return path.map(({ nth, copy = 0 }) => `${nth}.${copy}`).join(' ')
}

function isBetween(other: StoreCall, read: StoreCall, write: StoreCall): boolean {
  if (!other.write || other.address.to !== write.address.to || isOfOne(other, write)) return false
  return other.seq < write.seq && (other.seq > read.seq || (read.early !== undefined && other.seq >= read.early))
}
