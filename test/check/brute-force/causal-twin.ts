// Twin of causal, written from the definition of causal convergence: all causes by transitive closure, and every order
// of all writes. Shares no code with src/check.
import type { History } from '../../../src/history/history.ts'
import { deedsOf, follows, orders, type Deed, type Said } from './session-twins.ts'

export function causalTwin(history: History): Said {
  const { deeds, bad, twice } = deedsOf(history)
  if (twice) return { kind: 'unknown' }
  if (listsDisagree(deeds)) return { kind: 'violated' }
  const cause = closure(deeds)
  const circular = deeds.some((_, i) => cause[i]?.[i])
  const compared = deeds.some(
    (read, r) =>
      !read.write && deeds.some((other, o) => o !== r && other.known && other.key === read.key && cause[o]?.[r]),
  )
  const explained =
    !circular && orders(deeds.filter(({ write }) => write)).some((order) => explains(order, deeds, cause))
  if (circular) return { kind: 'violated' }
  if (!explained) return { kind: 'violated' }
  if (bad.length > 0) return { kind: 'violated', classes: bad }
  return { kind: compared ? 'holds' : 'vacuous' }
}

function closure(deeds: readonly Deed[]): boolean[][] {
  const saw = (write: Deed, read: Deed): boolean =>
    write.write &&
    !read.write &&
    write.key === read.key &&
    (read.shows?.includes(write.value) ?? write.value === read.value)
  const cause = deeds.map((a) => deeds.map((b) => follows(a, b) || saw(a, b)))
  for (const [k, through] of cause.entries())
    for (const row of cause) if (row[k]) for (const [j, there] of through.entries()) if (there) row[j] = true
  return cause
}

function explains(order: readonly Deed[], deeds: readonly Deed[], cause: readonly (readonly boolean[])[]): boolean {
  const place = (deed: Deed): number => deeds.indexOf(deed)
  if (order.some((later, i) => order.slice(i + 1).some((earlier) => cause[place(earlier)]?.[place(later)])))
    return false
  return deeds
    .filter(({ write }) => !write)
    .every((read) => {
      const ofKey = order.filter((write) => write.key === read.key)
      if (read.shows !== undefined) {
        if (!read.shows.every((value, i) => ofKey[i]?.value === value)) return false
      }
      const seen = ofKey.findIndex(({ value }) => value === read.value)
      return ofKey.every((write, i) => i <= seen || !cause[place(write)]?.[place(read)])
    })
}

export function listsDisagree(deeds: readonly Deed[]): boolean {
  const lists = deeds.flatMap(({ shows, key }) => (shows === undefined ? [] : [{ shows, key }]))
  return lists.some(
    (a) =>
      new Set(a.shows).size < a.shows.length ||
      lists.some((b) => a.key === b.key && !a.shows.slice(0, b.shows.length).every((value, i) => b.shows[i] === value)),
  )
}
