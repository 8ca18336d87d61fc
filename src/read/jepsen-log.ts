// Logs of a test run as Jepsen prints them and porcupine keeps them: `INFO  jepsen.util - 0  :invoke  :read  nil`.
// Lines that are no operation are kept as remarks, and so is the analysis that a checker printed after the history.
// https://github.com/anishathalye/porcupine/tree/master/test_data/jepsen
import { ednForms } from './edn.ts'
import { wrong, type RecordedLine, type Remark } from './recorded.ts'
import { linesOf, type TextSource } from './text-lines.ts'

/** What the logger printed before it, then a process, what happened, and the rest of the line. */
const operation = /(?:^|(\sjepsen\.\S+\s+(?:-\s+)?))(:nemesis|\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)(.*)$/
/** A line that Jepsen's own printer of operations wrote. */
const printed = /\sjepsen\.util\s+-\s/
/** Words with which Jepsen and Knossos begin to print the analysis of a history. */
const analysis = new RegExp(
  '\\b(?:knossos|world (?:with|from)|fixed history|analysis|analy[sz]ing|linearizab\\w+|valid\\?|final-paths|' +
    'pending operations|last-op|previous-ok)|Everything looks good',
  'i',
)

/**
 * The operations of a log, and remarks for its other lines. Where the logger's name stands before operations, those
 * without it are no part of the history; and where no name stands before any, the history ends where an analysis
 * begins.
 *
 * @throws where a line looks like an operation and is none, with the line
 */
export function jepsenLog(source: TextSource): Iterable<RecordedLine | Remark> {
  return {
    *[Symbol.iterator]() {
      let isNamed: boolean | undefined
      let isAnalysed = false
      for (const { line, text } of linesOf(source)) {
        const written = text.trim()
        if (written === '') continue
        const found = operation.exec(written)
        if (found !== null) isNamed ??= found[1] !== undefined
        else isAnalysed ||= analysis.test(written)
        const isHistory = found?.[1] !== undefined || (isNamed === false && !isAnalysed)
        yield found !== null && isHistory ? recorded(found, line) : remark(written, line)
      }
    },
  }
}

/** Whether a line is an operation in a log. */
export function isLogged(written: string): boolean {
  return operation.test(written) || printed.test(written)
}

function remark(written: string, line: number): Remark {
  if (printed.test(written) && !operation.test(written))
    throw wrong(line, `"${written}" is no operation`, 'write e.g. "INFO  jepsen.util - 0 :invoke :read nil"')
  return { line, remark: written }
}

function recorded(found: RegExpExecArray, line: number): RecordedLine {
  const [, , process, type, f, rest = ''] = found
  const parts = ednForms(rest, line).map(({ value }) => value)
  if (process === ':nemesis') return { line, process: 'nemesis', type, f, value: parts[0] ?? null }
  if (parts.length === 0 || parts.length > 2)
    throw wrong(
      line,
      `"${found.input}" has ${parts.length} values`,
      'write one, nil where there is nothing, and after it an error if there is one',
    )
  const [value, error] =
    // :info :write :timed-out
    type !== 'ok' && type !== 'invoke' && parts.length === 1 && rest.trim().startsWith(':') ? [null, parts[0]] : parts
  return { line, process: Number(process), type, f, value, error }
}
