// The four session guarantees against every order of the writes, on random histories of registers and of lists.
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { monotonicReads } from '../../../src/check/session/monotonic-reads.ts'
import { monotonicWrites } from '../../../src/check/session/monotonic-writes.ts'
import { readYourWrites } from '../../../src/check/session/read-your-writes.ts'
import { writesFollowReads } from '../../../src/check/session/writes-follow-reads.ts'
import { expectAgreement } from '../brute-force/agree.ts'
import { conversations, transactionsOf } from '../brute-force/random-transactions.ts'
import { guaranteeTwin, type SessionGuarantee } from '../brute-force/session-twins.ts'

const guarantees = [
  ['readYourWrites', readYourWrites, 'own-write-unseen'],
  ['monotonicReads', monotonicReads, 'read-went-back'],
  ['monotonicWrites', monotonicWrites, 'writes-out-of-order'],
  ['writesFollowReads', writesFollowReads, 'write-before-its-cause'],
] as const satisfies readonly (readonly [SessionGuarantee, unknown, string])[]

const register = transactionsOf({
  clients: 2,
  transactions: 8,
  keys: 2,
  steps: 2,
  kind: 'register',
  writesIn: [true, true, false, false, false],
})
/** Long enough that reads can contradict its order. */
const oneRegister = transactionsOf({
  clients: 2,
  transactions: 12,
  atLeast: 8,
  writes: 3,
  keys: 1,
  steps: 1,
  kind: 'register',
  writesIn: [true, false],
})
const lists = transactionsOf({
  clients: 3,
  transactions: 7,
  keys: 2,
  steps: 2,
  kind: 'list',
  writesIn: [true, true, false],
})

describe.each(guarantees)('%s agrees with its twin', (name, invariant, cls) => {
  test('on registers', () => {
    const histories =
      name === 'monotonicWrites'
        ? oneRegister
        : name === 'writesFollowReads'
          ? fc.oneof(conversations, register)
          : register

    expectAgreement(invariant(), guaranteeTwin(name, cls), ['holds', 'violated', 'unknown', 'vacuous'], histories, cls)
  })

  // If every read of a list is a prefix of the longest, writesFollowReads holds anyway.
  test('on lists', () => {
    expectAgreement(
      invariant(),
      guaranteeTwin(name, cls),
      ['holds', 'violated', 'unknown', 'vacuous'],
      lists,
      name === 'writesFollowReads' ? undefined : cls,
    )
  })
})
