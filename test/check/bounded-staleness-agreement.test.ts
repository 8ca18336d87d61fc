// boundedStaleness and noLostUpdate against their twins on random histories.
import { describe, test } from 'vitest'
import { boundedStaleness } from '../../src/check/bounded-staleness.ts'
import { noLostUpdate } from '../../src/check/no-lost-update.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { transactionsOf } from './brute-force/random-transactions.ts'
import { lostUpdateTwin, stalenessTwin } from './brute-force/staleness-twins.ts'

describe.each(['register', 'list'] as const)('boundedStaleness agrees with its twin on a %s', (kind) => {
  const histories = transactionsOf({ clients: 3, transactions: 8, keys: 2, steps: 2, kind, writesIn: [true, false] })
  test.each([0, 3])('with a budget of %i ms', (ms) => {
    expectAgreement(
      boundedStaleness(ms),
      stalenessTwin(ms),
      ['holds', 'violated', 'unknown', 'vacuous'],
      histories,
      'stale-read',
    )
  })
})

test('noLostUpdate agrees with its twin', () => {
  const histories = transactionsOf({
    clients: 3,
    transactions: 9,
    atLeast: 5,
    writes: 6,
    keys: 1,
    steps: 3,
    kind: 'register',
    writesIn: [true, true, false, false],
  })

  expectAgreement(noLostUpdate(), lostUpdateTwin, ['holds', 'violated', 'unknown', 'vacuous'], histories, 'lost-update')
})
