// Session guarantees: the common part of all. Each guarantee says which version must come before which; it is violated
// if no order of the versions of a key satisfies this. Knows accesses and precedence; must not know any one guarantee.
import { clientWords } from '../../history/node-words.ts'
import type { Transaction } from '../../history/act.ts'
import type { ConsistencyModel } from '../../verdict/consistency.ts'
import type { History } from '../../history/history.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Reason, ReasonKind } from '../../verdict/reason.ts'
import { holds, unknown, vacuous, type Invariant, type Verdict } from '../../verdict/verdict.ts'
import { checkerName, seconds, seqs, shown, toldAt } from '../reason-words.ts'
import { accessesOf, type Accesses } from './accesses.ts'
import { linksOnCycles, shortestCycle, type Precedence } from './precedence.ts'
import type { Access, Version, KeyVersions } from './version.ts'

/** The latest accesses of a key that a client made before another access of that key. */
export interface Before {
  readonly wrote: Access | undefined
  readonly read: Access | undefined
  /** All reads since the last answered write. */
  readonly reads: readonly Access[]
}

/** One guarantee. */
export interface Guarantee {
  readonly name: string
  readonly model: ConsistencyModel
  /** The access whose version must not come after that of `access`: what the guarantee itself demands. */
  demands(access: Access, before: Before): Access | undefined
  /** What is assumed about keys that are not lists, since no read shows the order of their versions. */
  assumed(access: Access, before: Before): readonly (Access | undefined)[]
  /** The name of the assumed guarantees, for the text of an `unknown` verdict. */
  readonly assumedName: string
  /** The kind of reason when the guarantee is broken. */
  readonly kind: ReasonKind
  readonly expected: string
  /** Why the verdict is vacuous, if it is. */
  readonly nothing: string
}

/** Assumed to judge reads: an answered write comes after everything that its client had read and written. */
export function writesKeepUp({ kind, known }: Access, { wrote, reads }: Before): readonly (Access | undefined)[] {
  return kind === 'write' && known ? [wrote, ...reads] : []
}

/** Assumed to judge writes: reads never go back. */
export function readsGoOn({ kind }: Access, { read }: Before): readonly (Access | undefined)[] {
  return kind === 'read' ? [read] : []
}

/** The invariant for a guarantee. */
export function sessionGuarantee(
  guarantee: Guarantee,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
): Invariant {
  return {
    kind: 'invariant',
    name: checkerName(guarantee.name, operations),
    effects: [],
    model: guarantee.model,
    check: (history: History) => judgeGuarantee(guarantee, accessesOf(history, operations)),
  }
}

function judgeGuarantee(guarantee: Guarantee, found: Accesses): Verdict {
  const { links, compared } = linksOf(guarantee, found)
  const cyclic = linksOnCycles(graphOf(links, found)).flat()
  const { reasons, inDoubt } =
    cyclic.length === 0 ? { reasons: [], inDoubt: undefined } : contradictions(guarantee, found, links, cyclic)
  if (found.reasons.length + reasons.length > 0) return { kind: 'violated', reasons: [...found.reasons, ...reasons] }
  if (inDoubt !== undefined)
    return unknown(
      `${guarantee.assumedName} does not hold for ${shown(inDoubt.key)}, so ${guarantee.name} cannot be judged there`,
    )
  return compared > 0 ? holds : vacuous(guarantee.nothing)
}

/**
 * One version comes before another, and why: one client made the accesses `earlier` and `later`, or lists show it (then
 * both are absent).
 */
interface Link {
  readonly from: Version
  readonly to: Version
  readonly demanded: boolean
  readonly earlier?: Access
  readonly later?: Access
}

function linksOf(
  guarantee: Guarantee,
  { accesses, keys }: Accesses,
): { readonly links: readonly Link[]; readonly compared: number } {
  const links = keys.flatMap(knownOrder)
  let compared = 0
  const link = (earlier: Access | undefined, later: Access, demanded: boolean): void => {
    if (earlier?.version.writer !== undefined && earlier.version !== later.version)
      links.push({ from: earlier.version, to: later.version, demanded, earlier, later })
  }
  forEachAccess(accesses, (access, before) => {
    const earlier = guarantee.demands(access, before)
    if (earlier !== undefined && access.version.of.reads > 0) compared += 1
    link(earlier, access, true)
    if (!access.version.of.list) for (const each of guarantee.assumed(access, before)) link(each, access, false)
  })
  return { links, compared }
}

/**
 * The order that is known without any guarantee: the initial version comes first, then the chain of a list as it was
 * read, then the versions that no read shows.
 */
export function knownOrder({ initial, written, chain }: KeyVersions): Link[] {
  const links: Link[] = []
  const last = chain.at(-1)
  const shownVersions = new Set(chain)
  for (const version of written.values())
    if (!shownVersions.has(version)) links.push({ from: last ?? initial, to: version, demanded: false })
  for (const [place, version] of chain.entries())
    links.push({ from: chain[place - 1] ?? initial, to: version, demanded: false })
  return links
}

/**
 * Visits the accesses, each with what its client did with that key before. It is not known when an operation without an
 * answer happened: it comes after what its client did before, and nothing comes after it.
 */
export function forEachAccess(accesses: readonly Access[], visit: (access: Access, before: Before) => void): void {
  const sessions = new Map<number, Map<KeyVersions, Memory>>()
  const places = new Map<Version, number>()
  for (const access of accesses) {
    const { client } = access.call.invoke
    const { of } = access.version
    const before = sessions.get(client)?.get(of) ?? begun(sessions, client, of)
    visit(access, before)
    if (access.known) remember(before, access, places)
  }
}

