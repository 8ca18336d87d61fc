// Marks: which values of a shrunk scenario have to be what they are, within 40 executions.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { everyFault, listed, type Allowed } from '../../src/scenario/plan.ts'
import type { Site } from '../../src/scenario/site.ts'
import { markValues, type MarkOptions } from '../../src/shrink/mark-values.ts'
import { Memo } from '../../src/shrink/memo.ts'
import type { CandidateOutcome, ListedScenario } from '../../src/shrink/candidate.ts'
import type { Mark } from '../../src/verdict/counterexample.ts'
import { rootOf } from '../address-of.ts'

const at = {
  root: rootOf('pay#0'),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /',
  leg: 'request',
  nth: 1,
} as const
const site: Site = { kind: 'call', address: at, nodes: ['shop'], repeatable: false, latencyMs: 20, timersMs: [5_000] }
const pause: Fault = { kind: 'pause', at, node: 'shop', forMs: 701, replaced: 'no' }
const input = { order: 'abcdef', amount: 1, gift: false }
const drawn = [
  { order: 'ghijkl', amount: 1, gift: false },
  { order: 'mnopqr', amount: 7, gift: true },
  { order: 'stuvwx', amount: 9, gift: true },
]

function scenarioOf(faults: readonly Fault[], inputs: readonly unknown[] = [input]): ListedScenario {
  const invocations = inputs.map((one, id) => ({ id, operation: 'pay', client: 0, afterMs: 0, input: one }))
  return { workload: { invocations }, plan: listed(faults), seed: 1 }
}

function paused({ plan: { faults } }: ListedScenario): { readonly forMs: number; readonly replaced: string } {
  const [fault] = faults
  return fault?.kind === 'pause' ? fault : { forMs: 0, replaced: 'no' }
}

interface Found {
  readonly marks: readonly Mark[]
  readonly executions: number
}

async function marksOf(
  scenario: ListedScenario,
  fails: (candidate: ListedScenario) => boolean,
  more: Partial<MarkOptions> & { readonly sitesOf?: (candidate: ListedScenario) => readonly Site[] } & Pick<
      CandidateOutcome,
      'begunMs'
    > = {},
): Promise<Found> {
  const { sitesOf = () => [site], begunMs = new Map(), ...options } = more
  const outcomeOf = (candidate: ListedScenario): CandidateOutcome => ({
    fails: fails(candidate),
    verdict: fails(candidate) ? 'violated' : 'holds',
    fired: candidate.plan.faults,
    sites: sitesOf(candidate),
    begunMs,
  })
  const memo = new Memo((candidate) => Promise.resolve(outcomeOf(candidate)))
  const marks = await markValues(scenario, outcomeOf(scenario), memo, {
    allowed: everyFault,
    clients: 3,
    others: () => drawn,
    accepts: () => true,
    deadline: () => false,
    start: scenario,
    ...options,
  })
  return { marks, executions: memo.executions }
}

/** The mark of one field of the only fault, or of one input. */
function markOf({ marks }: Found, name: string): Partial<Mark> | undefined {
  const mark = marks.find(({ of }) => (of.kind === 'field' ? of.name : of.kind === 'input' ? of.field : '') === name)
  if (mark === undefined) return undefined
  const { of: _, ...rest } = mark
  return rest
}

describe('a number that shrinking could not take further', () => {
  it('fails from there on', async () => {
    const found = await marksOf(scenarioOf([pause]), (candidate) => paused(candidate).forMs >= 701)

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'from' })
  })

  it('passes again where it is larger', async () => {
    const found = await marksOf(scenarioOf([pause]), (candidate) => {
      const { forMs } = paused(candidate)
      return forMs >= 701 && forMs < 5_000
    })

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'from', passesAt: 7_010 })
  })

  it('fails again where it is much smaller', async () => {
    const found = await marksOf(scenarioOf([pause]), (candidate) => {
      const { forMs } = paused(candidate)
      return forMs >= 701 || forMs === 1
    })

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'from', failsAt: 1 })
  })

  it('says with which number it was found, where that takes another course', async () => {
    const second: Site = { ...site, address: { ...at, nth: 2 } }
    const options = {
      start: scenarioOf([{ ...pause, forMs: 1_100 }]),
      sitesOf: (candidate: ListedScenario) => (paused(candidate).forMs >= 1_000 ? [site, second] : [site]),
    }
    const found = await marksOf(scenarioOf([pause]), (candidate) => paused(candidate).forMs >= 701, options)
    const same = await marksOf(scenarioOf([pause]), (candidate) => paused(candidate).forMs >= 701, {
      start: options.start,
    })

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'from', foundAt: 1_100 })
    expect(markOf(same, 'forMs')).toEqual({ freedom: 'from' })
  })

  it('has no mark if it could be smaller', async () => {
    const found = await marksOf(scenarioOf([pause]), (candidate) => paused(candidate).forMs >= 600)

    expect(markOf(found, 'forMs')).toBe(undefined)
  })
})

