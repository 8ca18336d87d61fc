// linearizable on whole explorations: finds and explains a cache that outlives a write; its sound twin holds under the
// same faults.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, formatAssessment, linearizable, map, op, register, serve, type System } from '../../src/index.ts'
import { failureName } from '../../src/verdict/reason.ts'
import { amount } from '../full.ts'

const stored = new Map<string, string>()
const store = map(stored, { name: 'stored' })

const put = op('put', fc.constantFrom('a', 'b'), (value) => fetch('http://page/', { method: 'PUT', body: value }), {
  timeout: 5_000,
})
const get = op('get', fc.constant(null), () => fetch('http://page/'), { timeout: 5_000 })
const page = linearizable(register(''), [
  put.as((input) => ({ f: 'write', input })),
  get.as((_, answer) => ({ f: 'read', output: answer?.body })),
])

/** Two instances in front of one store. With a cache, an instance remembers what it has read. */
function pages(caches: boolean): System {
  const node = serve(
    () => {
      let cached: string | undefined
      return async (request) => {
        if (request.method === 'PUT') {
          stored.set('page', await request.text())
          cached = undefined
          return new Response('done')
        }
        cached = caches && cached !== undefined ? cached : (stored.get('page') ?? '')
        return new Response(cached)
      }
    },
    { instances: 2 },
  )
  return { nodes: { page: node }, stores: [store], operations: [put, get], invariants: [page] }
}

describe('linearizable on explorations', () => {
  test('finds a cache that outlives a write of the other instance, and says which answers contradict each other', async () => {
    const assessment = await assess(pages(true), { numRuns: 60, seed: 3 })

    expect(assessment.kind).toBe('violated')

    if (assessment.kind !== 'violated') return

    expect(failureName(assessment.counterexample.violation.reason)).toBe('not-linearizable')
    expect(assessment.counterexample.scenario.workload.invocations.length).toBeLessThanOrEqual(4)

    const text = formatAssessment(assessment, { test: 'a page is linearizable' })

    expect(text).toMatch(/read by client \d returned "\w?"/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain('but the register was')
  })

  test('holds when every read asks the store', async () => {
    const assessment = await assess(pages(false), { numRuns: amount(60), seed: 3 })

    expect(assessment.kind).toBe('holds')
  })
})
