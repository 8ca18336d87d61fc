// The report of `two-generals check` on a recorded history: the verdict, the reasons, the story, and what was read.
// Knows only its data.
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { list, shown } from '../check/reason-words.ts'
import { countsOf, type Checked } from './checked.ts'
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

const mostReasons = 3

/** A report for people; never wider than the paper. */
export function formatChecked(
  { file, invariant, history, verdict, hints = [] }: Checked,
  options: ReportOptions = {},
): string {
  const paper = paperOf(options)
  const told = verdict.reasons.slice(0, mostReasons)
  const hidden = verdict.reasons.slice(mostReasons)
  return joinBlocks([
    [heading(verdict.kind === 'holds' ? 'ok' : 'x', `${verdict.kind}: ${invariant}`, undefined, paper)],
    ...told.map(({ text }) => paragraph(text, verdict.kind === 'violated' ? 'bad' : 'plain', paper)),
    hidden.length > 0 ? paragraph(moreText(hidden), 'plain', paper) : [],
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

/** The line for reasons that are not spelled out; it names all their keys. */
function moreText(reasons: readonly Reason[]): string {
  const keys = new Set(reasons.flatMap(({ subject }) => (subject === undefined ? [] : [shown(subject)])))
  return `And ${reasons.length} more like these${keys.size === 0 ? '' : `, on ${list([...keys])}`}.`
}

function story(history: History, reasons: readonly Reason[], paper: Paper): readonly string[] {
  const reason = reasons.find(({ events }) => events.length > 0)
  const text = reason === undefined ? '' : recordedStory(history, reason, paper)
  return text === '' ? [] : [text]
}

function summary(file: string, history: History): readonly Labelled[] {
  const { operations, processes, ok, failed, unknown, notRead } = countsOf(history)
  return [
    {
      label: 'Read',
      text:
        `${file}: ${plural(operations, 'operation')} of ${plural(processes, 'process', 'processes')}: ${ok} ok, ` +
        `${failed} failed, ${unknown} with an unknown outcome`,
    },
    ...(notRead === 0
      ? []
      : [
          {
            label: 'Not read',
            text: `${plural(notRead, 'line')} without an operation of a process (nemesis, log)`,
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
