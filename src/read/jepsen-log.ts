// Reads the log of a Jepsen test, as porcupine's test data have it: `INFO jepsen.util - 0 :invoke :read nil`. Other
// lines are kept as remarks, including the analysis that a checker printed after the history.
// https://github.com/anishathalye/porcupine/tree/master/test_data/jepsen
import { ednForms } from './edn.ts'
import { wrong, type RecordedLine, type Remark } from './recorded.ts'
import { linesOf, type TextSource } from './text-lines.ts'

/** An operation: the logger's prefix, a process, the type, the operation, and the rest of the line. */
const operation = /(?:^|(\sjepsen\.\S+\s+(?:-\s+)?))(:nemesis|\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)(.*)$/
/** A line that Jepsen's own printer of operations has printed. */
const printed = /\sjepsen\.util\s+-\s/
/** Words that show that Jepsen or Knossos prints the analysis of a history. */
const analysis = new RegExp(
  '\\b(?:knossos|world (?:with|from)|fixed history|analysis|analy[sz]ing|linearizab\\w+|valid\\?|final-paths|' +
    'pending operations|last-op|previous-ok)|Everything looks good',
  'i',
)

/**
 * The operations of a log, and remarks for its other lines. If operations have the logger's name before them, those
 * without it do not belong to the history. If none has it, the history ends where an analysis begins.
 *
 * @throws if a line looks like an operation but is none, with the line
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
