// Sites that are alike, because the same code meets them again and again. Pure functions of the sites of one history.
import type { Address, Root } from './address.ts'
import { pathStepOf } from './address.ts'
import { parentId, stepText } from './address-text.ts'
import type { Site } from './site.ts'

/**
 * Keeps only the first, the second and the last of alike sites: the code has no state yet, some state, or has done
 * everything else. At the sites in between, a fault usually has the same effect. `like`: a text that alike sites share;
 * undefined for a site that is unlike all others.
 */
export function fewOf(sites: readonly Site[], like: (site: Site) => string | undefined): readonly Site[] {
  const classes = sites.map(like)
  const first = new Map<string, number>()
  const second = new Map<string, number>()
  const last = new Map<string, number>()
  for (const [index, text] of classes.entries()) {
    if (text === undefined) continue
    if (!first.has(text)) first.set(text, index)
    else if (!second.has(text)) second.set(text, index)
    last.set(text, index)
  }
  return sites.filter((_, index) => {
    const text = classes[index]
    return text === undefined || [first, second, last].some((places) => places.get(text) === index)
  })
}

/** Of alike sites only the first. */
export function firstOf(sites: readonly Site[], like: (site: Site) => string | undefined): readonly Site[] {
  const seen = new Set<string>()
  return sites.filter((site) => {
    const text = like(site)
    if (text === undefined) return true
    const isFirst = !seen.has(text)
    seen.add(text)
    return isFirst
  })
}

/** A text that is equal for addresses that differ only in how often something had happened before. */
export function likeOf(address: Address): string {
  const path = address.path.map((step) => ({ ...step, nth: 0 }))
  return `${parentId(uncounted(address.root), path)} | ${stepText({ ...pathStepOf(address), nth: 0 })} ${address.leg}`
}

function uncounted(root: Root): Root {
  switch (root.kind) {
    case 'operation':
      return { ...root, invocation: 0 }
    case 'boot':
      return root
    case 'tick':
      return { ...root, firing: 0 }
    default:
      return root satisfies never
  }
}
