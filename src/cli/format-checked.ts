// What `two-generals check` says of one recorded history: the verdict, why, the story, and what was read. Knows only
// its data.
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Verdict } from '../verdict/verdict.ts'
import {
  heading,
  joinBlocks,
  labelledLines,
  paperOf,
  paragraph,
  type Labelled,
  type Paper,
  type ReportOptions,
} from '../report/block.ts'
import { modelEntries } from '../report/model-entries.ts'
import { recordedStory } from './recorded-story.ts'
import { spansOf } from './chosen-spans.ts'

/** A recorded history with what a checker says of it. */
export interface Checked {
  readonly file: string
  /** What was asked of it: `linearizable(cas-register)`. */
  readonly invariant: string
  readonly history: History
  readonly verdict: Verdict
  /** What to try otherwise. @default none */
  readonly hints?: readonly string[]
}

const mostReasons = 3

/** A report for people; never wider than the paper. */
export function formatChecked(
  { file, invariant, history, verdict, hints = [] }: Checked,
  options: ReportOptions = {},
): string {
  const paper = paperOf(options)
  const told = verdict.reasons.slice(0, mostReasons)
  const hidden = verdict.reasons.length - told.length
  return joinBlocks([
    [heading(verdict.kind === 'holds' ? 'ok' : 'x', `${verdict.kind}: ${invariant}`, undefined, paper)],
    ...told.map(({ text }) => paragraph(text, verdict.kind === 'violated' ? 'bad' : 'plain', paper)),
    hidden > 0 ? paragraph(`And ${hidden} more like these.`, 'plain', paper) : [],
    story(history, told, paper),
    labelledLines(
      [
        ...modelEntries(told),
        ...summary(file, history),
        ...advice(verdict),
        ...hints.map((text): Labelled => ({ label: 'Hint', text, tone: 'good' })),
      ],
      paper,
    ),
  ])
}

function story(history: History, reasons: readonly Reason[], paper: Paper): readonly string[] {
  const reason = reasons.find(({ events }) => events.length > 0)
  const text = reason === undefined ? '' : recordedStory(history, reason, paper)
  return text === '' ? [] : [text]
}

function summary(file: string, history: History): readonly Labelled[] {
  const spans = spansOf(history)
  const ended = (kind: string): number => spans.filter(({ end }) => end?.kind === kind).length
  const processes = new Set(spans.map(({ invoke }) => invoke.node)).size
  const [ok, fail] = [ended('ok'), ended('fail')]
  return [
    {
      label: 'Read',
      text:
        `${file}: ${plural(spans.length, 'operation')} of ${plural(processes, 'process', 'processes')}: ` +
        `${ok} ok, ` +
        `${fail} failed, ${spans.length - ok - fail} with an unknown outcome`,
    },
    ...(history.notes.length === 0
      ? []
      : [
          {
            label: 'Not read',
            text:
              `${plural(history.notes.length, 'line')} that ${history.notes.length === 1 ? 'is' : 'are'} no ` +
              'operation of a process (nemesis, log)',
          },
        ]),
  ]
}

function advice({ kind }: Verdict): readonly Labelled[] {
  if (kind === 'unknown')
    return [
      {
        label: 'Unknown',
        text: 'never counts as "holds"; where a budget ran out, a shorter history may be decided',
      },
    ]
  return kind === 'vacuous' ? [{ label: 'Vacuous', text: 'there was nothing to look at, so nothing was shown' }] : []
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
