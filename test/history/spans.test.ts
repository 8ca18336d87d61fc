// Spans of OpenTelemetry's in-memory exporter as effects: the shapes of its versions 1 and 2, and a system that traces.
// The exporter is a fake of the same shape: the package itself is none of ours.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atMostOnce,
  effectsOf,
  noFaults,
  op,
  serve,
  simulate,
  spans,
  type FinishedSpan,
  type SpanExporter,
  type System,
} from '../../src/index.ts'
import { failureName } from '../../src/verdict/reason.ts'

interface Exporter extends SpanExporter {
  end(span: FinishedSpan): void
}

function newExporter(): Exporter {
  let finished: FinishedSpan[] = []
  return {
    getFinishedSpans: () => finished,
    reset: () => {
      finished = []
    },
    end: (span) => {
      finished.push(span)
    },
  }
}

function span(
  name: string,
  attributes: Record<string, unknown>,
  parent?: Pick<FinishedSpan, 'parentSpanId' | 'parentSpanContext'>,
): FinishedSpan {
  return {
    name,
    attributes,
    startTime: [1_700_000_000, 250_500_000],
    spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }),
    ...parent,
  }
}

describe('what a span becomes', () => {
  const read = (finished: FinishedSpan): unknown => {
    const exporter = newExporter()
    exporter.end(finished)
    const { source } = spans('span', exporter)
    return source.from === 'rows' ? source.query() : source.from
  }
  const plain = {
    name: 'charge',
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    attributes: { cents: 5 },
    startMs: 1_700_000_000_250.5,
  }

  test('of both versions, with a parent and without', () => {
    expect(read(span('charge', { cents: 5 }))).toEqual([plain])
    expect(read(span('charge', { cents: 5 }, { parentSpanId: undefined, parentSpanContext: undefined }))).toEqual([
      plain,
    ])
    expect(read(span('charge', { cents: 5 }, { parentSpanId: 'c' }))).toEqual([{ ...plain, parentSpanId: 'c' }])
    expect(read(span('charge', { cents: 5 }, { parentSpanContext: { spanId: 'd' } }))).toEqual([
      { ...plain, parentSpanId: 'd' },
    ])
  })
})

describe('in a system', () => {
  const exporter = newExporter()
  const charged = spans('charge', exporter).by(({ attributes }) => String(attributes['order']))
  const pay = op(
    'pay',
    fc.record({ order: fc.constantFrom('o-1', 'o-2') }),
    (order) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }),
    { retries: 1, timeout: 1_000 },
  )
  const seen = new Set<string>()

  function system(once: boolean): System {
    const shop = serve(() => {
      seen.clear()
      return async (request) => {
        const { order } = (await request.json()) as { order: string }
        if (!once || !seen.has(order)) exporter.end(span('charge', { order }))
        seen.add(order)
        return new Response('ok')
      }
    })
    return { nodes: { shop }, operations: [pay], invariants: [atMostOnce(charged)], tolerates: ['lose', 'delay'] }
  }

  test('every checker of effects takes them', async () => {
    const sound = await assess(system(true), { numRuns: 20, seed: 3 })

    expect(sound.kind).toBe('holds')

    const assessment = await assess(system(false), { numRuns: 20, seed: 3 })

    expect(assessment.kind === 'violated' && failureName(assessment.counterexample.violation.reason)).toBe(
      'too-many charge',
    )
  })

  test('what was exported before a history is not in it', async () => {
    exporter.end(span('charge', { order: 'o-1' }))
    const scenario = {
      workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: { order: 'o-2' } }] },
      plan: noFaults,
      seed: 1,
    }

    for (const _ of [1, 2])
      expect(effectsOf(await simulate(system(false), scenario), 'charge').map(({ value }) => value)).toMatchObject([
        { attributes: { order: 'o-2' } },
      ])
  })

  test('where none comes, the report suggests where to look', async () => {
    const silent: System = { ...system(true), nodes: { shop: serve(() => () => new Response('ok')) } }

    const assessment = await assess(silent, { numRuns: 5, seed: 3 })

    expect(JSON.stringify(assessment)).toContain(
      'does the tracer end its spans, and export them where spans(\\"charge\\") reads them?',
    )
  })
})
