// Reads `tolerates`: which faults may strike where, and how many. It limits which faults are injected, never which
// violations count. Knows kinds of faults only through their registry.
import { limits, placeOf, type NodeOrLink } from './place.ts'
import { faultKinds, faultSpec, isOwnKind, ownNodeOf, type Fault, type FaultKind } from '../scenario/fault/registry.ts'
import { subKind, type SubKind } from '../scenario/fault/sub-kind.ts'
import { isRecovery, operatorName } from '../scenario/address.ts'
import { assertList, assertNumber, foundWords, isRecord } from '../plain/options.ts'
import { suggestion } from '../plain/suggestion.ts'
import { everyFault, type Allowed } from '../scenario/plan.ts'
import type { Store } from './store.ts'
import type { System, Tolerates } from './system.ts'

/** `tolerates` in the form in which it is asked. */
export interface Claim {
  readonly allowed: Allowed
  /** The kinds that may fire anywhere, most informative first. */
  readonly kinds: readonly FaultKind[]
  /** How many faults one history has at most; Infinity where the claim does not say. */
  readonly atMost: number
  /** What the user named. The test fails when one of these never fires. */
  readonly named: readonly NamedFaults[]
  /** What the claim leaves out, in words. Absent: nothing. */
  readonly notTried?: string
}

/** One entry of a claim. */
export interface NamedFaults {
  /** `crash (at the answer) of shop`. */
  readonly words: string
  /** Whether a fault is one of these. */
  includes(fault: Fault): boolean
}

/** An entry, with where it holds. */
interface Entry extends SubKind {
  readonly place: NodeOrLink | undefined
}

/** Reads `tolerates`. @throws if it names an unknown kind, part, node or link */
export function claimOf(tolerates: Tolerates | undefined, ends: readonly string[]): Claim {
  const { only, except = [], atMost = Infinity, trusted = [] } = partsOf(tolerates, ends)
  const notTried = [
    ...(only === undefined ? [] : [only.length === 0 ? 'any fault' : `anything but ${entriesWords(only)}`]),
    ...(except.length === 0 ? [] : [entriesWords(except)]),
    ...trusted.map((node) => `${together(faultKinds.filter(isOwnKind))} of ${node}, which is trusted`),
    ...(atMost === Infinity ? [] : [`more than ${atMost === 1 ? 'one fault' : `${atMost} faults`} in one history`]),
  ]
  return {
    allowed: allowedBy({ only, except, trusted }),
    kinds: faultKinds.filter(
      (kind) =>
        (only === undefined || only.some((entry) => entry.kind === kind)) &&
        !except.some((entry) => entry.kind === kind && entry.isWhole && entry.place === undefined),
    ),
    atMost,
    named: (only ?? []).map((entry) => ({
      words: entriesWords([entry]),
      includes: (fault) => limitedBy(entry, fault) === fault,
    })),
    ...(notTried.length === 0 ? {} : { notTried: notTried.join('; ') }),
  }
}

/** What no engine of these stores does is not drawn: each random history would have less of everything else. */
export function withEngines(claim: Claim, stores: readonly Pick<Store, 'faults'>[]): Claim {
  const engines = new Set<string>(stores.flatMap(({ faults = [] }) => faults))
  const kinds = claim.kinds.filter((kind) => faultSpec(kind).isOfEngine !== true || engines.has(kind))
  return { ...claim, kinds }
}

/** An operator's procedure runs once all has healed: it can be interrupted, and nothing else is wrong then. */
export function withRecovery(claim: Claim, { recover }: Pick<System, 'recover'>): Claim {
  if (recover === undefined) return claim
  const { allowed } = claim
  return {
    ...claim,
    allowed: (fault) =>
      isRecovery(fault.at.root) && faultSpec(fault.kind).interrupts !== true ? undefined : allowed(fault),
  }
}

interface Parts {
  readonly only?: readonly Entry[] | undefined
  readonly except?: readonly Entry[] | undefined
  readonly atMost?: number | undefined
  readonly trusted?: readonly string[] | undefined
}

function allowedBy({ only, except = [], trusted = [] }: Parts): Allowed {
  if (only === undefined && except.length === 0 && trusted.length === 0) return everyFault
  return (fault) => {
    const own = ownNodeOf(fault)
    if (own !== undefined && trusted.includes(own)) return undefined
    if (except.some((entry) => limitedBy(entry, fault) !== undefined)) return undefined
    return only === undefined ? fault : largest(only, fault)
  }
}

/** The fault itself where one entry has it; else as the first one limits it. */
function largest(only: readonly Entry[], fault: Fault): Fault | undefined {
  let limited: Fault | undefined
  for (const entry of only) {
    const found = limitedBy(entry, fault)
    if (found === fault) return fault
    limited ??= found
  }
  return limited
}

