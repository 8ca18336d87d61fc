// causal against every order of all writes, on random histories of registers and of lists.
import { test } from 'vitest'
import { causal } from '../../../src/check/session/causal.ts'
import { expectAgreement } from '../brute-force/agree.ts'
import { causalTwin } from '../brute-force/causal-twin.ts'
import { transactionsOf } from '../brute-force/random-transactions.ts'

test.each(['register', 'list'] as const)('causal agrees with its twin on a %s', (kind) => {
  const writesIn = kind === 'register' ? [true, false, false] : [true, true, false]
  const histories = transactionsOf({ clients: 3, transactions: 7, keys: 2, steps: 2, kind, writesIn })

  expectAgreement(causal(), causalTwin, ['holds', 'violated', 'unknown', 'vacuous'], histories, 'effect-before-cause')
})
