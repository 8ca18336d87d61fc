// Sites that a loop meets again and again. Pure functions of the sites of one history.
import { parentId, stepText } from '../scenario/address-text.ts'
import { pathStepOf, type Address, type Root } from '../scenario/address.ts'
import type { Site } from '../scenario/site.ts'

/**
 * Leaves out the middle of alike cycles: of what a node does again and again on its own, as a poller does, only the
 * first, the second and the last time are kept. A fault strikes alike at all others: the first finds the loop without
 * history, the second with some, the last when everything else is done.
 */
export function withoutRepeats(sites: readonly Site[]): readonly Site[] {
  const cycles = Map.groupBy(sites, ({ address }) => cycleOf(address) ?? '')
  return sites.filter((site) => {
    const cycle = cycleOf(site.address)
    if (cycle === undefined) return true
    const all = cycles.get(cycle) ?? []
    return site === all[0] || site === all[1] || site === all.at(-1)
  })
}

/** One text for all sites that differ only by how often a node's own loop had gone round; undefined for others. */
function cycleOf(address: Address): string | undefined {
  const root = loopOf(address.root)
  if (root === undefined) return undefined
  const path = address.path.map((step) => ({ ...step, nth: 0 }))
  return `${parentId(root, path)} | ${stepText({ ...pathStepOf(address), nth: 0 })} ${address.leg}`
}

/** What a node does on its own; undefined for what a client asked for. */
function loopOf(root: Root): Root | undefined {
  switch (root.kind) {
    case 'operation':
      return undefined
    case 'boot':
      return root
    case 'tick':
      return { ...root, firing: 0 }
    default:
      return root satisfies never
  }
}
