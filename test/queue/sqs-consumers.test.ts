// Consumers of SQS queues, found out and held from generators alone: sqs-consumer over the AWS SDK, and Lambda
// functions that are called with batches.
import { assess, formatAssessment, type System } from 'two-generals'
import { describe, expect, test } from 'vitest'
import {
  blocks,
  careful,
  consuming,
  inOrder,
  invoked,
  naive,
  reportsOne,
  setsAside,
  throwsForOne,
} from './sqs-worlds.ts'
import { amount } from '../full.ts'

const seeds = amount(10) > 1 ? [1, 2] : [1]

describe.each<[name: string, broken: System, words: string, sound: System]>([
  ['sqs-consumer', consuming(naive), 'charge happened', consuming(careful)],
  ['a batch of which one record throws', invoked(throwsForOne), 'charge happened', invoked(reportsOne)],
  ['a group behind a message that throws for ever', inOrder(blocks), 'charge of it never happened', inOrder(setsAside)],
])('%s', (name, broken, words, sound) => {
  test.each(seeds)('the broken one is found with seed %i', async (seed) => {
    const assessment = await assess(broken, { seed, shrink: false })
    const told = formatAssessment(assessment, { test: name })
    expect(assessment.kind, told).toBe('violated')
    expect(told).toContain(words)
  })

  test.each(seeds)(
    'the sound one holds with seed %i',
    { tags: name === 'sqs-consumer' ? ['full'] : [], timeout: 180_000 },
    async (seed) => {
      const assessment = await assess(sound, { seed, numRuns: amount(100) })
      expect(assessment.kind, formatAssessment(assessment, { test: name })).toBe('holds')
    },
  )
})
