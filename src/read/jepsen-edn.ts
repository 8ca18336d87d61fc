// Reads Jepsen's history.edn and similar EDN: a map for each beginning or end of an operation, one after the other or
// all in one vector. https://github.com/jepsen-io/history
import { ednElements, type Form } from './edn.ts'
import { wrong, type RecordedLine } from './recorded.ts'
import { shownText } from './shown.ts'

/**
 * The operations of an EDN text. Records (`#jepsen.history.Op{...}`) are read as maps, tagged tuples of
 * jepsen.independent as a key and a value; other tags are ignored. A missing value is nil, as in Clojure.
 *
 * @throws if the text is not EDN, or a form is not a map, with the line
 */
export function jepsenEdn(text: string): Iterable<RecordedLine> {
  return {
    *[Symbol.iterator]() {
      for (const form of ednElements(text, readTag)) for (const one of operationsOf(form)) yield recorded(one)
    },
  }
}

const tuple: unique symbol = Symbol('jepsen.independent tuple')

function readTag(tag: string, value: unknown): unknown {
  if (!/^jepsen\.independent[./]tuple$/i.test(tag)) return value
  const [key, rest] = Array.isArray(value)
    ? (value as readonly unknown[])
    : isRecord(value)
      ? [value['key'], value['value']]
      : []
  return { [tuple]: true, key, value: rest ?? null }
}

/** The operations of a tagged vector; the elements of a plain vector have been read one by one. */
function operationsOf({ line, value }: Form): readonly Form[] {
  return Array.isArray(value) ? value.map((one: unknown) => ({ line, value: one })) : [{ line, value }]
}

function recorded({ line, value: form }: Form): RecordedLine {
  if (!isRecord(form))
    throw wrong(
      line,
      `${shownText(form)} is no operation`,
      'write maps like {:process 0, :type :invoke, :f :read, :value nil}',
    )
  const { process, type, f, key, time, index, error, value = null } = form
  const shared = { line, process, type, f, time, index, error }
  return isTuple(value) ? { ...shared, key: value['key'], value: value['value'] } : { ...shared, key, value }
}

function isTuple(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && tuple in value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Set)
  )
}
