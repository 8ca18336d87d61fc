// Address compensation: removing a lost message removes the retry it caused, so that later attempts move up. A fault
// that did not fire is moved to the site that answers best to its address. A guess that costs a run, never correctness.
import { callChain, sameCall, sameRoot, type Address, type PathStep } from '../scenario/address.ts'
import { addressId } from '../scenario/address-text.ts'
import { likeness } from '../scenario/nearest-sites.ts'
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'
import { faultId } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { Outcome } from './candidate.ts'

/** Same edge and operation, and at least one of root, key and number besides: less than that is another message. */
const leastLikeness = 11

/**
 * The plan with its first fault that did not fire moved to the likeliest site, and later ones of the same chain moved
 * along; undefined where all fired or there is no such site.
 */
export function reanchored(faults: readonly Fault[], outcome: Outcome): readonly Fault[] | undefined {
  const fired = new Set(outcome.fired.map(faultId))
  const lost = faults.find((fault) => !fired.has(faultId(fault)))
  if (lost === undefined) return undefined
  const site = likeliest(lost, faults, outcome.sites)
  if (site === undefined) return undefined
  return faults.map((fault) => {
    if (fault === lost) return { ...fault, at: site.address }
    return fired.has(faultId(fault)) ? fault : { ...fault, at: shifted(fault.at, lost.at, site.address) }
  })
}

function likeliest(lost: Fault, faults: readonly Fault[], sites: readonly Site[]): Site | undefined {
  const taken = new Set(faults.filter(({ kind }) => kind === lost.kind).map(({ at }) => addressId(at)))
  let best: { readonly site: Site; readonly score: number } | undefined
  for (const site of sites) {
    const score = likeness(lost.at, site.address)
    if (score < leastLikeness || (best !== undefined && score < best.score) || taken.has(addressId(site.address)))
      continue
    if (!applies(lost, site)) continue
    if (best === undefined || score > best.score || closer(lost.at, site.address, best.site.address))
      best = { site, score }
  }
  return best?.site
}

function applies(fault: Fault, site: Site): boolean {
  return faultSpec(fault.kind)
    .values(site)
    .some((value) => !('node' in fault) || ('node' in value && value.node === fault.node))
}

function closer(wanted: Address, found: Address, best: Address): boolean {
  return numbersApart(wanted, found) < numbersApart(wanted, best)
}

/** How far the numbers along two chains of calls are from each other; infinite where the chains differ in length. */
function numbersApart(a: Address, b: Address): number {
  const [first, second] = [callChain(a), callChain(b)]
  if (first.length !== second.length) return Infinity
  return first.reduce((total, call, level) => total + Math.abs(call.nth - (second[level]?.nth ?? 0)), 0)
}

/** An address moved as `from` was moved to `to`: where attempt 3 became attempt 2, attempt 4 becomes attempt 3. */
function shifted(address: Address, from: Address, to: Address): Address {
  const [was, is, calls] = [callChain(from), callChain(to), callChain(address)]
  const level = was.findIndex((call, index) => !equal(call, is[index]))
  const [old, now, mine] = [was[level], is[level], calls[level]]
  if (old === undefined || now === undefined || mine === undefined) return address
  if (!sameRoot(address.root, from.root) || !sameCall(old, now) || !sameCall(old, mine)) return address
  if (mine.nth < old.nth || !startsAlike(calls, was, level)) return address
  const nth = mine.nth + now.nth - old.nth
  if (level === address.path.length) return { ...address, nth }
  return { ...address, path: address.path.with(level, { ...mine, nth }) }
}

function startsAlike(a: readonly PathStep[], b: readonly PathStep[], length: number): boolean {
  return a.slice(0, length).every((call, level) => equal(call, b[level]))
}

function equal(call: PathStep, other: PathStep | undefined): boolean {
  return other !== undefined && sameCall(call, other) && call.nth === other.nth
}
