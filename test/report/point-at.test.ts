// What the story points at when something happens too often: only the events that exceed the limit.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, costBudget, formatAssessment, op, retryBudget, serve, type System } from '../../src/index.ts'

const pay = op('pay', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }), { timeout: 60_000 })

/** The shop sends three requests to the bank, whatever the answers. */
const shop = async (): Promise<Response> => {
  for (let times = 0; times < 3; times++) await fetch('http://bank/')
  return new Response('done')
}

const system = (status: number, invariant: System['invariants'][number]): System => ({
  nodes: { shop: serve(() => shop), bank: serve(() => () => new Response('', { status })) },
  operations: [pay],
  invariants: [invariant],
})

/** The lines of the story that point at something, without their times. */
async function pointing(asked: System): Promise<readonly string[]> {
  const assessment = await assess(asked, { numRuns: 0 })
  const text = formatAssessment(assessment, { test: 'it' }, { width: 200 })
  return text
    .split('\n')
    .filter((line) => line.includes('<-'))
    .filter((line) => !line.includes('<--'))
    .map((line) => line.replaceAll(/^\s*\d+\.\d+|\s*\|/g, '').trim())
}

test.each<readonly [string, number, System['invariants'][number], readonly string[]]>([
  ['the third attempt of two', 503, retryBudget({ attempts: 2, link: 'shop -> bank' }), ['<- one too many']],
  ['the third request of two for one operation', 200, retryBudget({ perOperation: 2 }), ['<- one too many']],
  ['the fourth request of three', 200, costBudget({ calls: 3 }), ['<- one too many']],
  ['two requests of one', 200, retryBudget({ perOperation: 1 }), ['<- one too many', '<- one too many']],
])('%s', async (_, status, invariant, expected) => {
  const lines = await pointing(system(status, invariant))

  expect(lines.map((line) => line.slice(line.indexOf('<- ')).split('  ')[0])).toEqual(expected)

  for (const line of lines) expect(line).toContain('GET /')
})