describe('a number at its target', () => {
  const short: Fault = { ...pause, forMs: 1 }

  it('may be any', async () => {
    const found = await marksOf(scenarioOf([short]), () => true)

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'any' })
  })

  it('must not be what passes', async () => {
    const found = await marksOf(scenarioOf([short]), (candidate) => paused(candidate).forMs < 5_000)

    expect(markOf(found, 'forMs')).toEqual({ freedom: 'must', passesAt: 10_000 })
  })
})

describe('a choice', () => {
  it.each(['any', 'must'] as const)('%s', async (freedom) => {
    const found = await marksOf(
      scenarioOf([pause]),
      (candidate) => freedom === 'any' || paused(candidate).replaced === 'no',
    )

    expect(markOf(found, 'replaced')).toEqual({ freedom })
  })

  it('has no mark where the claim allows no other', async () => {
    const allowed: Allowed = (fault) => (fault.kind === 'pause' && fault.replaced === 'yes' ? undefined : fault)
    const tried: string[] = []
    const found = await marksOf(
      scenarioOf([pause]),
      (candidate) => {
        tried.push(paused(candidate).replaced)
        return true
      },
      { allowed },
    )

    expect(markOf(found, 'replaced')).toBe(undefined)
    expect(tried).not.toContain('yes')
  })
})

describe('inputs', () => {
  it('may all be any, which two executions show', async () => {
    const { marks, executions } = await marksOf(scenarioOf([]), () => true)

    expect(marks.map(({ of, freedom }) => [of.kind === 'input' && of.field, freedom])).toEqual([
      ['order', 'any'],
      ['amount', 'any'],
      ['gift', 'any'],
    ])
    expect(executions).toBe(2)
  })

  it('are told apart where one of them matters', async () => {
    const amountOf = ({ workload }: ListedScenario): unknown =>
      (workload.invocations[0]?.input as typeof input | undefined)?.amount // as drawn
    const found = await marksOf(scenarioOf([]), (candidate) => amountOf(candidate) === 1)

    expect(markOf(found, 'order')).toEqual({ freedom: 'any' })
    expect(markOf(found, 'gift')).toEqual({ freedom: 'any' })
    expect(markOf(found, 'amount')).toEqual({ freedom: 'must' })
  })

  it('that are equal stay equal, and those that differ stay different', async () => {
    const inputs = ['abcdef', 'abcdef', 'ghijkl']
    const seen: (readonly unknown[])[] = []
    await marksOf(
      scenarioOf([], inputs),
      ({ workload }) => {
        seen.push(workload.invocations.map((one) => one.input))
        return true
      },
      { others: () => ['abcdef', 'ghijkl', 'mnopqr', 'stuvwx', 'yzabcd', 'efghij'] },
    )
    const others = seen.filter(([first]) => first !== 'abcdef')

    expect(others.length).toBeGreaterThan(0)
    for (const [first, second, third] of others) {
      expect(second).toBe(first)
      expect(third).not.toBe(first)
    }
  })

  it('are never what the arbitrary could not draw', async () => {
    const seen: unknown[] = []
    const found = await marksOf(
      scenarioOf([], [{ from: 1, to: 2 }]),
      ({ workload }) => {
        seen.push(workload.invocations[0]?.input)
        return true
      },
      {
        others: () => [
          { from: 3, to: 4 },
          { from: 5, to: 6 },
        ],
        accepts: () => false,
      },
    )

    expect(seen.slice(1)).toEqual(expect.arrayContaining([{ from: 3, to: 4 }]))
    expect(markOf(found, 'from')).toEqual({ freedom: 'any' })
    expect(seen).not.toContainEqual({ from: 3, to: 2 })
  })
})

