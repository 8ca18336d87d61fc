import { describe, expect, it, test } from 'vitest'
import { aliasesOf } from '../../src/scenario/alias.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { faultMarkWords, lateMarkWords, workloadMarkEntries } from '../../src/report/mark-words.ts'
import type { Counterexample, Mark } from '../../src/verdict/counterexample.ts'
import { naiveDoubleCharge } from './histories.ts'

const base = naiveDoubleCharge()
const at = (base.scenario.plan.kind === 'listed' && base.scenario.plan.faults[0]?.at) || undefined
if (at === undefined) throw new Error('the story has no fault')
const pause: Fault = { kind: 'pause', at, node: 'shop', forMs: 30_100, replaced: 'no' }
const delay: Fault = { kind: 'delay', at, byMs: 701 }

function withMarks(...marks: readonly Mark[]): Counterexample {
  return { ...base, marks }
}

function field(fault: Fault, name: string, mark: Omit<Mark, 'of'>): Mark {
  return { of: { kind: 'field', fault, name }, ...mark }
}

describe('the marks of a fault', () => {
  it('name the field only where there are several', () => {
    expect(faultMarkWords(delay, withMarks(field(delay, 'byMs', { freedom: 'from' })))).toBe(' (any from 701 ms on)')
    expect(
      faultMarkWords(
        pause,
        withMarks(field(pause, 'forMs', { freedom: 'from' }), field(pause, 'replaced', { freedom: 'any' })),
      ),
    ).toBe(' (for: any from 30.1 s on; replaced: any)')
  })

  it('say where it passes again, fails again, and was found', () => {
    const mark = field(delay, 'byMs', { freedom: 'from', passesAt: 1_402, failsAt: 1, foundAt: 1_100 })

    expect(faultMarkWords(delay, withMarks(mark))).toBe(
      ' (from 701 ms on, but not at 1.402 s; fails at 1 ms as well, perhaps for another reason; found at 1.1 s, where ' +
        'it goes another way: perhaps another bug)',
    )
  })

  it('say which length that somebody wrote it is close to', () => {
    const near = (ms: number): string => {
      const words = 'LEASE_MS = 30_000, lease.ts:4'
      return faultMarkWords(pause, withMarks(field(pause, 'forMs', { freedom: 'from', near: { ms, words } })))
    }

    expect(near(30_000)).toBe(' (for: any from 30.1 s on; a little longer than LEASE_MS = 30_000, lease.ts:4)')
    expect(near(30_200)).toContain('; a little shorter than LEASE_MS')
    expect(near(30_100)).toContain('; as long as LEASE_MS')
  })

  it('say what it must not be', () => {
    expect(faultMarkWords(delay, withMarks(field(delay, 'byMs', { freedom: 'must', passesAt: 10_000 })))).toBe(
      ' (not 10 s)',
    )
    expect(faultMarkWords(pause, withMarks(field(pause, 'replaced', { freedom: 'must' })))).toBe(' (replaced: must be)')
  })

  it('are those of that fault alone', () => {
    expect(faultMarkWords(delay, withMarks(field(pause, 'forMs', { freedom: 'any' })))).toBe('')
    expect(faultMarkWords(delay, base)).toBe('')
  })
})

test('the mark of a late change says whether the number of reads matters', () => {
  const late = { at, reads: 2 }
  const other = { at: { ...at, nth: 9 }, reads: 2 }
  const marked = withMarks({ of: { kind: 'reads', late }, freedom: 'must' })

  expect(lateMarkWords(late, marked)).toBe(' (how many: must be)')
  expect(lateMarkWords(other, marked)).toBe('')
})

describe('the marks of a workload', () => {
  const input = { order: '3f0c-77aa', amount: 1, item: 2 }
  const invocation = { id: 0, operation: 'pay', client: 0, afterMs: 0, input }
  const workload = { invocations: [invocation, { ...invocation, id: 1 }] }
  const linesOf = (...marks: readonly Mark[]): readonly string[] =>
    workloadMarkEntries({ ...withMarks(...marks), scenario: { ...base.scenario, workload } }, aliasesOf(workload)).map(
      ({ label, text }) => `${label}: ${text}`,
    )
  const inputMark = (name: keyof typeof input, freedom: 'any' | 'must'): Mark => ({
    of: { kind: 'input', field: name, value: input[name] },
    freedom,
  })

  it('are one line for all inputs', () => {
    expect(linesOf(inputMark('order', 'any'), inputMark('amount', 'any'), inputMark('item', 'must'))).toEqual([
      'Inputs: item: must be 2; order#0, amount: any value',
    ])
  })

  it('tell of waits and clients only what matters', () => {
    const wait = (mark: Omit<Mark, 'of'>): Mark => ({ of: { kind: 'wait', invocation: 1 }, ...mark })

    expect(linesOf(wait({ freedom: 'any' }), { of: { kind: 'client' }, freedom: 'any' })).toEqual([])
    expect(linesOf(wait({ freedom: 'must', passesAt: 100 }), { of: { kind: 'client' }, freedom: 'must' })).toEqual([
      'Workload: operation 2 (pay) comes at once: 100 ms later it does not fail',
      'Workload: one client does all of it; with several it does not fail',
    ])
  })
})
