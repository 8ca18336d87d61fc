// An exceeded budget is not a write that happened twice: there is no hint about idempotence, and no sentence that calls
// requests effects.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, costBudget, formatAssessment, op, serve } from '../../src/index.ts'

test('too many requests get no hint about idempotence', async () => {
  const browse = op('browse', fc.constant(null), () => fetch('http://shop/'), { timeout: 30_000 })
  const shop = async (): Promise<Response> => {
    for (let times = 0; times < 8; times++) await fetch('http://bank/')
    return new Response('ok')
  }
  const assessment = await assess(
    {
      nodes: { shop: serve(() => shop), bank: serve(() => () => new Response('fine')) },
      operations: [browse],
      invariants: [costBudget({ calls: 5 }, browse)],
    },
    { numRuns: 5 },
  )
  const text = formatAssessment(assessment, { test: 'cheap' })

  expect(text).toContain('browse#0 caused 9 requests')
  expect(text).not.toMatch(/idempotent|on conflict|effects stem/)
})