describe('a late change', () => {
  it.each(['any', 'must'] as const)('after so many reads: %s', async (freedom) => {
    const late = { at: { ...at, leg: 'reply' }, reads: 2 } as const
    const scenario = { ...scenarioOf([]), plan: listed([], [late]) }
    const { marks } = await marksOf(scenario, ({ plan }) => freedom === 'any' || plan.order?.[0]?.reads === 2)

    expect(marks).toContainEqual({ of: { kind: 'reads', late }, freedom })
  })
})

describe('whoever does it', () => {
  it.each(['any', 'must'] as const)('one client: %s', async (freedom) => {
    const { marks } = await marksOf(
      scenarioOf([], ['abcdef', 'ghijkl']),
      ({ workload }) => freedom === 'any' || workload.invocations.every(({ client }) => client === 0),
    )

    expect(marks).toContainEqual({ of: { kind: 'client' }, freedom })
  })

  it('begins at the moments at which one client began', async () => {
    const scenario = scenarioOf([], ['abcdef', 'ghijkl'])
    const begunMs = new Map([
      [0, 0],
      [1, 5_120],
    ])
    const { marks } = await marksOf(
      scenario,
      ({ workload: { invocations } }) => invocations.every(({ client, afterMs }) => client === 0 || afterMs === 5_120),
      { begunMs },
    )

    expect(marks).toContainEqual({ of: { kind: 'client' }, freedom: 'any' })
  })

  it('is not asked where the system has one client', async () => {
    const { marks } = await marksOf(scenarioOf([], ['abcdef', 'ghijkl']), () => true, { clients: 1 })

    expect(marks.filter(({ of }) => of.kind === 'client')).toEqual([])
  })

  it('must begin at once, or has time', async () => {
    const waiting = async (mostMs: number): Promise<readonly Mark[]> => {
      const { marks } = await marksOf(
        scenarioOf([], ['abcdef', 'ghijkl']),
        ({ workload }) => (workload.invocations[1]?.afterMs ?? 0) <= mostMs,
      )
      return marks.filter(({ of }) => of.kind === 'wait')
    }

    expect(await waiting(50)).toEqual([{ of: { kind: 'wait', invocation: 1 }, freedom: 'must', passesAt: 100 }])
    expect(await waiting(1e9)).toEqual([{ of: { kind: 'wait', invocation: 1 }, freedom: 'any' }])
  })
})

describe('the bound', () => {
  const faults = Array.from({ length: 20 }, (_, index): Fault => ({ ...pause, at: { ...at, nth: index + 1 } }))

  it('is 40 executions, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (answers) => {
        const known = new Map<ListedScenario, boolean>()
        const { executions, marks } = await marksOf(scenarioOf(faults, ['abcdef', 'ghijkl']), (candidate) => {
          const answer = known.get(candidate) ?? answers.next().value === true
          known.set(candidate, answer)
          return answer
        })

        expect(executions).toBeLessThanOrEqual(40)
        expect(marks.length).toBeLessThan(faults.length * 2)
      }),
      { numRuns: 20, seed: 1 },
    )
  })

  it('leaves the rest without a mark, and tries what shrinking could not take further first', async () => {
    const mixed = [...faults.map((fault) => ({ ...fault, forMs: 1 }) as Fault), pause]
    const { marks } = await marksOf(scenarioOf(mixed), ({ plan }) =>
      plan.faults.some((fault) => fault.kind === 'pause' && fault.forMs >= 701),
    )

    expect(marks[0]?.freedom).toBe('from')
    expect(marks.length).toBeLessThan(mixed.length)
  })

  it('is time as well', async () => {
    const { marks, executions } = await marksOf(scenarioOf([pause]), () => true, { deadline: () => true })

    expect({ marks, executions }).toEqual({ marks: [], executions: 0 })
  })
})
