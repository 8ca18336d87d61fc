// A webhook on whole explorations: each mistake of a receiver is found, on Express and on a Fetch handler, and the
// receiver without a mistake holds under the same claims.
import { describe, expect, test } from 'vitest'
import { assess, formatAssessment } from '../../src/index.ts'
import { found } from '../check/found.ts'
import { wallet, type Mistake } from './wallet.ts'

describe.each(['Express', 'Fetch'] as const)('a wallet on %s', (on) => {
  const tags = on === 'Express' ? ['full'] : []

  test('holds where signature, time and id are checked', { tags }, async () => {
    expect(await found(wallet('nothing', on))).toBe('holds')
  })

  test.each<readonly [Mistake, RegExp]>([
    ['believes any signature', /^(forged|tampered) credit$/],
    ['remembers signatures', /^(forged|tampered) credit$/],
    ['looks before it writes', /^(too-many|replayed) credit$/],
    ['forgets after a day', /^too-many credit$/],
  ])('is found out where it %s', { tags }, async (mistake, name) => {
    expect(await found(wallet(mistake, on))).toMatch(name)
  })

  test('is found out by a replay where it forgets the time', { tags: ['full'] }, async () => {
    expect(await found(wallet('forgets the time', on, 'authentic'))).toBe('replayed credit')
    expect(await found(wallet('nothing', on, 'authentic'))).toBe('holds')
  })
})

test('the story tells of the provider and the attacker in columns of their own', async () => {
  const assessment = await assess(wallet('remembers signatures', 'Fetch', 'authentic'))
  const story = formatAssessment(assessment, { test: 'remembers signatures' })

  expect(story).toMatch(/^seconds +stripe +attacker +shop +db$/m)
  expect(story).toContain('verify the signature of the raw body before anything is done')
})