function begun(sessions: Map<number, Map<KeyVersions, Memory>>, client: number, of: KeyVersions): Memory {
  const memory: Memory = { wrote: undefined, read: undefined, reads: [] }
  const session = sessions.get(client)
  if (session === undefined) sessions.set(client, new Map([[of, memory]]))
  else session.set(of, memory)
  return memory
}

interface Memory extends Before {
  wrote: Access | undefined
  read: Access | undefined
  reads: Access[]
}

function remember(memory: Memory, access: Access, places: Map<Version, number>): void {
  if (access.kind === 'read') {
    memory.read = last(memory.read, access, places)
    memory.reads.push(access)
  } else {
    memory.wrote = last(memory.wrote, access, places)
    memory.reads = []
  }
}

/**
 * The later of two accesses: for a list, the one with the later version; otherwise the more recent access, since the
 * assumptions order its version after the others.
 */
function last(a: Access | undefined, b: Access, places: Map<Version, number>): Access {
  return a !== undefined && b.version.of.list && placeOf(a.version, places) > placeOf(b.version, places) ? a : b
}

function placeOf(version: Version, places: Map<Version, number>): number {
  const { of } = version
  if (version === of.initial) return -1
  const [first] = of.chain
  if (first !== undefined && !places.has(first)) for (const [place, each] of of.chain.entries()) places.set(each, place)
  return places.get(version) ?? Infinity
}

function graphOf(links: readonly Link[], { versions }: Pick<Accesses, 'versions'>): Precedence {
  return { nodes: versions.length, from: links.map(({ from }) => from.id), to: links.map(({ to }) => to.id) }
}

interface Contradictions {
  readonly reasons: readonly Reason[]
  /** A key for which the assumptions are wrong. */
  readonly inDoubt: KeyVersions | undefined
}

/** For each key that has no valid order, a shortest cycle through the first demanded link that lies on a cycle. */
function contradictions(
  guarantee: Guarantee,
  found: Accesses,
  all: readonly Link[],
  cyclic: readonly number[],
): Contradictions {
  const links = cyclic.flatMap((place) => all[place] ?? [])
  const assumed = links.filter(({ demanded }) => !demanded)
  const doubtful = new Set(
    linksOnCycles(graphOf(assumed, found))
      .flat()
      .map((place) => assumed[place]?.from.of),
  )
  const byKey = Map.groupBy(links, ({ from }) => from.of)
  const reasons = Array.from(byKey).flatMap(([of, those]) =>
    doubtful.has(of) ? [] : [cycleReason(guarantee, of, mergeSteps(cycleIn(those, found)))],
  )
  return { reasons, inDoubt: Array.from(byKey.keys()).find((of) => doubtful.has(of)) }
}

function cycleIn(links: readonly Link[], found: Accesses): readonly Link[] {
  const cycle = shortestCycle(
    graphOf(links, found),
    Array.from(links.keys()),
    links.findIndex(({ demanded }) => demanded),
  )
  return cycle.flatMap((place) => links[place] ?? [])
}

/** Merges consecutive steps of one client, or along one list, into one step. */
function mergeSteps(cycle: readonly Link[]): readonly Link[] {
  const steps: Link[] = []
  for (const link of cycle) {
    const before = steps.at(-1)
    if (before !== undefined && before.from !== link.to && continues(before, link))
      steps[steps.length - 1] = { ...before, to: link.to, ...(link.later === undefined ? {} : { later: link.later }) }
    else steps.push(link)
  }
  return steps
}

function continues(before: Link, link: Link): boolean {
  if (before.later !== undefined) return before.later === link.earlier
  return link.later === undefined && before.from.writer !== undefined && link.to.of.chain.includes(link.to)
}

function cycleReason(guarantee: Guarantee, { key }: KeyVersions, cycle: readonly Link[]): Reason {
  return {
    text: `Of ${shown(key)}, ${cycleSentence(cycle)}; expected that ${guarantee.expected}.`,
    kind: guarantee.kind,
    subject: key,
    events: seqs(
      [],
      cycle.flatMap(({ earlier, later }) =>
        [earlier, later].flatMap((access) => (access === undefined ? [] : [access.call])),
      ),
    ),
  }
}

const mostTold = 5

/** The initial state is not mentioned: no operation wrote it. */
function cycleSentence(cycle: readonly Link[]): string {
  const lines = cycle.flatMap(({ from, to, earlier, later }) => {
    if (earlier !== undefined && later !== undefined)
      return [`${clientWords(later.call.invoke.client)} ${deed(earlier)} and then ${deed(later)}`]
    if (from.writer === undefined) return []
    return [
      to.of.chain.includes(to)
        ? `lists show ${shown(from.value)} before ${shown(to.value)}`
        : `no list shows ${shown(to.value)}, so that it stands last`,
    ]
  })
  const hidden = lines.length - mostTold
  const all = hidden > 0 ? [...lines.slice(0, mostTold), `there are ${hidden} more such steps`] : lines
  return `${all.join('; while ')}${all.length > 1 ? ': no order of its writes allows that' : ''}`
}

/** `wrote 1 at 0.010 s`. */
function deed({ kind, version, call, known }: Access): string {
  if (kind === 'write' && !known) return `asked for ${shown(version.value)} at ${seconds(call.invoke.atMs)}`
  const when = toldAt(call)
  if (kind === 'write') return `${version.of.list ? 'appended' : 'wrote'} ${shown(version.value)} at ${when}`
  return version.writer === undefined
    ? `read nothing at ${when}`
    : `read ${version.of.list ? 'up to ' : ''}${shown(version.value)} at ${when}`
}
