// readHistory: reads a recorded history in any supported format. Chooses the format; each has a file of its own.
import type { History } from '../history/history.ts'
import { suggestion } from '../plain/suggestion.ts'
import { historyOfLines } from './history-of-lines.ts'
import { isLogged, jepsenLog } from './jepsen-log.ts'
import { jepsenEdn } from './jepsen-edn.ts'
import { jsonLines } from './json-lines.ts'
import { ownLines } from './own-lines.ts'
import { isSessionLine, sessionLines } from './session-lines.ts'
import { linesOf, wholeText, type TextSource } from './text-lines.ts'
import { wrong, type RecordedLine, type Remark } from './recorded.ts'
import { shownText } from './shown.ts'

/**
 * `json`: JSON lines, or an array; `edn`: Jepsen's history.edn; `log`: the log of a run of Jepsen; `sessions`: lines
 * `r(key,value,session,transaction)`; `events`: what historyBytes wrote.
 */
export type HistoryFormat = 'json' | 'edn' | 'log' | 'sessions' | 'events'

/** All formats, by name. */
export const historyFormats: readonly HistoryFormat[] = ['json', 'edn', 'log', 'sessions', 'events']

/** How to read a recorded history, if its text does not show that. */
export interface ReadOptions {
  /** @default decided by the first line that is not empty */
  readonly format?: HistoryFormat
  /** Whether every value is a pair `[key, value]`, as jepsen.independent writes it without a tag. @default false */
  readonly independent?: boolean
  /**
   * Whether a read (`read`, `r`, `get`) that was answered nil returned an unknown value. If not, nil means that nothing
   * was there. For reads inside transactions this applies only to models of one object (`multi-register`); for models
   * of transactions nil always means that nothing was there.
   *
   * @default true in `edn`, as in Knossos; false in other formats
   */
  readonly nilUnknown?: boolean
}

/**
 * The history that a text records: operations, with their processes as clients, in the order of their times or, without
 * times, of their lines. `info`, and operations without an end, have an unknown outcome. Lines of the nemesis, and
 * other lines of a log, become notes. An empty text is an empty history.
 *
 * Formats: JSON `{"process", "type", "f", "value", "key"?, "time"?, "index"?, "error"?}`, for each beginning or end of
 * an operation, on lines or in an array; Jepsen's EDN; Jepsen's log as porcupine's test data keep it; lines
 * `r(key,value,session,transaction)`; and the lines of {@link historyBytes}. Time is in nanoseconds; without it an
 * index is a millisecond. Integers beyond 2^53 are bigint, sets of EDN are Sets.
 *
 * @param text the text, or its pieces in order if it is too long for one string
 * @throws if a line cannot be read or contradicts another, with its number
 * @example check(readHistory(readFileSync('history.edn', 'utf8')), [monotonicReads()])
 */
export function readHistory(text: string | Iterable<string>, options: ReadOptions = {}): History {
  const format = options.format ?? formatOf(text)
  if (!historyFormats.includes(format))
    throw new Error(`readHistory: the format "${format}" is unknown${suggestion(format, historyFormats)}`)
  if (format === 'events') return ownLines(text)
  if (format === 'sessions') return sessionLines(text)
  const lines = format === 'json' ? jsonLines(text) : format === 'edn' ? jepsenEdn(wholeText(text)) : jepsenLog(text)
  return historyOfLines(options.independent === true ? each(lines, split) : lines, {
    nilUnknown: options.nilUnknown ?? format === 'edn',
    fillsIn: format === 'edn',
  })
}

function each<T>(items: Iterable<T>, change: (item: T) => T): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield change(item)
    },
  }
}

/** The format, decided by the first line; only a log may begin with other lines. */
function formatOf(source: TextSource): HistoryFormat {
  const text = beginning(source)
  const first = /\S.*/.exec(text)?.[0].trimEnd() ?? ''
  if (/^\s*(?:\[\s*)?\{\s*"/.test(text)) return /^\{.*"kind":/.test(first) && /"seq":/.test(first) ? 'events' : 'json'
  if (first === '' || /^[#([;]|^\{\s*(:|$|#_|;)/.test(first)) return 'edn'
  if (first.startsWith('{')) return 'json' // the reader reports what is wrong with it
  if (isSessionLine(first)) return 'sessions'
  if (Array.from(linesOf(text)).some((line) => isLogged(line.text))) return 'log'
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

/** How many characters are read to decide the format. */
const tellingCharacters = 65_536

/** The text, or enough of its first pieces. */
function beginning(source: TextSource): string {
  let text = ''
  for (const piece of typeof source === 'string' ? [source] : source) {
    text += piece
    if (text.length >= tellingCharacters) break
  }
  return text.replace(/^\uFEFF/, '')
}

/** Splits a value `[key, value]`. An operation that is answered nothing may have just `nil`. */
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
