// Fixed scenarios give the bytes that are written down here, whatever Node runs them (npm run test:node -- 22). A
// change of the kernel that moves them is made on purpose: UPDATE_GOLDEN=1 npx vitest run test/golden
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allScenarios, digestsOf, type Digests } from '../bench/determinism-scenarios.ts'

const path = join(import.meta.dirname, 'histories.json')

test('histories have the bytes that are written down', async () => {
  const digests = await digestsOf(allScenarios())
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, `${JSON.stringify(digests, undefined, 2)}\n`)
  expect(digests).toEqual(JSON.parse(readFileSync(path, 'utf8')) as Digests)
})
