// Run by vitest, several copies at once: writes the digests of a few rounds to the file that DETERMINISM_OUT names. Not
// a test of the package: its name keeps it out of `npm test`.
import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allScenarios, digestsOf } from './determinism-scenarios.ts'

const { DETERMINISM_OUT: out = '', DETERMINISM_ROUNDS: rounds = '1' } = process.env

test('writes digests', async () => {
  const scenarios = allScenarios()
  for (let round = 0; round < Number(rounds); round++)
    appendFileSync(out, `${JSON.stringify(await digestsOf(scenarios))}\n`)
  expect(scenarios.length).toBeGreaterThan(0)
})
