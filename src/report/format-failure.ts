// The report of a failure, from the sentence that says what is wrong to the command that shows it again. Owns the order
// and the wording of the parts; story-of.ts draws the story. Must not know who found the failure.
import { aliasesOf, withAliases, type Alias } from '../scenario/alias.ts'
import type { Counterexample, Necessity } from '../verdict/counterexample.ts'
import type { Explored, Folded } from '../verdict/explored.ts'
import { describeLate } from '../scenario/late-change.ts'
import { faultId } from '../scenario/plan.ts'
import { failureName, type Reason } from '../verdict/reason.ts'
import { heading, joinBlocks, labelledLines, paperOf, paragraph, type Labelled, type ReportOptions } from './block.ts'
import { contradictionOf, kinWords } from './contradiction.ts'
import { describeFault } from '../scenario/fault/registry.ts'
import { countsWords, exploredWords, memoryWords, plural, sharedWords } from './explored-words.ts'
import { hintsFor } from './hints-for.ts'
import { clip } from './ink.ts'
import { lineEntries } from './line-entries.ts'
import { faultMarkWords, lateMarkWords, workloadMarkEntries } from './mark-words.ts'
import { modelEntries } from './model-entries.ts'
import { storyOf } from './story-of.ts'
import { waitingEntries } from './waiting-entries.ts'

/** A failed test and all that is known about it. */
export interface Failure {
  readonly test: string
  /** `checkout.test.ts:16`. */
  readonly file?: string
  readonly counterexample: Counterexample
  readonly explored: Explored
  readonly folded: readonly Folded[]
  /** Other violations in the same history or run. */
  readonly alsoViolated?: readonly Reason[]
  /** The command that runs the counterexample again. */
  readonly replay?: string
  /** The file that the counterexample was saved to. */
  readonly saved?: string
  /** @default the hints of {@link hintsFor} */
  readonly hints?: readonly string[]
  readonly remarks?: readonly string[]
}

/**
 * Formats a failure for the terminal: what was violated, how it came about, which faults are necessary, what was
 * explored, and how to see it again. Aliases stand for raw values of the workload.
 *
 * @example console.error(formatFailure(failure, { colour: process.stderr.isTTY, width: process.stderr.columns }))
 */
export function formatFailure(failure: Failure, options: ReportOptions = {}): string {
  const paper = paperOf(options)
  const { test, file, counterexample } = failure
  const { history, scenario, violation } = counterexample
  const aliases = aliasesOf(scenario.workload)
  const kin = kinWords(contradictionOf(counterexample))
  return joinBlocks([
    [heading('x', test, file, paper)],
    paragraph(sentence(violation.reason, aliases), 'bad', paper),
    storyOf(history, scenario, {
      ...paper,
      reason: violation.reason,
      minimal: counterexample.unfinished === undefined,
    }).split('\n'),
    [
      ...(kin === undefined ? [] : paragraph(kin, 'plain', paper)),
      ...labelledLines(entriesOf(failure, aliases), paper),
    ],
  ])
}

const longestSentence = 600

/** The sentence of a reason, with aliases instead of raw values, and without quotes around aliases. */
function sentence({ text }: Reason, aliases: readonly Alias[]): string {
  const named = aliases.reduce((done, { name }) => done.replaceAll(`"${name}"`, name), withAliases(text, aliases))
  return clip(named, longestSentence)
}

