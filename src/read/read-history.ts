// readHistory: the text of a recorded history -> a history, whatever wrote it. Chooses the format; each has a file of
// its own.
import type { History } from '../history/history.ts'
import { suggestion } from '../plain/suggestion.ts'
import { historyOfLines } from './history-of-lines.ts'
import { isLogged, jepsenLog } from './jepsen-log.ts'
import { jepsenEdn } from './jepsen-edn.ts'
import { jsonLines } from './json-lines.ts'
import { ownLines } from './own-lines.ts'
import { wrong, type RecordedLine, type Remark } from './recorded.ts'
import { shownText } from './shown.ts'

/**
 * `json`: JSON lines; `edn`: Jepsen's history.edn; `log`: the log of a run of Jepsen; `events`: what historyBytes
 * wrote.
 */
export type HistoryFormat = 'json' | 'edn' | 'log' | 'events'

/** All formats, by name. */
export const historyFormats: readonly HistoryFormat[] = ['json', 'edn', 'log', 'events']

/** How a recorded history is read, where that cannot be told from its text. */
export interface ReadOptions {
  /** @default told by the first line that is not empty */
  readonly format?: HistoryFormat
  /** Every value is a pair `[key, value]`, as jepsen.independent writes it without a tag. @default false */
  readonly independent?: boolean
}

/**
 * The history that a text records: operations with their processes as clients, in the order of the lines. `info` and
 * operations without an end have an unknown outcome. Lines of the nemesis, and other lines of a log, are notes. An
 * empty text is an empty history.
 *
 * Formats: JSON lines `{"process", "type", "f", "value", "key"?, "time"?, "index"?, "error"?}`, Jepsen's EDN, Jepsen's
 * log as porcupine's test data keep it, and the lines of {@link historyBytes}. Time is in nanoseconds; without it an
 * index is a millisecond.
 *
 * @throws where a line cannot be read or contradicts another, with its number
 * @example check(readHistory(readFileSync('history.edn', 'utf8')), [monotonicReads()])
 */
export function readHistory(text: string, options: ReadOptions = {}): History {
  const clean = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const format = options.format ?? formatOf(clean)
  if (!historyFormats.includes(format))
    throw new Error(`readHistory: the format "${format}" is unknown${suggestion(format, historyFormats)}`)
  if (format === 'events') return ownLines(clean)
  const lines = format === 'json' ? jsonLines(clean) : format === 'edn' ? jepsenEdn(clean) : jepsenLog(clean)
  return historyOfLines(options.independent === true ? lines.map(split) : lines)
}

/** Told by the first line; a log may begin with other lines. */
function formatOf(text: string): HistoryFormat {
  const first = /\S.*/.exec(text)?.[0] ?? ''
  if (/^\s*\[\s*\{\s*"/.test(text)) return 'json' // an array: the reader says what to write instead
  if (first === '' || /^[#([;]|^\{\s*(:|$|#_|;)/.test(first)) return 'edn'
  if (first.startsWith('{')) return /"seq":/.test(first) && /"kind":/.test(first) ? 'events' : 'json'
  if (text.split('\n').some(isLogged)) return 'log'
  if (Array.from(first).some((one) => one < '\t' || one === '\uFFFD'))
    throw new Error(
      'This is no text in UTF-8: it looks compressed, or is in another encoding. Unpack it, or give the file ' +
        'that was recorded.',
    )
  throw new Error(
    `Line 1: ${shownText(first)} is neither JSON, EDN nor a line of Jepsen's log; give the format ` +
      `(${historyFormats.join(', ')}).`,
  )
}

/** Of an operation that is answered nothing, only `nil` may be written. */
function split(line: RecordedLine | Remark): RecordedLine | Remark {
  if ('remark' in line || line.process === 'nemesis' || (line.key !== undefined && line.key !== null)) return line
  const { value } = line
  if (Array.isArray(value) && value.length === 2)
    return { ...line, key: value[0] as unknown, value: value[1] as unknown }
  if (line.type !== 'invoke' && (value === undefined || value === null)) return line
  throw wrong(
    line.line,
    `the value ${shownText(value)} is no pair [key, value]`,
    'leave out `independent` where values have no keys',
  )
}
