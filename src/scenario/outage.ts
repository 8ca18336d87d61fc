// What fails, fails again: an outage strikes the attempts that follow, the next operations that do the same, and the
// same calls to others. Pure functions of a seed and an address: an outage is found by looking back from each call that
// it may strike. Must not know any kind of fault.
import { addressId } from './address-text.ts'
import { attemptBefore, withoutKeys, type Address } from './address.ts'
import { chance } from '../plain/random.ts'

/** How many calls in a row an outage strikes at most: attempts of one call, or the same call of several operations. */
const longest = 3

/** Of the same calls to several others, so many are struck. */
const shareOfOthers = 0.7

/** What is drawn. */
export interface OutageDraw {
  readonly seed: number
  /** What strikes: each has outages of its own. */
  readonly name: string
  /** How likely one begins at a call. */
  readonly rate: number
}

/** Where outages that strike a call may have begun. */
export interface OutageSite {
  /** The call, without its keys. */
  readonly id: string
  /** The calls at which one may have begun, whoever was called. */
  readonly beginnings: () => readonly string[]
}

/** Kinds are many, and what outages of each are drawn by is made once. */
export function outageSite(address: Address): OutageSite {
  let made: readonly string[] | undefined
  return { id: drawId(address), beginnings: () => (made ??= beginningsOf(address)) }
}

function beginningsOf(address: Address): readonly string[] {
  const ids: string[] = []
  for (let at: Address | undefined = address; at !== undefined && ids.length < longest; at = before(at))
    ids.push(drawId({ ...at, to: '' }))
  return ids
}

/** A text that names the outage which strikes a call, where one does. */
export function outageAt({ id, beginnings }: OutageSite, { seed, name, rate }: OutageDraw): string | undefined {
  if (chance(seed, `${id} ${name} too`) >= shareOfOthers) return undefined
  return beginnings().find((beginning) => chance(seed, `${beginning} ${name} begins`) < rate)
}

/**
 * The address without its keys. When shrinking drops an operation, aliases of later values change; the draws for the
 * remaining operations must not.
 */
function drawId(address: Address): string {
  return addressId(withoutKeys(address))
}

/** The same call in the attempt before; of a first attempt, in the operation before. Undefined: it is the first. */
function before(address: Address): Address | undefined {
  const { root } = address
  const earlier = attemptBefore(address)
  if (earlier !== undefined || root.kind !== 'operation' || root.invocation === 0) return earlier
  return { ...address, root: { ...root, invocation: root.invocation - 1 } }
}
