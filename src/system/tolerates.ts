// Reads `tolerates`: which kinds of fault may strike where. It limits which faults are injected, never which violations
// count.
import { faultKinds, isFaultKind, type FaultKind } from '../scenario/fault/registry.ts'
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
  if ('except' in tolerates) {
    const { except } = tolerates
    except.forEach(checkKind)
    return {
      ...claimOfKinds(
        faultKinds.filter((kind) => !except.includes(kind)),
        false,
      ),
    }
  }
  return byLink(tolerates, ends)
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
    kinds.forEach(checkKind)
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

function checkKind(kind: string): void {
  if (!isFaultKind(kind)) throw new Error(`tolerates: "${kind}" is no kind of fault${suggestion(kind, faultKinds)}`)
}

/** The names that may stand at the ends of a link, besides `client` and outside hosts. */
export function endsOf({ nodes, stores = [] }: System): readonly string[] {
  return [...Object.keys(nodes), ...stores.map(({ name }) => name)]
}
