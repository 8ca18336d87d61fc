// What was missing at a bound is given more time, as long as that helps.
import { expect, test } from 'vitest'
import type { Execute } from '../../src/explore/executor.ts'
import { Patience } from '../../src/explore/patience.ts'
import type { Verdict } from '../../src/verdict/verdict.ts'
import { over } from '../check/build-history.ts'
import { executed, payment } from './executed.ts'

const missing: Verdict = {
  kind: 'unknown',
  reasons: [{ kind: 'undecided', text: 'It might still come true.', events: [] }],
}

/** How many of six runs are made again with patience, where each ends at such a bound with something missing. */
async function patientRuns(bound: 'maxSteps' | 'recoverForMs'): Promise<number> {
  let patient = 0
  const execute: Execute = (scenario, options = {}) => {
    if (options.patient === true) patient += 1
    const run = executed({ scenario, events: [over(100, bound)] })
    return Promise.resolve({ ...run, verdicts: [missing], patient: options.patient === true })
  }
  const { run } = new Patience(execute)
  for (let n = 0; n < 6; n++) await run(payment)
  return patient
}

test('three runs in a row that stay undecided at a bound of time are enough', async () => {
  expect(await patientRuns('recoverForMs')).toBe(3)
})

test('one that takes the most steps is enough: it costs as much as hundreds of others', async () => {
  expect(await patientRuns('maxSteps')).toBe(1)
})