function entriesOf(failure: Failure, aliases: readonly Alias[]): readonly Labelled[] {
  const { counterexample, explored, folded, replay, saved, remarks = [] } = failure
  return [
    ...modelEntries([counterexample.violation.reason]),
    ...waitingEntries(counterexample),
    ...lineEntries(counterexample),
    ...necessaryEntries(counterexample),
    ...workloadMarkEntries(counterexample, aliases),
    ...(counterexample.nearest === undefined
      ? []
      : [{ label: 'Nearest', text: `${counterexample.nearest.change}: holds` }]),
    { label: 'Explored', text: exploredWords(explored).join('; ') },
    ...unfinishedEntries(counterexample),
    ...foldedEntries(folded, counterexample),
    ...(failure.alsoViolated ?? [])
      .slice(0, mostOthers)
      .map((reason): Labelled => ({ label: 'Also', text: sentence(reason, aliases), tone: 'bad' })),
    ...overflow(failure.alsoViolated?.length ?? 0),
    ...otherEntries(counterexample),
    ...(replay === undefined ? [] : [{ label: 'Replay', text: replay, verbatim: true }]),
    ...(saved === undefined ? [] : [{ label: 'Saved', text: `${saved} (runs first from now on)`, verbatim: true }]),
    ...(failure.hints ?? hintsFor(counterexample)).map((text): Labelled => ({ label: 'Hint', text, tone: 'good' })),
    ...[
      ...memoryWords(explored.survivors?.filter((node) => crashed(counterexample, node))),
      ...sharedWords(explored.shared),
      ...remarks,
    ].map((text): Labelled => ({ label: 'Note', text })),
  ]
}

/** Whether a node crashed in this story. If not, it does not matter what the node remembers. */
function crashed({ history }: Counterexample, name: string): boolean {
  return history.events.some(({ kind, node }) => kind === 'crash' && node === name)
}

const mostOthers = 5

function overflow(others: number): readonly Labelled[] {
  return others > mostOthers ? [{ label: 'Also', text: `and ${plural(others - mostOthers, 'other violation')}` }] : []
}

/** What shrinking met and did not follow. */
function otherEntries({ others = [] }: Counterexample): readonly Labelled[] {
  return others.slice(0, mostOthers).map(({ invariant, failure, histories }) => ({
    label: 'Also',
    text:
      `seen while shrinking, not shrunk: ${invariant} (${failureName(failure)}), in ` +
      plural(histories, 'history', 'histories'),
  }))
}

function needsFault({ scenario: { plan } }: Counterexample): boolean {
  return plan.kind === 'drawn' || plan.faults.length > 0
}

/** Which faults are necessary. Faults that were not tried, because time ran out, are listed as such. */
function necessaryEntries(counterexample: Counterexample): readonly Labelled[] {
  const {
    necessity,
    scenario: { plan },
  } = counterexample
  const order = (counterexample.order ?? []).map((one) => ({
    label: 'Necessary',
    text: `${describeLate(one.late)}${lateMarkWords(one.late, counterexample)}; without it: ${withoutWords(one)}`,
  }))
  if (!needsFault(counterexample) && order.length > 0) return order
  if (!needsFault(counterexample))
    return [{ label: 'Necessary', text: 'no fault at all: it fails on a perfect network' }]
  const asked = necessity.map((one) => ({
    label: 'Necessary',
    text: `${describeFault(one.fault)}${faultMarkWords(one.fault, counterexample)}; without it: ${withoutWords(one)}`,
  }))
  const known = new Set(necessity.map(({ fault }) => faultId(fault)))
  const open = plan.kind === 'listed' ? plan.faults.filter((fault) => !known.has(faultId(fault))) : []
  return [
    ...asked,
    ...order,
    ...open.map((fault) => ({ label: 'Perhaps', text: `${describeFault(fault)}; not tried without it` })),
  ]
}

function withoutWords({ without }: Pick<Necessity, 'without'>): string {
  return without === 'violated' ? 'violated as well' : without
}

function unfinishedEntries({ unfinished }: Counterexample): readonly Labelled[] {
  return unfinished === undefined
    ? []
    : [{ label: 'Unfinished', text: `shrinking stopped early (${unfinished}): a smaller counterexample may exist` }]
}

/** The result of each invariant, if there are several, or if one other than the violated one is in doubt. */
function foldedEntries(folded: readonly Folded[], { violation }: Counterexample): readonly Labelled[] {
  if (folded.length < 2 && folded.every(({ invariant }) => invariant === violation.invariant)) return []
  return folded.map((one): Labelled => ({ label: 'Invariants', text: `${one.invariant}: ${countsWords(one)}` }))
}
