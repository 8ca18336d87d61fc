// What time decides: single faults that it leaves fail a test, random histories that it leaves do not, and both are
// counted. A violation that was found is confirmed and reported however late it is. See docs/suites.md.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atMostOnce,
  exactlyOnce,
  formatAssessment,
  journal,
  map,
  op,
  serve,
  sometimes,
  type Assessment,
  type AssessOptions,
  type Invariant,
  type System,
} from 'two-generals'
import { full } from './full.ts'

const charge = journal<{ order: string }>('charge')
const refund = journal<{ order: string }>('refund')
const known = new Map<string, true>()
const send = (path: string, input: object): Promise<Response> =>
  fetch(`http://shop${path}`, { method: 'POST', body: JSON.stringify(input) })
const order = fc.record({ order: fc.uuid() }, { noNullPrototype: true })
const pay = op('pay', order, (input) => send('/pay', input), { retries: 2, timeout: 5_000 })

const once = exactlyOnce(
  pay.by((p) => p.order),
  charge.by((c) => c.order),
)
const sound = async (request: Request): Promise<Response> => {
  const body = (await request.json()) as { order: string }
  if (!known.has(body.order)) {
    known.set(body.order, true)
    charge.add(body)
  }
  return new Response()
}
const naive = async (request: Request): Promise<Response> => {
  charge.add((await request.json()) as { order: string })
  return new Response()
}

function shop(more: Partial<System> = {}, ...invariants: readonly Invariant[]): System {
  return {
    nodes: { shop: serve(() => sound) },
    stores: [map(known, { name: 'known' })],
    operations: [pay],
    invariants: [once, ...invariants],
    tolerates: ['lose', 'delay'],
    ...more,
  }
}

/** Explores until the question whether to stop was asked so many times: once before each history, mostly. */
function assessFor(questions: number, system: System, options: AssessOptions = {}): Promise<Assessment> {
  let asked = 0
  return assess(system, { ...options, stopped: () => ++asked > questions })
}

/** As many questions as the whole exploration takes. Random histories, of which there are more, come last. */
async function questionsOf(system: System, options: AssessOptions): Promise<number> {
  let asked = 0
  await assess(system, { ...options, stopped: () => ++asked < 0 })
  return asked
}

const some = { numRuns: 20 }

const told = (assessment: Assessment): string =>
  formatAssessment(assessment, { test: 'paid once' }).replace(/\s+/g, ' ')

