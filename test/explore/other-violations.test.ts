import { expect, test } from 'vitest'
import { OtherViolations } from '../../src/explore/other-violations.ts'
import type { ViolatedInvariant } from '../../src/explore/executor.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'
import type { FailureClass } from '../../src/verdict/reason.ts'

const [once, hang] = ['once', 'noHang'].map(
  (name): Invariant => ({ name, check: () => ({ kind: 'holds', reasons: [] }) }) as unknown as Invariant,
) as [Invariant, Invariant]

function violation(invariant: Invariant, failure: FailureClass): ViolatedInvariant {
  return { invariant, reason: { ...failure, text: '', events: [] } }
}

const twice = violation(once, { kind: 'too-many', of: 'charge' })
const never = violation(once, { kind: 'missing', of: 'charge' })
const hangs = violation(hang, { kind: 'pending', of: 'pay' })

test('counts other invariants, and other failures of the same one, the most usual first', () => {
  const others = new OtherViolations(twice)
  others.add([twice, hangs])
  others.add([never])
  others.add([never, hangs])
  others.add([never])

  expect(others.without([])).toEqual([
    { invariant: 'once', failure: { kind: 'missing', of: 'charge' }, histories: 3 },
    { invariant: 'noHang', failure: { kind: 'pending', of: 'pay' }, histories: 2 },
  ])
})

test('leaves out what the shrunk history violates as well, which is told there', () => {
  const others = new OtherViolations(twice)
  others.add([twice, hangs])

  expect(others.without([twice, hangs])).toEqual([])
})
