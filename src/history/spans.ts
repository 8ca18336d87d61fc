// Spans: the finished spans of OpenTelemetry's in-memory exporter as effects. Knows only the shape of the exporter, in
// versions 1 and 2.
import { effect, type Effect } from './effect.ts'

/** A finished span as plain data. */
export interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Absent for the first span of a trace. */
  readonly parentSpanId?: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970, by the clock of the node that started it. */
  readonly startMs: number
}

/** The part of an `InMemorySpanExporter` that is used (@opentelemetry/sdk-trace-base, 1 or 2). */
export interface SpanExporter {
  getFinishedSpans(): readonly FinishedSpan[]
  reset(): void
}

/** The part of a `ReadableSpan` that is used. */
export interface FinishedSpan {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** Seconds and nanoseconds. */
  readonly startTime: readonly [number, number]
  spanContext(): { readonly traceId: string; readonly spanId: string }
  /** Version 1. */
  readonly parentSpanId?: string | undefined
  /** Version 2. */
  readonly parentSpanContext?: { readonly spanId: string } | undefined
}

/**
 * Effects from traces: each span that ended is one. Read like `rows`. The exporter is emptied before each history. Use
 * a
 * `SimpleSpanProcessor`: a batching one exports later, or never.
 *
 * @param exporter the exporter of the nodes' tracer, which they may share
 * @example
 * const exporter = new InMemorySpanExporter()
 * const charged = spans('charge', exporter)
 * atMostOnce(charged.by((span) => `${span.name} ${String(span.attributes['order'])}`))
 */
export function spans(name: string, exporter: SpanExporter): Effect<Span> {
  return effect<Span>({
    from: 'rows',
    name,
    query: () => exporter.getFinishedSpans().map(plainSpan),
    reset: () => exporter.reset(),
  })
}

function plainSpan(span: FinishedSpan): Span {
  const { traceId, spanId } = span.spanContext()
  const parentSpanId = span.parentSpanContext?.spanId ?? span.parentSpanId
  const [seconds, nanoseconds] = span.startTime
  return {
    name: span.name,
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    attributes: { ...span.attributes },
    startMs: seconds * 1e3 + nanoseconds / 1e6,
  }
}
