// Three or more faults: does one fault on the same links and nodes do what two of them do together? Two lost replies
// are one partition, two delays one slow node. Must not know any kind of fault.
import { addressId } from '../scenario/address-text.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { usualFaults } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { lasts } from './lasts.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many faults are tried for each pair, and for all pairs together. */
const [mostForPair, mostInAll] = [30, 90] as const

/** Whether two faults could be replaced by one. */
export function* twoByOne(search: ShrinkSearch, { allowed }: ShrinkOptions): Shrinking<boolean> {
  const { faults } = search
  if (faults.length < 3) return false
  const pairs = faults.flatMap((first, index) => faults.slice(index + 1).map((second) => [first, second] as const))
  let left = mostInAll
  for (const pair of pairs.toSorted((a, b) => Number(isAlike(b)) - Number(isAlike(a)))) {
    const kept = faults.filter((fault) => !pair.includes(fault))
    const rest = yield* search.probe(search.withFaults(kept))
    if (rest.fails) return true
    const found = usualFaults([...sitesOf(pair, search.outcome.sites), ...sitesNear(pair, rest.sites)], allowed)
    for (const one of found.toSorted((a, b) => Number(lasts(b)) - Number(lasts(a))).slice(0, mostForPair)) {
      if (yield* search.attempt(search.withFaults([...kept, one]))) return true
      if (--left === 0) return false
    }
  }
  return false
}

/** Two of one kind, or on one link: those come first. */
function isAlike([one, other]: readonly [Fault, Fault]): boolean {
  return one.kind === other.kind || linkOf(one) === linkOf(other)
}

/** Where two faults strike now. */
function sitesOf(pair: readonly Fault[], sites: readonly Site[]): readonly Site[] {
  const ids = new Set(pair.map(({ at }) => addressId(at)))
  return sites.filter(({ address }) => ids.has(addressId(address)))
}

/** The first messages on the links of two faults. */
function sitesNear(pair: readonly Fault[], sites: readonly Site[]): readonly Site[] {
  const links = new Set(pair.map(linkOf))
  const seen = new Set<string>()
  return sites.filter((site) => {
    const id = `${linkOf({ at: site.address })} ${site.address.leg}`
    if (!links.has(linkOf({ at: site.address })) || seen.has(id)) return false
    seen.add(id)
    return true
  })
}

function linkOf({ at }: Pick<Fault, 'at'>): string {
  return `${at.from} ${at.to}`
}
