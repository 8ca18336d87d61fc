// Puts a cycle of dependencies into words: which transaction read or overwrote whose write, and why this is a
// contradiction. Knows graphs and versions.
import { clientWords } from '../../history/node-words.ts'
import type { Reason } from '../../verdict/reason.ts'
import type { Call } from '../calls.ts'
import { list, seconds, seqs, shown } from '../reason-words.ts'
import { edgeKinds, type EdgeKind, type Graph } from './graph.ts'
import { by } from './reads.ts'
import type { Txn, Write } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'

/** One transaction comes before another; meeting points are left out. */
export interface CycleStep {
  readonly kind: EdgeKind
  readonly from: Txn
  readonly to: Txn
  readonly version: InstalledVersion | undefined
  readonly next: number
}

/** A longer cycle is shortened to its first steps and its last one. */
const mostSteps = 8

/** The text and the events of a cycle. */
export function cycleWords(
  graph: Graph,
  edges: readonly number[],
  txns: readonly Txn[],
  versions: readonly InstalledVersion[],
): Omit<Reason, 'kind' | 'of'> {
  const steps = stepsOf(graph, edges, txns, versions)
  const names = new Map(steps.map(({ from }, index) => [from, `T${index + 1}`]))
  const name = (txn: Txn): string => names.get(txn) ?? by(txn)
  const hidden = steps.length - mostSteps
  const brief = (tell: (step: CycleStep, index: number) => string): readonly string[] =>
    hidden <= 0
      ? steps.map(tell)
      : [
          ...steps.slice(0, mostSteps - 1).map(tell),
          `${hidden} more`,
          ...steps.slice(-1).map((step) => tell(step, steps.length - 1)),
        ]
  return {
    text: `${brief((step) => stepWords(step, name)).join('; ')}. So ${list(
      brief(({ from, to }, index) => `${name(from)} ${index === 0 ? 'is ' : ''}before ${name(to)}`),
    )}: a contradiction. Here ${list(brief(({ from }) => `${name(from)} is ${by(from)}`))}.`,
    events: seqs([], steps.flatMap(involved)),
    subject: steps.find(({ version }) => version !== undefined)?.version?.item.key,
  }
}

/** The steps of a cycle, from its earliest transaction on. Edges that a meeting point joins are one step. */
function stepsOf(
  graph: Graph,
  edges: readonly number[],
  txns: readonly Txn[],
  versions: readonly InstalledVersion[],
): readonly CycleStep[] {
  const sources = edges.map((edge) => graph.from[edge] ?? 0)
  const first = sources.indexOf(sources.reduce((least, one) => Math.min(least, one)))
  const steps: CycleStep[] = []
  let begun = -1
  for (const edge of [...edges.slice(first), ...edges.slice(0, first)]) {
    if ((graph.from[edge] ?? 0) < txns.length) begun = edge
    const [from, to] = [txns[graph.from[begun] ?? -1], txns[graph.to[edge] ?? -1]]
    if (from === undefined || to === undefined) continue
    steps.push({
      kind: edgeKinds[graph.kind[begun] ?? 0] ?? 'on',
      from,
      to,
      version: versions[graph.version[begun] ?? -1],
      next: graph.next[edge] ?? -1,
    })
  }
  return steps
}

/** The calls of a step: its transaction, and those that show the order of its versions. */
export function involved({ from, version, next }: CycleStep): readonly Call[] {
  const why = version?.next[next]?.why
  return why === undefined ? [from.call] : [from.call, why.first.call, why.then.call]
}

export function stepWords(step: CycleStep, name: (txn: Txn) => string): string {
  const [from, to] = [name(step.from), name(step.to)]
  switch (step.kind) {
    case 'session':
      return `${from} ended before ${to} began, both of ${clientWords(step.from.call.invoke.client)}`
    case 'real time':
      return (
        `${from} ended (${seconds(step.from.call.end?.atMs ?? 0)}) before ${to} began ` +
        `(${seconds(step.to.call.invoke.atMs)})`
      )
    case 'wr':
      return `${made(step, from)}, which ${to} read`
    case 'ww':
      return `${made(step, from)}, ${later(step, to, name)}`
    case 'rw':
      return `${from} read ${key(step)} as ${readAs(step)}, ${later(step, to, name)}`
    case 'on':
      return `${from} is before ${to}`
    default:
      return step.kind satisfies never
  }
}

function made({ version }: CycleStep, from: string): string {
  const verb = version?.item.list === true ? 'appended' : 'wrote'
  return `${from} ${verb} ${shown(version?.write?.value)} to ${shown(version?.item.key)}`
}

function readAs({ version, from }: CycleStep): string {
  return shown(version?.readers.find(({ txn }) => txn === from)?.value)
}

/** The next version after a version: who wrote it, and how that is known. */
function later({ kind, version, next }: CycleStep, to: string, name: (txn: Txn) => string): string {
  const after = version?.next[next]
  const value = shown(after?.write.value)
  if (version?.item.list === true)
    return kind === 'ww' ? `after which ${to} appended ${value}` : `without ${value}, which ${to} appended`
  const why = after?.why
  if (why === undefined)
    return version?.write === undefined ? `where ${to} wrote ${value}` : `over which ${to} wrote ${value}`
  return (
    `over which ${to} wrote ${value} (${knew(why.first, version?.write, name)} ended before ` +
    `${knew(why.then, after?.write, name)} began${why.order === 'session' ? ', by the same client' : ''})`
  )
}

/** The words for a transaction that wrote this value, or read it. */
function knew(txn: Txn, write: Write | undefined, name: (txn: Txn) => string): string {
  return txn === write?.txn ? name(txn) : `${name(txn)}, which read ${shown(write?.value)},`
}

function key({ version }: CycleStep): string {
  return shown(version?.item.key)
}
