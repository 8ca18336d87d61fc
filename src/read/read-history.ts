// readHistory: the text of a recorded history -> a history, whatever wrote it. Chooses the format; each has a file of
// its own.
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

/** How a recorded history is read, where that cannot be told from its text. */
export interface ReadOptions {
  /** @default told by the first line that is not empty */
  readonly format?: HistoryFormat
  /** Every value is a pair `[key, value]`, as jepsen.independent writes it without a tag. @default false */
  readonly independent?: boolean
  /**
   * What a read (`read`, `r`, `get`) that was answered nil returned is not known: any value will do. If not, nil is a
   * value: nothing was there. Reads inside of transactions are so for models of one object (`multi-register`) only; for
   * those of transactions nil is always a value.
   *
   * @default true in `edn`, as Knossos takes it; false in other formats
   */
  readonly nilUnknown?: boolean
}

/**
 * The history that a text records: operations with their processes as clients, in the order of their times, or of the
 * lines where there are no times. `info` and operations without an end have an unknown outcome. Lines of the nemesis,
 * and other lines of a log, are notes. An empty text is an empty history.
 *
 * Formats: JSON `{"process", "type", "f", "value", "key"?, "time"?, "index"?, "error"?}`, one operation's begin or end
 * a line or an array of them; Jepsen's EDN; Jepsen's log as porcupine's test data keep it; lines
 * `r(key,value,session,transaction)`; and the lines of {@link historyBytes}. Time is in nanoseconds; without it an
 * index is a millisecond. Integers beyond 2^53 are bigint, sets of EDN are Sets.
 *
 * @param text the text, or its pieces in order where it is too long for one string
 * @throws where a line cannot be read or contradicts another, with its number
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

/** Told by the first line; a log may begin with other lines. */
function formatOf(source: TextSource): HistoryFormat {
  const text = beginning(source)
  const first = /\S.*/.exec(text)?.[0].trimEnd() ?? ''
  if (/^\s*(?:\[\s*)?\{\s*"/.test(text)) return /^\{.*"kind":/.test(first) && /"seq":/.test(first) ? 'events' : 'json'
  if (first === '' || /^[#([;]|^\{\s*(:|$|#_|;)/.test(first)) return 'edn'
  if (first.startsWith('{')) return 'json' // the reader says what is wrong with it
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

/** How many characters of a text in pieces tell its format. */
const tellingCharacters = 65_536

/** A text whole, or its first pieces. */
function beginning(source: TextSource): string {
  let text = ''
  for (const piece of typeof source === 'string' ? [source] : source) {
    text += piece
    if (text.length >= tellingCharacters) break
  }
  return text.replace(/^\uFEFF/, '')
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
