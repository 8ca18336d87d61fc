// Trace context: the `traceparent` header of the W3C recommendation (Level 1, section 3.2), parsed. Must not know who
// sends or checks it.

/** The ids in a `traceparent`. */
export interface TraceParent {
  /** 32 hexadecimal digits, the same in everything that one operation causes. */
  readonly traceId: string
  /** 16 hexadecimal digits: the span that sent it. */
  readonly parentId: string
}

const fields = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/**
 * The parts of a `traceparent`. Undefined where it is invalid, so that a receiver has to ignore it. Later versions may
 * have more fields.
 */
export function traceParent(header: string): TraceParent | undefined {
  const [, version = '', traceId = '', parentId = '', more] = fields.exec(header) ?? []
  if (version === '' || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return version === '00' && more !== undefined ? undefined : { traceId, parentId }
}

/** The `traceparent` among headers, valid or not. A plain loop: most requests have few headers and no trace. */
export function traceIn(headers: readonly (readonly [name: string, value: string])[]): string | undefined {
  for (const [name, trace] of headers) if (name === 'traceparent') return trace
  return undefined
}
