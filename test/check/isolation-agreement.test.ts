// Every model of transactions against its definition by enumeration, on small random histories. On lists the verdicts
// have to agree. On registers, whose versions have no known order, a violation may be missed but not made up.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConsistencyModel } from '../../src/verdict/consistency.ts'
import { isolation } from '../../src/check/isolation.ts'
import { judgeTransactions } from '../../src/check/transactional/transactional.ts'
import { weakest } from '../../src/check/weakest.ts'
import { amount } from '../full.ts'
import { compare, often } from './brute-force/agree.ts'
import { smallStores } from './brute-force/random-stores.ts'
import {
  isParallelSnapshotIsolated,
  isReadCommitted,
  isReadUncommitted,
  isSerializable,
  isSnapshotIsolated,
  nothingRead,
  noOrder,
  realTime,
  session,
  txs,
  type Tx,
} from './brute-force/transaction-twins.ts'

type Twin = (all: readonly Tx[]) => boolean

const shared: Readonly<Partial<Record<ConsistencyModel, Twin>>> = {
  'parallel snapshot isolation': isParallelSnapshotIsolated,
  'snapshot isolation': (all) => isSnapshotIsolated(all, noOrder),
  'strong session snapshot isolation': (all) => isSnapshotIsolated(all, session),
  'strong snapshot isolation': (all) => isSnapshotIsolated(all, realTime),
  'repeatable read': (all) => isSerializable(all, noOrder),
  serializable: (all) => isSerializable(all, noOrder),
  'strong session serializable': (all) => isSerializable(all, session),
  'strict serializable': (all) => isSerializable(all, realTime),
}

type Counts = Record<'holds' | 'violated' | 'vacuous' | 'missed', number>

/** Compares the verdicts, and prints how often each occurred. A violation may be missed only if `mayMiss`. */
function agrees(
  model: ConsistencyModel,
  family: 'list' | 'register',
  twin: Twin,
  mayMiss: (all: readonly Tx[]) => boolean,
): void {
  const counts: Counts = { holds: 0, violated: 0, vacuous: 0, missed: 0 }
  const invariant = isolation(model, model)
  compare(`${model} of ${family}s`, smallStores(family), (history) => {
    const all = txs(history)
    const { kind } = invariant.check(history)
    const expected = nothingRead(all) ? 'vacuous' : twin(all) ? 'holds' : 'violated'
    const missed = kind === 'holds' && expected === 'violated' && mayMiss(all)
    if (!missed && kind !== expected) expect(kind, described(all)).toBe(expected) // costly to describe
    counts[missed ? 'missed' : expected] += 1
  })
  for (const kind of ['holds', 'violated', 'vacuous'] as const)
    expect(counts[kind], `${model}: ${kind}`).toBeGreaterThanOrEqual(often)
  console.info(`${model} of ${family}s: ${JSON.stringify(counts)}`)
}

function described(all: readonly Tx[]): string {
  return all
    .map(({ client, begin, end, fate, steps }) => `${client} ${begin}..${end} ${fate} ${JSON.stringify(steps)}`)
    .join('\n')
}

/**
 * Whether the order of some appends was never read: then models that allow some circles are not decided by graphs
 * alone.
 */
function unreadAppends(all: readonly Tx[]): boolean {
  const read = new Set(
    all.flatMap(({ fate, steps }) =>
      fate !== 'ok'
        ? []
        : steps.flatMap(([f, key, value]) =>
            f === 'r' ? ((value ?? []) as readonly unknown[]).map((one) => `${key} ${String(one)}`) : [],
          ),
    ),
  )
  return all.some(
    ({ fate, steps }) =>
      fate !== 'fail' && steps.some(([f, key, value]) => f !== 'r' && !read.has(`${key} ${String(value)}`)),
  )
}

describe('models of transactions, on lists', () => {
  const twins: Readonly<Partial<Record<ConsistencyModel, Twin>>> = {
    'read uncommitted': isReadUncommitted,
    'read committed': (all) => isReadCommitted(all, 'list'),
    ...shared,
  }
  const graphsSuffice: readonly string[] = [
    'read uncommitted',
    'read committed',
    'repeatable read',
    'serializable',
    'strong session serializable',
    'strict serializable',
  ]
  test.each(Object.entries(twins))(
    '%s agrees with its definition',
    (model, twin) => {
      // The cast holds: it is a key of the record
      agrees(model as ConsistencyModel, 'list', twin, (all) => !graphsSuffice.includes(model) && unreadAppends(all))
    },
    60_000,
  )
})

describe('models of transactions, on registers', () => {
  const twins: Readonly<Partial<Record<ConsistencyModel, Twin>>> = {
    'read committed': (all) => isReadCommitted(all, 'register'),
    ...shared,
  }
  test.each(Object.entries(twins))(
    '%s agrees with its definition, whatever order of versions reads leave open',
    (model, twin) => {
      agrees(model as ConsistencyModel, 'register', twin, () => false) // a key of the record
    },
    60_000,
  )
})

test.each(['list', 'register'] as const)(
  'weakest rules out no model whose definition holds, on %ss',
  (family) => {
    const named = new Map<ConsistencyModel, number>()
    compare(`weakest of ${family}s`, smallStores(family), (history) => {
      const all = txs(history)
      const { violated, alsoViolated } = weakest(history)
      for (const model of violated) named.set(model, (named.get(model) ?? 0) + 1)
      const wronged = [...violated, ...alsoViolated].find((model) => !nothingRead(all) && shared[model]?.(all) === true)
      if (wronged !== undefined) expect(wronged, `${violated.join()}\n${described(all)}`).toBeUndefined()
    })
    console.info(`weakest of ${family}s: ${JSON.stringify(Object.fromEntries(named))}`)
    expect(named.size).toBeGreaterThan(5)
  },
  60_000,
)

test('each anomaly comes in these histories', () => {
  const counts = new Map<string, number>()
  fc.assert(
    fc.property(fc.oneof(smallStores('list'), smallStores('register')), (history) => {
      for (const { name } of judgeTransactions(history, undefined, 'real time').anomalies)
        counts.set(name, (counts.get(name) ?? 0) + 1)
    }),
    { seed: 20_260_101, numRuns: amount(6_000) },
  )
  console.info(JSON.stringify(Object.fromEntries(counts)))
  for (const name of [
    'thin air',
    'duplicate element',
    'G0',
    'G1a',
    'G1b',
    'future read',
    'incompatible order',
    'G1c',
    'internal',
    'lost update',
    'fractured read',
    'G-single',
    'long fork',
    'G2-item',
  ]) {
    expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(amount(6))
  }
})
