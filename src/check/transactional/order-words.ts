// Puts a refutation into words: for each way in which the versions can be ordered, the cycle that contradicts it. Knows
// graphs and versions.
import { bug } from '../../plain/bug.ts'
import type { Reason } from '../../verdict/reason.ts'
import { list, seqs, shown } from '../reason-words.ts'
import type { Txn } from '../transactions.ts'
import type { Explanation, KnownVersions, Pair } from './explaining-order.ts'
import type { InstalledVersion } from './installed-version.ts'
import type { CycleEdge, Refutation } from './order-search.ts'
import { involved, stepWords, type CycleStep } from './prose.ts'
import { by } from './reads.ts'

type Refuted = Extract<Explanation, { readonly kind: 'refuted' }>

/** How many cases are spelled out; further ones are only counted. */
const mostCases = 6

/** Why no order of the versions explains what was read. */
export function refutationReason(refuted: Refuted, known: KnownVersions): Omit<Reason, 'kind' | 'of'> {
  const cases = casesOf(refuted.why, []).map(({ assumed, arrows }) => ({
    assumed: assumed.map(({ choice, isSwapped }) =>
      turned(refuted.pairs[choice] ?? bug('a choice between versions that nobody wrote'), isSwapped),
    ),
    steps: stepsOf(arrows, refuted, known),
  }))
  const all = new Set(cases.flatMap(({ steps }) => steps.flatMap(({ from, to }) => [from, to])))
  const txns = [...all].sort((a, b) => a.id - b.id)
  const names = new Map(txns.map((txn, index) => [txn, `T${index + 1}`]))
  const name = (txn: Txn): string => names.get(txn) ?? by(txn)
  const keys = [...new Set(cases.flatMap(({ assumed }) => assumed.map(({ earlier }) => shown(earlier.item.key))))]
  const told = cases
    .slice(0, mostCases)
    .map(
      ({ assumed, steps }) =>
        `If ${list(assumed.map((pair) => assumption(pair, name)))}: ` +
        steps.map((step) => stepWords(step, name)).join('; '),
    )
  const hidden = cases.length - mostCases
  const rest = hidden > 0 ? [`And so on in ${hidden} more cases`] : []
  return {
    text:
      `no order of the writes to ${list(keys)} explains what was read. ${[...told, ...rest].join('. ')}. In ` +
      'each case some transaction would have to come before itself. Here ' +
      `${list(txns.map((txn) => `${name(txn)} is ${by(txn)}`))}.`,
    events: seqs(
      [],
      cases.flatMap(({ steps }) => steps.flatMap(involved)),
    ),
    subject: cases[0]?.assumed[0]?.earlier.item.key,
  }
}

interface Case {
  readonly assumed: readonly { readonly choice: number; readonly isSwapped: boolean }[]
  readonly arrows: readonly CycleEdge[]
}

/** The cycles, each with the choices on which it depends. */
function casesOf(why: Refutation, assumed: Case['assumed']): readonly Case[] {
  if (why.kind === 'cycle') {
    const needed = new Set(why.arrows.map(({ choice }) => choice))
    return [{ assumed: assumed.filter(({ choice }) => needed.has(choice)), arrows: why.arrows }]
  }
  const { choice, first, swapped } = why
  const ways = [
    casesOf(first, [...assumed, { choice, isSwapped: false }]),
    casesOf(swapped, [...assumed, { choice, isSwapped: true }]),
  ]
  return ways.sort((a, b) => a.length - b.length).flat()
}

function turned({ earlier, later }: Pair, isSwapped: boolean): Pair {
  return isSwapped ? { earlier: later, later: earlier } : { earlier, later }
}

/** `T1 wrote 9 to "x" before T2 wrote 1`. */
function assumption({ earlier, later }: Pair, name: (txn: Txn) => string): string {
  const wrote = ({ write }: InstalledVersion): string =>
    write === undefined
      ? bug('a choice between versions that nobody wrote')
      : `${name(write.txn)} wrote ${shown(write.value)}`
  return `${wrote(earlier)} to ${shown(earlier.item.key)} before ${wrote(later)}`
}

/** The steps of a cycle, from its earliest transaction on. Edges that a meeting point joins are one step. */
function stepsOf(
  arrows: readonly CycleEdge[],
  { nodes, pairs }: Refuted,
  { transactions: { txns }, graph, versions }: KnownVersions,
): readonly CycleStep[] {
  const txnAt = (place: number): Txn | undefined => txns[nodes[place] ?? -1]
  const ids = arrows.map(({ from }) => txnAt(from)?.id ?? Infinity)
  const first = ids.indexOf(Math.min(...ids))
  const steps: CycleStep[] = []
  let begun: CycleEdge | undefined
  for (const arrow of [...arrows.slice(first), ...arrows.slice(0, first)]) {
    if (txnAt(arrow.from) !== undefined) begun = arrow
    const [from, to] = [txnAt(begun?.from ?? -1), txnAt(arrow.to)]
    if (begun === undefined || from === undefined || to === undefined) continue
    const pair = begun.choice === undefined ? undefined : pairs[begun.choice]
    const known = { version: versions[graph.version[begun.edge ?? -1] ?? -1], next: graph.next[arrow.edge ?? -1] ?? -1 }
    const { version, next } = pair === undefined ? known : assumedVersion(turned(pair, begun.isSwapped === true))
    steps.push({ kind: begun.kind, from, to, version, next })
  }
  return steps
}

/** The earlier version, as if it were known that the later one came directly after it. */
function assumedVersion({ earlier, later: { write } }: Pair): {
  readonly version: InstalledVersion
  readonly next: number
} {
  return { version: { ...earlier, next: write === undefined ? [] : [{ write }] }, next: 0 }
}
