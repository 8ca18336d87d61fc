// Logs of a test run as Jepsen prints them and porcupine keeps them: `INFO  jepsen.util - 0  :invoke  :read  nil`.
// Lines that are no operation are kept as remarks.
// https://github.com/anishathalye/porcupine/tree/master/test_data/jepsen
import { ednForms } from './edn.ts'
import { wrong, type RecordedLine, type Remark } from './recorded.ts'

/** A process, what happened, and what is left of the line. */
const operation = /(?:^|\sjepsen\.\S+\s+(?:-\s+)?)(:nemesis|\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)(.*)$/
/** A line that Jepsen's own printer of operations wrote. */
const printed = /\sjepsen\.util\s+-\s/

/**
 * The operations of a log, and remarks for its other lines.
 *
 * @throws where a line looks like an operation and is none, with the line
 */
export function jepsenLog(text: string): readonly (RecordedLine | Remark)[] {
  return text
    .split('\n')
    .flatMap((written, index) => (written.trim() === '' ? [] : [recorded(written.trim(), index + 1)]))
}

/** Whether a line is an operation in a log. */
export function isLogged(written: string): boolean {
  return operation.test(written) || printed.test(written)
}

function recorded(written: string, line: number): RecordedLine | Remark {
  const [, process, type, f, rest = ''] = operation.exec(written) ?? []
  if (process === undefined) {
    if (printed.test(written))
      throw wrong(line, `"${written}" is no operation`, 'write e.g. "INFO  jepsen.util - 0 :invoke :read nil"')
    return { line, remark: written }
  }
  const parts = formsOf(rest, line)
  if (process === ':nemesis') return { line, process: 'nemesis', type, f, value: parts[0] ?? null }
  if (parts.length === 0 || parts.length > 2)
    throw wrong(
      line,
      `"${written}" has ${parts.length} values`,
      'write one, nil where there is nothing, and after it an error if there is one',
    )
  const [value, error] =
    // :info :write :timed-out
    type !== 'ok' && type !== 'invoke' && parts.length === 1 && rest.trim().startsWith(':') ? [null, parts[0]] : parts
  return { line, process: Number(process), type, f, value, error }
}

function formsOf(rest: string, line: number): readonly unknown[] {
  try {
    return ednForms(rest).map(({ value }) => value)
  } catch (error) {
    throw new Error(error instanceof Error ? error.message.replace(/^Line 1:/, `Line ${line}:`) : String(error), {
      cause: error,
    })
  }
}
