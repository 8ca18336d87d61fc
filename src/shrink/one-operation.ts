// Two or more faults, several operations: does one operation alone fail, with one of its own faults and one other? The
// second fault may have struck another operation only because that one came while the first fault was being mended.
import { invocationOf } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { listed, usualFaults } from '../scenario/plan.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many faults are tried beside each one that is kept, and how many in all. */
const [mostBeside, mostTried] = [40, 80] as const

/** Whether one operation suffices. */
export function* oneOperation(search: ShrinkSearch, { allowed }: ShrinkOptions): Shrinking<boolean> {
  const { invocations, faults } = search
  if (faults.length < 2 || invocations.length < 2) return false
  let left = mostTried
  for (const operation of invocations) {
    const alone = search.withInvocations([{ ...operation, afterMs: 0 }])
    for (const kept of alone.plan.faults.filter(({ at }) => invocationOf(at.root) === operation.id)) {
      const outcome = yield* search.probe({ ...alone, plan: listed([kept], alone.plan.order) })
      if (outcome.fails) return true
      const dropped = faults.filter((fault) => fault.kind !== kept.kind || addressId(fault.at) !== addressId(kept.at))
      for (const other of likelyFirst(usualFaults(outcome.sites, allowed), dropped).slice(0, mostBeside)) {
        if (left-- === 0) return false
        if (yield* search.attempt({ ...alone, plan: listed([kept, other], alone.plan.order) })) return true
      }
    }
  }
  return false
}

/** Of a kind that was dropped, or where such a fault struck: those come first. */
function likelyFirst(faults: readonly Fault[], dropped: readonly Fault[]): readonly Fault[] {
  const [kinds, links] = [new Set(dropped.map(({ kind }) => kind)), new Set(dropped.map(linkOf))]
  const rank = (fault: Fault): number => Number(kinds.has(fault.kind)) + Number(links.has(linkOf(fault)))
  return faults.toSorted((a, b) => rank(b) - rank(a))
}

function linkOf({ at: { from, to } }: Fault): string {
  return `${from} -> ${to}`
}
