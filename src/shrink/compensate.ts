// Address compensation: without a lost message, the retry that it caused is gone too, and later attempts move up. A
// fault that did not fire is moved to the nearest site. That is a guess: it may cost a run, never correctness.
import { callChain, sameCall, sameRoot, type Address, type PathStep } from '../scenario/address.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { nearestSites } from '../scenario/nearest-sites.ts'
import { faultId } from '../scenario/plan.ts'
import type { CandidateOutcome } from './candidate.ts'

/** The same edge and operation, and the same root, key or number besides: less than that is another message. */
const leastLikeness = 11

/**
 * The plan with its first fault that did not fire moved to the nearest site, and later ones of the same chain moved
 * along. Undefined where all faults fired, or where there is no such site.
 */
export function compensate(faults: readonly Fault[], outcome: CandidateOutcome): readonly Fault[] | undefined {
  const fired = new Set(outcome.fired.map(faultId))
  const lost = faults.find((fault) => !fired.has(faultId(fault)))
  if (lost === undefined) return undefined
  const [nearest] = nearestSites(lost, faults, outcome.sites, leastLikeness)
  if (nearest === undefined) return undefined
  const { address } = nearest.site
  return faults.map((fault) => {
    if (fault === lost) return { ...fault, at: address }
    return fired.has(faultId(fault)) ? fault : { ...fault, at: shifted(fault.at, lost.at, address) }
  })
}

/** An address moved as `from` was moved to `to`: where attempt 3 became attempt 2, attempt 4 becomes attempt 3. */
function shifted(address: Address, from: Address, to: Address): Address {
  const [was, is, calls] = [callChain(from), callChain(to), callChain(address)]
  const level = was.findIndex((call, index) => !sameAttempt(call, is[index]))
  const [old, now, mine] = [was[level], is[level], calls[level]]
  if (old === undefined || now === undefined || mine === undefined) return address
  if (!sameRoot(address.root, from.root) || !sameCall(old, now) || !sameCall(old, mine)) return address
  if (mine.nth < old.nth || !calls.slice(0, level).every((call, depth) => sameAttempt(call, was[depth]))) return address
  const nth = mine.nth + now.nth - old.nth
  if (level === address.path.length) return { ...address, nth }
  return { ...address, path: address.path.with(level, { ...mine, nth }) }
}

function sameAttempt(call: PathStep, other: PathStep | undefined): boolean {
  return other !== undefined && sameCall(call, other) && call.nth === other.nth
}
