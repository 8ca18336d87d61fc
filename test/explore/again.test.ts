// Single faults that strike the next attempts too: where a run shows that the code tries again, and not elsewhere.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess, atLeastOnce, formatAssessment, journal, op, resilience, serve, type System } from 'two-generals'
import { again, AgainQueue } from '../../src/explore/again.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { everyFault, listed, singleFaults, type Allowed } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { scenarioOf } from '../simulate/systems.ts'
import { executed, executorOf } from './executed.ts'

const booked = journal<string>('booked')

/** The shop asks the ledger until it agrees, or so many times. */
function booking(attempts: number, retries: number, parts: Partial<System> = {}): System {
  const shop = async (request: Request): Promise<Response> => {
    const id = await request.text()
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const answer = await fetch('http://ledger/', { method: 'POST', body: id }).catch(() => undefined)
      if (answer?.ok === true) break
    }
    return new Response()
  }
  const ledger = async (request: Request): Promise<Response> => {
    booked.add(await request.text())
    return new Response()
  }
  const book = op('book', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }), { retries })
  return {
    nodes: { shop: serve(() => shop), ledger: serve(() => ledger) },
    operations: [book],
    invariants: [
      atLeastOnce(
        book.by((id) => id),
        booked.by((id) => id),
      ),
    ],
    ...parts,
  }
}

const onlyRefuse: Allowed = (fault) => (fault.kind === 'refuse' ? fault : undefined)

/** What is to strike again after each single refusal, in turn: `shop -> ledger 1, 2, 3`. */
async function queueOf(system: System, given: { atMost?: number; numRuns?: number; allowed?: Allowed } = {}) {
  const { atMost = 30, numRuns = 100, allowed = onlyRefuse } = given
  const simulation = await open(system)
  const perfect = await simulation.run(scenarioOf(system), { collect: true })
  const queue = new AgainQueue(executed({ sites: perfect.sites }), allowed, atMost, numRuns)
  for (const fault of singleFaults(perfect.sites, everyFault)) {
    if (fault.kind !== 'refuse') continue
    const scenario = scenarioOf(system, [fault])
    const { history } = await simulation.run(scenario)
    queue.note({ ...executed({ scenario }), history })
  }
  await simulation.close()
  const told: string[] = []
  for (let faults = queue.take(); faults !== undefined; faults = queue.take())
    told.push(allowed === everyFault ? `${faults[0]?.kind} ${placesOf(faults)}` : placesOf(faults))
  return told
}

function placesOf(faults: readonly Fault[]): string {
  const attempts = faults.map(({ at }) => (at.from === 'client' ? at.nth : `${at.path[0]?.nth}.${at.nth}`))
  return `${faults[0]?.at.from} -> ${faults[0]?.at.to} ${attempts.join(', ')}`
}

describe('what strikes again', () => {
  test('is the call that is tried again, three times, of nodes before clients', async () => {
    expect(await queueOf(booking(5, 1))).toEqual(['shop -> ledger 1.1, 1.2, 1.3', 'client -> shop 1, 2, 3'])
  })

  test('is every fault by which that call fails, as soon as one of them has shown a next attempt', async () => {
    const all = await queueOf(booking(5, 0), { allowed: everyFault })
    const kinds = all.map((words) => words.split(' ')[0])
    expect(kinds.slice(0, 3)).toEqual(['lose', 'lose', 'error'])
    expect(kinds).toEqual(expect.arrayContaining(['reset', 'refuse', 'throttle', 'hang']))
    expect(kinds.filter((kind) => kind === 'crash' || kind === 'duplicate' || kind === 'delay')).toEqual([])
  })

  test('is nothing where nobody tries again', async () => {
    expect(await queueOf(booking(1, 0))).toEqual([])
  })

  test('is no more than the claim allows in one history', async () => {
    expect(await queueOf(booking(5, 0), { atMost: 2 })).toEqual(['shop -> ledger 1.1, 1.2'])
    expect(await queueOf(booking(5, 0), { atMost: 1 })).toEqual([])
    const isFirst: Allowed = (fault) => (fault.at.nth === 1 ? onlyRefuse(fault) : undefined)
    expect(await queueOf(booking(5, 0), { allowed: isFirst })).toEqual([])
  })

  test('is a share of the random histories', async () => {
    expect(await queueOf(booking(5, 1), { numRuns: 1 })).toHaveLength(1)
    expect(await queueOf(booking(5, 1), { numRuns: 0 })).toEqual([])
  })

  test('is one delivery after the other, where it is the call around it that is made again', async () => {
    const system = booking(1, 0)
    const failing = async (request: Request): Promise<Response> => {
      const answer = await fetch('http://ledger/', { method: 'POST', body: await request.text() })
      return new Response(null, { status: answer.status })
    }
    const book = op('book', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }), { retries: 2 })
    const relaying = { ...system, nodes: { ...system.nodes, shop: serve(() => failing) }, operations: [book] }
    expect(await queueOf(relaying)).toContain('shop -> ledger 1.1, 2.1, 3.1')
  })
})

test('each is run on the workload of the perfect network', async () => {
  const system = booking(5, 0)
  const simulation = await open(system)
  const { sites } = await simulation.run(scenarioOf(system), { collect: true })
  const refused = singleFaults(sites, everyFault).find(({ kind, at }) => kind === 'refuse' && at.from === 'shop')
  if (refused === undefined) throw new Error('it can be refused')
  const scenario = scenarioOf(system, [refused])
  const { history } = await simulation.run(scenario)
  await simulation.close()
  const queue = new AgainQueue(executed({ sites }), onlyRefuse, 30, 100)
  queue.note({ ...executed({ scenario }), history })
  const { execute, scenarios } = executorOf((given) => executed({ scenario: given }))

  await again(execute, executed({ scenario: scenarioOf(system) }), queue)

  const [run] = scenarios
  expect(run?.workload).toEqual(scenario.workload)
  const faults = run?.plan.kind === 'listed' ? run.plan.faults : []
  expect(faults.map(({ at }) => addressId(at))).toEqual([1, 2, 3].map((nth) => addressId({ ...refused.at, nth })))
  expect(run?.plan).toEqual(listed(faults))
})

test('who gives up at the third refusal is found by default, whatever the seed; who does not holds', async () => {
  const parts = { tolerates: { except: ['crash', 'pause', 'deploy'] } } as const
  for (const seed of [1, 2, 3]) {
    const found = await assess(booking(3, 0, parts), { seed })
    expect(found.kind === 'violated' && found.counterexample.scenario.plan).toMatchObject({ faults: { length: 3 } })
  }
  const sound = await assess(booking(Infinity, 0, parts), { numRuns: 20 })
  expect(sound.kind).toBe('holds')
  expect(sound.explored.again?.run).toBe(8)
  // Run 0 of a property knows of no random histories, and has all of these
  const { failed } = await fc.check(resilience(booking(3, 0, parts)), { seed: 1, numRuns: 1 })
  expect(failed).toBe(true)
  expect(formatAssessment(sound, { test: 'booking' })).toMatch(
    /one fault at\s+several attempts in a row 8 times: holds/,
  )
})
