// The report of `two-generals check` as one line of JSON, for programs. Knows only data.
import type { HistoryEvent, Invoke } from '../history/history.ts'
import { encodeValue } from '../plain/value.ts'
import type { Reason } from '../verdict/reason.ts'
import { countsOf, type Checked } from './checked.ts'

/**
 * `{ "verdict", "invariant", "file", "reasons": [{ "kind", "of"?, "key"?, "models"?, "text", "events" }], "read",
 * "hints" }`. It has all reasons. Values that JSON cannot express are written by {@link encodeValue}.
 */
export function checkedJson({ file, invariant, history, verdict, hints = [] }: Checked): string {
  const { events } = history
  return JSON.stringify({
    verdict: verdict.kind,
    invariant,
    file,
    reasons: verdict.reasons.map((reason) => reasonJson(reason, events)),
    read: countsOf(history),
    hints,
  })
}

function reasonJson(reason: Reason, events: readonly HistoryEvent[]): object {
  const { kind, of, subject, models, text } = reason
  return {
    kind,
    ...(of === undefined ? {} : { of }),
    ...(subject === undefined ? {} : { key: encodeValue(subject) }),
    ...(models === undefined ? {} : { models }),
    text,
    events: reason.events.flatMap((seq) => eventJson(events[seq], events)),
  }
}

/** The beginning or the end of an operation as in the file, with the time in milliseconds. */
function eventJson(event: HistoryEvent | undefined, events: readonly HistoryEvent[]): readonly object[] {
  if (event?.kind === 'invoke') return [lineJson(event, 'invoke', event.input, event.atMs)]
  if (event?.kind !== 'ok' && event?.kind !== 'fail' && event?.kind !== 'info') return []
  const begun = events[event.cause]
  return begun?.kind === 'invoke' ? [lineJson(begun, event.kind, event.value ?? null, event.atMs)] : []
}

function lineJson({ client, operation, key }: Invoke, type: string, value: unknown, atMs: number): object {
  return { process: client, type, f: operation, ...(key === undefined ? {} : { key }), value: encodeValue(value), atMs }
}
