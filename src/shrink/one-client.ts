// Several clients and one fault: the clients may only be needed since this fault strikes some of their calls. Does one
// client suffice with another fault on the same link? What lasts strikes all of its calls.
import { listed, usualFaults } from '../scenario/plan.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import { renumber } from './rebase.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many faults are tried. */
const mostTried = 30

/** Whether one client suffices. */
export function* oneClient(search: ShrinkSearch, { allowed }: ShrinkOptions): Shrinking<boolean> {
  const { invocations, faults } = search
  const [fault] = faults
  if (fault === undefined || faults.length > 1 || invocations.every(({ client }) => client === 0)) return false
  const alone = search.withInvocations(invocations.map((one) => ({ ...one, client: 0 })))
  const base = renumber({ ...alone, plan: listed([], alone.plan.order) })
  const faultFree = yield* search.probe(base)
  if (faultFree.fails) return true
  const { from, to } = fault.at
  const onLink = faultFree.sites.filter(({ address }) => address.from === from && address.to === to)
  const found = usualFaults(onLink, allowed).toSorted((a, b) => Number(lasts(b)) - Number(lasts(a)))
  for (const other of found.slice(0, mostTried))
    if (yield* search.attempt({ ...base, plan: listed([other], base.plan.order) })) return true
  return false
}
