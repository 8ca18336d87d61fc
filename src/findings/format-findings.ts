// What came to light in a system without invariants, for the terminal. It must not look like a green that means
// something. Knows findings; prints nothing.
import {
  heading,
  joinBlocks,
  labelledLines,
  paperOf,
  paragraph,
  type Labelled,
  type ReportOptions,
} from '../report/block.ts'
import { plural } from '../report/explored-words.ts'
import type { Place } from '../report/format-assessment.ts'
import { resultEntries } from '../report/format-holds.ts'
import { storyOf } from '../report/story-of.ts'
import { aliasesOf, withAliases } from '../scenario/alias.ts'
import { describeFault } from '../scenario/fault/registry.ts'
import { describeLate } from '../scenario/late-change.ts'
import { orderOf } from '../scenario/plan.ts'
import type { FindingsOnly, ShrunkSymptom } from './findings-only.ts'

/** Of how many findings the story is told. */
const mostStories = 1

/** All that was found, the first with its story, and how much was looked at. */
export function formatFindings(found: FindingsOnly, { test, file }: Place, options: ReportOptions = {}): string {
  const paper = paperOf(options)
  const { assessment, lookouts, findings, unclear } = found
  const { explored, remarks } = assessment
  const stories = findings.flatMap((finding, index) => storyLines(finding, index, paper)).slice(0, mostStories)
  const unfinished = assessment.kind === 'inconclusive' ? (assessment.unfinished ?? []) : []
  const notes = [...unclear.map(unclearText), ...[unfinished].flat(), ...remarks.filter(isOfExploring(found))]
  return joinBlocks([
    [heading('?', `findings only: ${test}`, file, paper)],
    paragraph(headText(findings.length), 'plain', paper),
    ...findings.map((finding, index) => labelledLines(findingEntries(finding, index), paper)),
    ...stories,
    labelledLines(
      [
        ...lookouts.map(({ words }): Labelled => ({ label: 'Looked for', text: words })),
        ...resultEntries({ explored, folded: [], remarks: notes }, 'looked at'),
      ],
      paper,
    ),
  ])
}

function headText(findings: number): string {
  const judged = 'Nothing was judged: the system has no invariants, so this test cannot fail.'
  if (findings === 0) return `${judged} Nothing came to light either, of what is looked for anywhere.`
  const came = findings === 1 ? 'One thing' : `${findings} things`
  return `${judged} ${came} came to light. May that happen? If not, say so in \`invariants\`.`
}

function findingEntries(finding: ShrunkSymptom, index: number): readonly Labelled[] {
  const { lookout, histories, smallest, reason, counterexample } = finding
  const { plan, workload } = counterexample?.scenario ?? smallest
  const faults = plan.kind === 'listed' ? plan.faults.map(describeFault) : []
  const needs = [...faults, ...orderOf(plan).map(describeLate)]
  const size = plural(workload.invocations.length, 'operation')
  return [
    { label: `Finding ${index + 1}`, text: withAliases(reason.text, aliasesOf(workload)), tone: 'bad' },
    { label: 'Needs', text: `${size}; ${needs.length === 0 ? 'no fault' : needs.join('; ')}` },
    {
      label: 'Seen',
      text: `in ${plural(histories, 'history', 'histories')}${counterexample === undefined ? '; not shrunk' : ''}`,
    },
    { label: 'To judge it', text: lookout.toJudge(reason.of) },
  ]
}

function storyLines(
  { counterexample }: ShrunkSymptom,
  index: number,
  paper: Required<ReportOptions>,
): readonly (readonly string[])[] {
  if (counterexample === undefined) return []
  const { history, scenario, violation } = counterexample
  const story = storyOf(history, scenario, { ...paper, reason: violation.reason, minimal: true })
  return [[`Finding ${index + 1} as it happened:`, ...story.split('\n')]]
}

function unclearText({ lookout, histories }: FindingsOnly['unclear'][number]): string {
  return `${lookout.invariant.name} could not tell in ${plural(histories, 'history', 'histories')}: these are left out.`
}

/** Not what is said of lookouts as if they were invariants, and of stubs that nobody calls. */
function isOfExploring({ lookouts }: FindingsOnly): (remark: string) => boolean {
  return (remark) =>
    !remark.startsWith('No history had') && lookouts.every(({ invariant }) => !remark.startsWith(invariant.name))
}
