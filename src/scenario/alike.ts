// Sites that are alike: the same code meets them again and again. Pure functions of the sites of one history.
import type { Address, Root } from './address.ts'
import { pathStepOf } from './address.ts'
import { parentId, stepText } from './address-text.ts'
import type { Site } from './site.ts'

/**
 * Of alike sites only the first, the second and the last. A fault strikes alike at all others: the first finds the code
 * without history, the second with some, the last when everything else is done. `like`: what alike sites have in
 * common; undefined for a site that is like no other.
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

/** One text for all addresses that differ only by how often something had been done before. */
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
