// Reads `tolerates`: which kinds of fault may strike where. It limits which faults are injected, never which violations
// count.
import { faultKinds, isFaultKind, type FaultKind } from '../scenario/fault/registry.ts'
import { assertList, foundWords, isRecord } from '../plain/options.ts'
import { suggestion } from '../plain/suggestion.ts'
import type { Allows } from '../scenario/plan.ts'
import type { System, Tolerates } from './system.ts'

/** `tolerates` in the form in which it is asked. */
export interface Claim {
  readonly allows: Allows
  /** The kinds that may fire anywhere, most informative first. */
  readonly kinds: readonly FaultKind[]
  /** Whether the user named these kinds. If so, the test fails when one of them never fires. */
  readonly named: boolean
}

/** Reads `tolerates`. @throws if it names an unknown kind or node */
export function claimOf(tolerates: Tolerates | undefined, ends: readonly string[]): Claim {
  if (tolerates === undefined) return { allows: () => true, kinds: faultKinds, named: false }
  if (isList(tolerates)) return claimOfKinds(tolerates, true)
  if (!isRecord(tolerates) || Object.keys(tolerates).length === 0)
    throw new Error(`tolerates is ${isRecord(tolerates) ? '{}' : foundWords(tolerates)}; give ${forms}.`)
  if ('except' in tolerates) {
    const others = Object.keys(tolerates).filter((part) => part !== 'except')
    if (others.length > 0)
      throw new Error(
        `tolerates has "except" beside "${others.join('", "')}". It is one or the other: write { except: [...] } ` +
          'alone, or all kinds of each link.',
      )
    const except = kindsIn('except', tolerates.except)
    return claimOfKinds(
      faultKinds.filter((kind) => !except.includes(kind)),
      false,
    )
  }
  return byLink(tolerates, ends)
}

const forms =
  'a list of kinds ([] for none), { except: [...] }, or kinds for each link, as in { "client -> shop": [...] }'

/** @throws if it is no list of kinds of fault */
function kindsIn(where: string, kinds: unknown): readonly FaultKind[] {
  assertList(`tolerates: "${where}"`, kinds ?? null, 'kinds of fault, as in ["lose", "crash"]')
  const found = kinds as readonly FaultKind[] // the next line checks
  found.forEach(checkKind)
  return found
}

function isList(tolerates: Tolerates): tolerates is readonly FaultKind[] {
  return Array.isArray(tolerates)
}

function claimOfKinds(kinds: readonly FaultKind[], explicit: boolean): Claim {
  kinds.forEach(checkKind)
  return {
    allows: (kind) => kinds.includes(kind),
    kinds: faultKinds.filter((kind) => kinds.includes(kind)),
    named: explicit,
  }
}

function byLink(links: Readonly<Record<string, readonly FaultKind[]>>, ends: readonly string[]): Claim {
  for (const [link, kinds] of Object.entries(links)) {
    kindsIn(link, kinds)
    const [from, to, ...more] = link.split(' -> ')
    if (from === undefined || to === undefined || more.length > 0)
      throw new Error(`tolerates: "${link}" is no link. Write "caller -> callee", e.g. "client -> shop".`)
    if (!/[.:]/.test(to) && !ends.includes(to))
      throw new Error(
        `tolerates: the link "${link}" ends at "${to}", which is no node, store or host${suggestion(to, ends)} ` +
          `A port has a dot in its name there, as a host has: port("${to}.fake", ...).`,
      )
    if (from !== 'client' && !ends.includes(from))
      throw new Error(
        `tolerates: the link "${link}" starts at "${from}", which is no node${suggestion(from, ['client', ...ends])}`,
      )
  }
  const all = Object.values(links).flat()
  return {
    allows: (kind, { address }) => links[`${address.from} -> ${address.to}`]?.includes(kind) === true,
    kinds: faultKinds.filter((kind) => all.includes(kind)),
    named: true,
  }
}

function checkKind(kind: unknown): void {
  const name = String(kind)
  if (!isFaultKind(name)) throw new Error(`tolerates: "${name}" is no kind of fault${suggestion(name, faultKinds)}`)
}

/** The names that may stand at the ends of a link, besides `client` and outside hosts. */
export function endsOf({ nodes, stores = [] }: System): readonly string[] {
  return [...Object.keys(nodes), ...stores.map(({ name }) => name)]
}
