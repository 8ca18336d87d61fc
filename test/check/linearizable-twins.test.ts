// linearizable and sequential against every permutation, on random histories of every built-in model.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import type { History } from '../../src/history/history.ts'
import { amount } from '../full.ts'
import type { Reason } from '../../src/verdict/reason.ts'
import type { Verdict, VerdictKind } from '../../src/verdict/verdict.ts'
import { compare } from './brute-force/agree.ts'
import { linearizableTwin, sequentialTwin } from './brute-force/order-twins.ts'
import { randomFrom, randomHistory, workloads, type Workload } from './brute-force/random-acts.ts'

const histories = amount(1_500)
/** A comparison in which a verdict hardly occurs proves nothing about it. */
const often = amount(50)

const mostCores = amount(100)

function drawn(workload: Workload): fc.Arbitrary<History> {
  return fc.nat().map((seed) => randomHistory(workload, randomFrom(seed)))
}

/** The core has no order, whatever the outcome of the rest, and without any one of its answers there is an order. */
function expectCore({ text, events }: Reason, history: History, judge: (weaker: History) => VerdictKind): void {
  const [first] = events
  expect(judge(unanswered(history, (seq) => events.includes(seq))), text).toBe('violated')
  expect(first, text).toBeDefined()
  for (const { kind, seq } of history.events) {
    if (kind !== 'ok' || !events.includes(seq)) continue
    expect(['holds', 'vacuous'], text).toContain(
      judge(unanswered(history, (other) => other !== seq && events.includes(other))),
    )
  }
}

/** The history with only these answers known. */
function unanswered(history: History, isHeard: (seq: number) => boolean): History {
  return {
    ...history,
    events: history.events.map((event) =>
      event.kind === 'ok' && !isHeard(event.seq) ? { ...event, kind: 'info', value: undefined } : event,
    ),
  }
}

const rules = [
  { rule: 'linearizable', of: linearizable, twin: linearizableTwin },
  { rule: 'sequential', of: sequential, twin: sequentialTwin },
]

describe.each(rules)('$rule', ({ rule, of, twin }) => {
  test.each(workloads)('agrees with its twin about $name', (workload) => {
    const invariant = of(workload.model)
    const counts: Record<VerdictKind, number> = { holds: 0, violated: 0, unknown: 0, vacuous: 0 }
    let cores = 0
    compare(
      `${rule}(${workload.name})`,
      drawn(workload),
      (history) => {
        const verdict: Verdict = invariant.check(history)
        counts[verdict.kind] += 1
        expect(verdict.kind, JSON.stringify(history.events)).toBe(twin(workload.model, history))
        const [reason] = verdict.reasons
        if (verdict.kind !== 'violated' || reason === undefined || cores === mostCores) return
        cores += 1
        expectCore(reason, history, (weaker) => twin(workload.model, weaker))
      },
      histories,
    )

    expect(cores).toBe(Math.min(mostCores, counts.violated))

    console.info(`${rule}(${workload.name}) agrees with its twin on random histories: ${JSON.stringify(counts)}`)

    expect(Math.min(counts.holds, counts.violated)).toBeGreaterThanOrEqual(often)
    expect(counts.unknown).toBe(0)
  })
})