function limitedBy(entry: Entry, fault: Fault): Fault | undefined {
  return entry.place === undefined || entry.place.holds(fault) ? entry.limited(fault) : undefined
}

// In words.

/** `crash and pause of worker, lose (replies) on shop -> bank`. */
function entriesWords(entries: readonly Entry[]): string {
  const byPlace = Map.groupBy(entries, ({ place }) => (place === undefined ? '' : ` ${place.words}`))
  return [...byPlace].map(([where, some]) => `${together(some.map(({ words }) => words))}${where}`).join(', ')
}

function together(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

// Reading.

const forms =
  'a list of kinds ([] for none), kinds for each node or link, as in { shop: [...], "client -> shop": [...] }, or ' +
  '{ only, except, atMost, trusted }'

function partsOf(tolerates: unknown, ends: readonly string[]): Parts {
  if (tolerates === undefined) return {}
  if (Array.isArray(tolerates)) return { only: entriesOf(tolerates, undefined) }
  if (!isRecord(tolerates) || Object.keys(tolerates).length === 0)
    throw new Error(`tolerates is ${isRecord(tolerates) ? '{}' : foundWords(tolerates)}; give ${forms}.`)
  const given = Object.keys(tolerates).filter((part) => limits.some((limit) => limit === part))
  if (given.length === 0) return { only: placed(tolerates, ends) }
  const others = Object.keys(tolerates).filter((part) => !given.includes(part))
  if (others.length > 0)
    throw new Error(
      `tolerates has "${given.join('", "')}" beside "${others.join('", "')}". It is one or the other: write ` +
        `{ only: { ${others.map((place) => `"${place}": [...]`).join(', ')} }, ... }, or no limits.`,
    )
  const { only, except, atMost, trusted } = tolerates
  assertNumber('tolerates: atMost', atMost, 'a whole number from 1')
  return {
    only: only === undefined ? undefined : entriesIn('only', only, ends),
    except: except === undefined ? undefined : unbounded(entriesIn('except', except, ends)),
    atMost: atMost as number | undefined, // just checked
    trusted: trusted === undefined ? undefined : trustedIn(trusted, ends),
  }
}

function entriesIn(part: string, given: unknown, ends: readonly string[]): readonly Entry[] {
  const own = part === 'except' ? withOthers(given) : given
  if (isRecord(own)) return placed(own, ends)
  return entriesOf(own, undefined, part)
}

/** Kinds that are left out, with those that are ways of one of them. */
function withOthers(given: unknown): unknown {
  if (isRecord(given))
    return Object.fromEntries(Object.entries(given).map(([place, kinds]) => [place, withOthers(kinds)]))
  if (!Array.isArray(given)) return given
  const others = faultKinds.filter((kind) => given.includes(faultSpec(kind).leftOutWith) && !given.includes(kind))
  return [...(given as readonly unknown[]), ...others]
}

function placed(given: Readonly<Record<string, unknown>>, ends: readonly string[]): readonly Entry[] {
  return Object.entries(given).flatMap(([name, kinds]) => {
    assertKinds(name, kinds)
    return entriesOf(kinds, placeOf(name, ends))
  })
}

function entriesOf(kinds: unknown, place: NodeOrLink | undefined, part = ''): readonly Entry[] {
  if (part !== '') assertKinds(part, kinds)
  return (kinds as readonly unknown[]).map((one) => ({ ...subKind(one, 'tolerates'), place }))
}

/** @throws if it is no list */
function assertKinds(where: string, kinds: unknown): void {
  assertList(`tolerates: "${where}"`, kinds ?? null, 'kinds of fault, as in ["lose", "crash"]')
}

function unbounded(entries: readonly Entry[]): readonly Entry[] {
  const bounded = entries.find(({ isBounded }) => isBounded)
  if (bounded !== undefined)
    throw new Error(
      `tolerates: except names ${bounded.words}, which would leave the larger ones. Say in "only" what is within the ` +
        'bound.',
    )
  return entries
}

function trustedIn(given: unknown, ends: readonly string[]): readonly string[] {
  assertList('tolerates: trusted', given ?? null, 'names of nodes, as in ["bank"]')
  const names = (given as readonly unknown[]).map(String)
  for (const name of names)
    if (!ends.includes(name))
      throw new Error(`tolerates: trusted names "${name}", which is no node${suggestion(name, ends)}`)
  return names
}

/** The names that may stand at the ends of a link, besides `client` and outside hosts. */
export function endsOf({ nodes, operations, recover, stores = [] }: System): readonly string[] {
  const providers = new Set(operations.flatMap(({ provider = [] }) => provider))
  const operator = recover === undefined ? [] : [operatorName]
  return [...Object.keys(nodes), ...stores.map(({ name }) => name), ...providers, ...operator]
}
