// Session guarantees: the frame that all of them share. Each says which version must stand before which; it is violated
// where no order of the versions of a key is so. Knows accesses and precedence; must not know any one guarantee.
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

/** What a client did with a key before an access of it: what stands last of that. */
export interface Before {
  readonly wrote: Access | undefined
  readonly read: Access | undefined
  /** All reads since the last write that was answered. */
  readonly reads: readonly Access[]
}

/** One guarantee. */
export interface Guarantee {
  readonly name: string
  readonly model: ConsistencyModel
  /** The access whose version must not stand after that of `access`: what the guarantee itself demands. */
  demands(access: Access, before: Before): Access | undefined
  /** What is taken for granted of keys whose order of versions no list shows. */
  granted(access: Access, before: Before): readonly (Access | undefined)[]
  /** The guarantees that are taken for granted, for the text of an `unknown`. */
  readonly grantedName: string
  /** What is wrong where it is broken. */
  readonly kind: ReasonKind
  readonly expected: string
  /** What was missing where it is vacuous. */
  readonly nothing: string
}

/** Granted where reads are judged: a write that was answered stands after what its client had read and written. */
export function writesKeepUp({ kind, known }: Access, { wrote, reads }: Before): readonly (Access | undefined)[] {
  return kind === 'write' && known ? [wrote, ...reads] : []
}

/** Granted where writes are judged: reads never go back. */
export function readsGoOn({ kind }: Access, { read }: Before): readonly (Access | undefined)[] {
  return kind === 'read' ? [read] : []
}

/** The invariant of a guarantee. */
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
      `${guarantee.grantedName} does not hold of ${shown(inDoubt.key)}, so that nothing can be said of ` +
        `${guarantee.name} there`,
    )
  return compared > 0 ? holds : vacuous(guarantee.nothing)
}

/**
 * That one version stands before another, and why: one client came from `earlier` to `later`, or lists show it
 * (neither).
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
    if (!access.version.of.list) for (const each of guarantee.granted(access, before)) link(each, access, false)
  })
  return { links, compared }
}

/** Nothing stands before everything; of a list the chain that was read, and after it what no read shows. */
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
 * Visits the accesses, each with what its client did with that key before. Of an operation without an answer nothing is
 * known of when it happened: it comes after what its client did before, and nothing comes after it.
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
 * Of a list the version that stands last; else the last one that was seen, which what is granted puts after those
 * before.
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
  /** A key of which what is granted is not so. */
  readonly inDoubt: KeyVersions | undefined
}

/** For each key of which no order is as it must be, a shortest cycle through the first demanded link on one. */
function contradictions(
  guarantee: Guarantee,
  found: Accesses,
  all: readonly Link[],
  cyclic: readonly number[],
): Contradictions {
  const links = cyclic.flatMap((place) => all[place] ?? [])
  const granted = links.filter(({ demanded }) => !demanded)
  const doubtful = new Set(
    linksOnCycles(graphOf(granted, found))
      .flat()
      .map((place) => granted[place]?.from.of),
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

/** Steps of one client in a row, or along one list, are one step. */
function mergeSteps(cycle: readonly Link[]): readonly Link[] {
  const steps: Link[] = []
  for (const link of cycle) {
    const before = steps.at(-1)
    if (before !== undefined && before.from !== link.to && goesOn(before, link))
      steps[steps.length - 1] = { ...before, to: link.to, ...(link.later === undefined ? {} : { later: link.later }) }
    else steps.push(link)
  }
  return steps
}

function goesOn(before: Link, link: Link): boolean {
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
