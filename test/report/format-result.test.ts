import { expect, it } from 'vitest'
import type { Explored, Folded } from '../../src/verdict/explored.ts'
import { formatHolds } from '../../src/report/format-holds.ts'
import { formatVerdict } from '../../src/report/format-verdict.ts'
import { explored } from './histories.ts'

const green: Explored = {
  ...explored,
  saved: 1,
  singles: { run: 61, violated: 0, total: 61 },
  swarm: { run: 100, violated: 0 },
  shrink: 0,
}
const holds: Folded = {
  invariant: 'exactlyOnce(pay, charge)',
  kind: 'holds',
  counts: { holds: 150, violated: 0, unknown: 0, vacuous: 13 },
}

it('says for a passed test what was explored, which faults fired and which never did', () => {
  expect(
    formatHolds({
      test: 'an order is charged once',
      file: 'a.test.ts:3',
      explored: green,
      folded: [holds],
      remarks: ['module memory survived'],
    }),
  ).toBe(`\
ok an order is charged once                                                              a.test.ts:3
Invariants  exactlyOnce(pay, charge): holds in 150 histories, vacuous in 13
Explored    1 saved counterexample first; perfect network twice: holds; all 61 single faults: holds;
            100 random histories with several faults: holds; seed 1234
Faults      fired: lose 6, duplicate 2, crash 9, delay 24, error 6, refuse 2, throttle 2, hang 2,
            jump 4; never fired: skew
Note        module memory survived`)
})

it('says what a kind needs that never fired, a line each', () => {
  const shy = { ...green, allowed: [...green.allowed, 'close' as const, 'stale' as const] }

  expect(formatHolds({ test: 't', explored: shy, folded: [holds] })).toContain(`\
            jump 4; never fired: skew, close, stale
Not fired   close needs a second request over one connection, as pools make it
            stale needs a read outside a transaction, after a write`)
})

it('never says "all" if not all single faults were run', () => {
  const cut = { ...green, singles: { run: 40, violated: 0, total: 61 } }

  expect(formatHolds({ test: 't', explored: cut, folded: [holds] })).toContain('only 40 of 61 single faults')
})

it('says for a vacuous invariant which it is, why, and what to do', () => {
  const vacuous: Folded = {
    ...holds,
    kind: 'vacuous',
    counts: { holds: 0, violated: 0, unknown: 0, vacuous: 163 },
    because: 'no pay was answered ok',
  }
  const text = formatVerdict({ test: 't', explored: green, folded: [vacuous] })

  expect(text).toContain(
    'exactlyOnce(pay, charge) had nothing to look at in any of 163 histories: the test shows nothing.',
  )
  expect(text).toContain('Because: no pay was answered ok')
  expect(text).toContain('Check that the operation reaches the handler')
  expect(text).not.toContain('holds')
})

it('says for an undecided invariant in how many histories', () => {
  const unknown: Folded = {
    ...holds,
    kind: 'unknown',
    counts: { holds: 100, violated: 0, unknown: 63, vacuous: 0 },
    because: 'it ran out of budget',
  }
  const text = formatVerdict({ test: 't', explored: green, folded: [unknown] })

  expect(text).toContain('could not be decided in 63 of 163 histories')
  expect(text).toContain('Because: it ran out of budget')
})

it('names the faults in tolerates that never fired', () => {
  expect(formatVerdict({ test: 't', explored: green, folded: [holds], missed: ['skew'] })).toContain(
    'Never fired, though the test names it in `tolerates`: skew.',
  )
})
