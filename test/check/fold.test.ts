import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amount } from '../full.ts'
import { fold, judge } from '../../src/check/fold.ts'
import type { Folded } from '../../src/verdict/explored.ts'
import { holds, unknown, vacuous, violated, type Verdict, type VerdictKind } from '../../src/verdict/verdict.ts'

const verdicts: Readonly<Record<VerdictKind, Verdict>> = {
  holds,
  violated: violated({ text: 'charged twice.', kind: 'too-many', of: 'charge', events: [1, 2] }),
  unknown: unknown('maxSteps.'),
  vacuous: vacuous('no charge.'),
}

function folded(kinds: readonly VerdictKind[]): Folded {
  const run = fold([{ name: 'once' }])
  for (const kind of kinds) run.add([verdicts[kind]])
  const [result] = run.result()
  if (result === undefined) throw new Error('no result')
  return result
}

function many(counts: Partial<Record<VerdictKind, number>>): VerdictKind[] {
  // The cast holds: these are the keys of counts
  return Object.entries(counts).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as VerdictKind))
}

describe('fold', () => {
  test.each<[VerdictKind, VerdictKind[], string | undefined]>([
    ['violated', ['holds', 'unknown', 'vacuous', 'violated'], 'charged twice.'],
    ['unknown', ['holds', 'unknown', 'vacuous'], 'maxSteps.'],
    ['holds', ['vacuous', 'holds', 'vacuous'], undefined],
    ['vacuous', ['vacuous', 'vacuous'], 'no charge.'],
    ['vacuous', [], undefined],
  ])('is %s for %j', (kind, kinds, because) => {
    const result = folded(kinds)

    expect([result.kind, result.because]).toEqual([kind, because])
    expect('because' in result).toBe(because !== undefined)
  })

  test('keeps the first reason of the deciding kind', () => {
    const run = fold([{ name: 'once' }])
    run.add([unknown('first')])
    run.add([unknown('second')])

    expect(run.result()[0]?.because).toBe('first')
  })

  test('can be asked at any time, and its answers stay as they were', () => {
    const run = fold([{ name: 'a' }, { name: 'b' }])
    run.add([holds, vacuous('nothing')])
    const before = run.result()
    run.add([unknown('bound'), holds])

    expect(before).toEqual([
      { invariant: 'a', kind: 'holds', counts: { holds: 1, violated: 0, unknown: 0, vacuous: 0 } },
      {
        invariant: 'b',
        kind: 'vacuous',
        counts: { holds: 0, violated: 0, unknown: 0, vacuous: 1 },
        because: 'nothing',
      },
    ])
    expect(run.result().map(({ kind }) => kind)).toEqual(['unknown', 'holds'])
  })

  test('distinguishes two invariants with the same name', () => {
    const run = fold([{ name: 'once' }, { name: 'once' }])
    run.add([holds, violated()])

    expect(run.result().map(({ kind }) => kind)).toEqual(['holds', 'violated'])
  })

  test('refuses verdicts of other invariants', () => {
    expect(() => {
      fold([{ name: 'a' }]).add([])
    }).toThrow('Bug: 0 verdicts for 1 invariants.')
  })

  test('agrees with its definition, and so does the judgement', () => {
    const seen: Record<string, number> = {}
    const kind = fc.constantFrom<VerdictKind>('holds', 'holds', 'violated', 'unknown', 'vacuous')
    const kinds = fc
      .tuple(
        fc.subarray<VerdictKind>(['holds', 'violated', 'unknown', 'vacuous']),
        fc.array(kind, { maxLength: 12, size: 'max' }),
      )
      .map(([only, all]) => all.filter((each) => only.includes(each)))
    fc.assert(
      fc.property(kinds, (all) => {
        const result = folded(all)
        const has = (one: VerdictKind) => all.some((each) => each === one)
        const expected = has('violated') ? 'violated' : has('unknown') ? 'unknown' : has('holds') ? 'holds' : 'vacuous'
        const doubtful = all.filter((each) => each === 'unknown').length
        const passes = has('holds') && !has('violated') && doubtful * 100 <= all.length
        seen[`${expected} ${passes}`] = (seen[`${expected} ${passes}`] ?? 0) + 1
        expect([result.kind, judge([result]).passes]).toEqual([expected, passes])
        expect(Object.values(result.counts).reduce((a, b) => a + b, 0)).toBe(all.length)
      }),
      { seed: 20_260_101, numRuns: amount(5_000) },
    )
    for (const each of ['holds true', 'violated false', 'unknown false', 'vacuous false'])
      expect(seen[each], each).toBeGreaterThan(amount(100))
  })
})

describe('judge', () => {
  test('passes an invariant that holds, even if some histories are vacuous', () => {
    expect(judge([folded(many({ holds: 1, vacuous: 99 }))])).toEqual({ passes: true, failures: [], remarks: [] })
  })

  test('fails an invariant that is violated or vacuous, and says in how many histories', () => {
    expect(judge([folded(many({ holds: 2, violated: 1 })), folded(many({ vacuous: 3 }))]).failures).toEqual([
      'once is violated in 1 of 3 histories. charged twice.',
      'once had nothing to look at in 3 histories: no charge.',
    ])
    expect(judge([folded(many({ vacuous: 1 }))]).failures).toEqual([
      'once had nothing to look at in 1 history: no charge.',
    ])
  })

  test('allows 1 % of the histories to be unknown, with a remark, and no more', () => {
    expect(judge([folded(many({ holds: 198, unknown: 2 }))])).toEqual({
      passes: true,
      failures: [],
      remarks: ['once is unknown in 2 of 200 histories; it holds in 198. maxSteps.'],
    })
    expect(judge([folded(many({ holds: 197, unknown: 2 }))])).toEqual({
      passes: false,
      failures: ['once is unknown in 2 of 199 histories, more than 1 %. maxSteps.'],
      remarks: [],
    })
  })

  test('fails an invariant that is unknown and never holds, however rarely it is unknown', () => {
    expect(judge([folded(many({ vacuous: 999, unknown: 1 }))])).toEqual({
      passes: false,
      failures: ['once is unknown in 1 of 1000 histories and holds in none. maxSteps.'],
      remarks: [],
    })
  })

  test('fails without a history, and without an invariant', () => {
    expect(judge([folded([])]).failures).toEqual(['once was never checked: no history was run.'])
    expect(judge([])).toMatchObject({
      passes: false,
      failures: ['No invariant was checked: give the system at least one.'],
    })
  })
})
