// Sorts lines by time, for a file that was joined from the logs of several processes. Knows lines; must not know
// formats.
import { momentOf, wrong, type Moment, type RecordedLine, type Remark } from './recorded.ts'

/** Whether no line is earlier than one before it. Invalid times are reported later. */
export function isInTimeOrder(lines: Iterable<RecordedLine | Remark>): boolean {
  let latest: number | bigint = -Infinity
  for (const line of lines) {
    if ('remark' in line || line.process === 'nemesis') continue
    const { time } = line
    if (typeof time !== 'number' && typeof time !== 'bigint') continue
    if (time < latest) return false
    latest = time
  }
  return true
}

interface TimedLine {
  readonly line: RecordedLine | Remark
  readonly time: number | bigint
}

/**
 * The lines sorted by time; lines of equal time keep their order. Lines without a time stay after the line before them.
 *
 * @throws if some operations have a time and others do not
 */
export function inTimeOrder(lines: Iterable<RecordedLine | Remark>): readonly (RecordedLine | Remark)[] {
  const timed: TimedLine[] = []
  let before: Moment | undefined
  for (const line of lines) {
    if (!('remark' in line) && line.process !== 'nemesis') before = momentOf(line, timed.length, before)
    timed.push({ line, time: timeOf(line) ?? timed.at(-1)?.time ?? -Infinity })
  }
  return timed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ line }) => line)
}

function timeOf(line: RecordedLine | Remark): number | bigint | undefined {
  const time = 'remark' in line ? undefined : line.time
  return typeof time === 'bigint' || (typeof time === 'number' && Number.isFinite(time)) ? time : undefined
}

/**
 * Explains why a file is contradictory even when it is sorted.
 *
 * @throws if an operation ends earlier than the line above begins it
 */
export function assertEndsLater(lines: Iterable<RecordedLine | Remark>): void {
  const open = new Map<unknown, { readonly line: RecordedLine; readonly moment: Moment }>()
  for (const line of lines) {
    if ('remark' in line || line.process === 'nemesis') continue
    const moment = momentOf(line, 0)
    const begun = open.get(line.process)
    if (line.type === 'invoke') open.set(line.process, { line, moment })
    else if (begun !== undefined && moment.atMs < begun.moment.atMs)
      throw wrong(
        line.line,
        `${String(line.f ?? begun.line.f)} of process ${String(line.process)} ends at ${moment.atMs} ms, ` +
          'before it is ' +
          `invoked at ${begun.moment.atMs} ms (line ${begun.line.line})`,
        'is the time in nanoseconds, from one clock?',
      )
  }
}