describe('time that runs out', () => {
  test('among the single faults fails the test, says how long all need, and what to write', async () => {
    const assessment = await assessFor(14, shop())

    expect(assessment.kind).toBe('inconclusive')
    const { run, total } = assessment.explored.singles
    expect(run).toBeGreaterThan(0)
    expect(total).toBeGreaterThan(run)
    expect(told(assessment)).toMatch(
      new RegExp(
        `Time ran out after ${run} of ${total} single faults, in \\d+ s, so the test shows nothing about ` +
          'the others. All of them need about \\d+ s here: write \\{ timeout: 60_000 \\} ' +
          '\\(with assess or resilience, \\{ timeLimitMs: 60_000 \\}\\)',
      ),
    )
  })

  test('among the pairs that `exhaustive` asks for fails the test too, and before the sets of three', async () => {
    const small = shop({ tolerates: ['lose'] })
    const whole = await assess(small, { numRuns: 0, exhaustive: 3 })
    const [pairs = 0, threes = 0] = whole.explored.sets?.map(({ total }) => total) ?? []
    const cutAfter = (left: number): Promise<Assessment> => {
      let asked = 0
      const stopped = (): boolean => ++asked > left
      return assess(small, { numRuns: 0, exhaustive: 3, stopped })
    }
    const kinds = new Map<string, Assessment['kind']>()
    for (let left = 1; kinds.get('nothing') === undefined; left += full ? 1 : 3) {
      const cut = await cutAfter(left)
      const [, what = 'nothing'] =
        /Time ran out after \d+ of \d+ (single faults|pairs|sets of three)/.exec(told(cut)) ?? []
      kinds.set(what, cut.kind)
      if (what === 'pairs')
        expect(told(cut)).toMatch(
          new RegExp(
            `Time ran out after \\d+ of ${pairs} pairs, in .* write \\{ timeout: 60_000 \\} .*, or exhaustive: 1, or`,
          ),
        )
      if (what === 'sets of three') expect(told(cut)).not.toContain(`all ${threes} sets of three`)
    }

    expect(Object.fromEntries(kinds)).toEqual({
      'single faults': 'inconclusive',
      pairs: 'inconclusive',
      'sets of three': 'inconclusive',
      nothing: 'holds',
    })
    expect(told(whole)).toContain(`all ${whole.explored.singles.total} single faults, all ${pairs} pairs and all`)
  })

  test('before the first single fault does so too', async () => {
    const assessment = await assess(shop(), { timeLimitMs: 0 })

    expect(assessment.kind).toBe('inconclusive')
    expect(told(assessment)).toMatch(/Time ran out after 0 of \d+ single faults/)
  })

  test('among the random histories is green, with a warning that counts', async () => {
    const system = shop()
    const assessment = await assessFor((await questionsOf(system, some)) - 8, system, some)

    expect(assessment.kind).toBe('holds')
    const { run, total } = assessment.explored.swarm
    expect([run > 14 && run < 20, total]).toEqual([true, 20])
    expect(assessment.remarks.join()).toMatch(
      new RegExp(`^Time ran out: ${run} of 20 random histories were run\\. All of them need`),
    )
    expect(told(assessment)).toContain(`only ${run} of 20 random histories with several faults: holds`)
  })

  test('with all histories run there is no warning', async () => {
    const assessment = await assess(shop(), { numRuns: 5 })

    expect(assessment).toMatchObject({ kind: 'holds', remarks: [], explored: { swarm: { run: 5, violated: 0 } } })
  })

  test('what random histories might still have shown is a remark, where they were cut short', async () => {
    const many = sometimes('a thousand charges', charge, (all) => all.length > 1_000)
    const named = shop({ tolerates: ['lose', 'skew'] }, many)
    const cut = await assessFor((await questionsOf(named, some)) - 7, named, some)
    const whole = await assess(named, { numRuns: 1 })

    expect(cut.kind).toBe('holds')
    expect(cut.remarks.join()).toContain('a thousand charges had nothing to look at in')
    expect(whole.kind).toBe('inconclusive')
  })

  test('a violation that was found before is confirmed and reported, though not shrunk further', async () => {
    const assessment = await assessFor(14, shop({ nodes: { shop: serve(() => naive) }, stores: [] }))

    expect(assessment.kind).toBe('violated')
  })
})

describe('an invariant that saw something in few histories', () => {
  const giveBack = op('giveBack', order, (input) => send('/refund', input))
  const refundedOnce = atMostOnce(refund.by((r) => r.order))
  const handler = async (request: Request): Promise<Response> => {
    if (!request.url.endsWith('/refund')) return sound(request)
    const body = (await request.json()) as { order: string }
    if (known.size > 5) refund.add(body)
    return new Response()
  }
  const system = shop(
    { nodes: { shop: serve(() => handler) }, operations: [pay, giveBack], maxOperations: 8 },
    refundedOnce,
  )

  test('is named, with advice', async () => {
    const { kind, folded, remarks } = await assess(system)

    const { counts } = folded[1] ?? { counts: { holds: 0, vacuous: 0 } }
    expect([kind, counts.holds > 0]).toEqual(['holds', true])
    expect(remarks).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${refundedOnce.name.replace(/[()]/g, '\\$&')} could be judged in only ${counts.holds} of ` +
            `${counts.holds + counts.vacuous} histories\\. In others: .* To have it judged more often, give its operations`,
        ),
      ),
    ])
  })

  test('is not, where it is one that is seldom true by its nature', async () => {
    const rare = sometimes('six orders', charge, (all) => all.length > 5)

    expect(await assess(shop({}, rare))).toMatchObject({ kind: 'holds', remarks: [] })
  })
})
