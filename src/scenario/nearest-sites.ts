// Where a fault may strike whose message does not come under its old address: how alike two addresses are.
import { sameRoot, type Address } from './address.ts'
import { stepText } from './address-text.ts'

/**
 * How well a found address matches a wanted one: 0 for another edge or leg, the highest for the same address.
 */
export function likeness(wanted: Address, found: Address): number {
  if (wanted.from !== found.from || wanted.to !== found.to || wanted.leg !== found.leg) return 0
  let score = 1
  if (wanted.operation === found.operation) score += 8
  if (sameRoot(wanted.root, found.root)) score += 4
  if (wanted.key === found.key) score += 2
  if (wanted.nth === found.nth) score += 2
  if (pathText(wanted) === pathText(found)) score += 1
  return score
}

function pathText({ path }: Address): string {
  return path.map(stepText).join(' | ')
}
