// JSON lines: `{"index", "process", "type", "f", "value", "key"?, "time"?, "error"?}`, one operation's begin or end a
// line.
import type { RecordedLine } from './recorded.ts'
import { wrong } from './recorded.ts'
import { shownText } from './shown.ts'

/**
 * The lines of a file of JSON lines; empty lines are skipped.
 *
 * @throws where a line is no JSON object, with the line
 */
export function jsonLines(text: string): readonly RecordedLine[] {
  return objectsOf(text).map(({ line, object: { process, type, f, value, key, time, index, error } }) => ({
    line,
    process,
    type,
    f,
    value,
    key,
    time,
    index,
    error,
  }))
}

/** A JSON object a line. */
export function objectsOf(
  text: string,
): readonly { readonly line: number; readonly object: Readonly<Record<string, unknown>> }[] {
  return text
    .split('\n')
    .flatMap((written, index) =>
      written.trim() === '' ? [] : [{ line: index + 1, object: objectOf(written, index + 1) }],
    )
}

function objectOf(written: string, line: number): Readonly<Record<string, unknown>> {
  const json = parsed(written, line)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong(line, `${shownText(json)} is no JSON object`, 'write one object with process, type, f and value a line')
  }
  return json as Record<string, unknown> // just tested
}

function parsed(written: string, line: number): unknown {
  try {
    return JSON.parse(written)
  } catch (error) {
    throw new Error(
      `Line ${line}: ${shownText(written.trim())} is not JSON ` +
        `(${error instanceof Error ? error.message : String(error)}); ` +
        'write one JSON object a line. Is the file cut off?',
      { cause: error },
    )
  }
}
