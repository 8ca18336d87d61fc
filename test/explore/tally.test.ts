import { expect, test } from 'vitest'
import { fold } from '../../src/check/fold.ts'
import { Tally } from '../../src/explore/tally.ts'
import { bootAddress } from '../../src/scenario/address.ts'
import type { HistoryEvent } from '../../src/history/history.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { commit, ends, invoke } from '../check/build-history.ts'
import { executed, once } from './executed.ts'

const seed = 7
const newTally = (): Tally => new Tally(fold([once]), { kinds: ['skew', 'crash'], named: [] }, seed)

test('a new tally has explored nothing', () => {
  expect(newTally().explored).toEqual({
    saved: 0,
    perfect: { run: 0, violated: 0 },
    singles: { run: 0, violated: 0, total: 0 },
    swarm: { run: 0, violated: 0 },
    shrink: 0,
    fired: {},
    allowed: ['skew', 'crash'],
    seed,
    survivors: [],
    shared: [],
  })
})

test('verdicts and fired faults add up over histories', () => {
  const tally = newTally()
  const skew: Fault = { kind: 'skew', at: bootAddress('shop'), byMs: 5 }

  tally.add(executed({ fired: [skew, skew] }))
  tally.add(executed({ fired: [skew], verdict: 'unknown' }))

  expect(tally.explored.fired).toEqual({ skew: 3 })
  expect(tally.folded).toMatchObject([{ invariant: 'once', kind: 'unknown', counts: { holds: 1, unknown: 1 } }])
})

test('an operation counts as answered once it was answered ok', () => {
  const tally = newTally()
  const failed = [invoke(0, 'pay', 0), ends(1, 'fail', 0)]
  const succeeded = [invoke(0, 'pay', 0), ends(1, 'ok', 0)]

  tally.add(executed({ events: failed }))
  const before = tally.hasAnswered('pay')
  tally.add(executed({ events: succeeded }))

  expect(before).toBe(false)
  expect(tally.hasAnswered('pay')).toBe(true)
})

test('a store counts as used once it was called', () => {
  const tally = newTally()

  tally.add(executed({ events: [commit(0)] }))

  expect(tally.hasUsed('db')).toBe(true)
  expect(tally.hasUsed('cache')).toBe(false)
})

test('a node was full once a request found no place there', () => {
  const tally = newTally()

  const { history, ...rest } = executed({})
  const refused: HistoryEvent = { kind: 'queue', seq: 0, atMs: 0, node: 'shop', cause: -1, step: 'refused' }
  tally.add({ ...rest, history: { ...history, events: [refused] } })

  expect(tally.wasFull('shop')).toBe(true)
  expect(tally.wasFull('bank')).toBe(false)
})

test('fault-free executions add up, those of one scenario as one violation', () => {
  const tally = newTally()

  tally.countPerfect(executed({}), 2)
  tally.countPerfect(executed({ verdict: 'violated' }), 3)

  expect(tally.explored.perfect).toEqual({ run: 5, violated: 1 })
})

test('nodes that keep memory are named once', () => {
  const tally = newTally()

  tally.addMemory(['shop'], [])
  tally.addMemory(['shop', 'bank'], ['bank'])

  expect(tally.explored).toMatchObject({ survivors: ['shop', 'bank'], shared: ['bank'] })
})

test('remarks keep their order', () => {
  const tally = newTally()

  tally.remark('first', 'second')
  tally.remark('third')

  expect(tally.remarks).toEqual(['first', 'second', 'third'])
})
