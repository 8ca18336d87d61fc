// Further faults at what a first one made the code do: a lookup, a retry, another service, a recovery; and not
// elsewhere.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assess,
  atMostOnce,
  formatAssessment,
  journal,
  map,
  noPhantom,
  op,
  resilience,
  serve,
  type System,
} from 'two-generals'
import { consequence, ConsequenceQueue } from '../../src/explore/consequences.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { withoutKeys } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { everyFault, listed, singleFaults, type Allowed } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { scenarioOf } from '../simulate/systems.ts'
import { executed, executorOf } from './executed.ts'

const signal = (): AbortSignal => AbortSignal.timeout(1_000)

/** A charge without an answer is looked up. The naive shop takes a lookup that fails for "there is none". */
function lookingUp(isSound: boolean, parts: Partial<System> = {}): System {
  const charged = journal<string>('charged')
  const known = new Set<string>()
  const bank = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json([...known])
    const id = await request.text()
    known.add(id)
    charged.add(id)
    return new Response()
  }
  const charge = (body: string): Promise<Response | undefined> =>
    fetch('http://bank/', { method: 'POST', body, signal: signal() }).catch(() => undefined)
  const isCharged = async (id: string): Promise<boolean> => {
    const found = await fetch('http://bank/', { signal: signal() }).catch(() => undefined)
    return found === undefined ? isSound : ((await found.json()) as string[]).includes(id)
  }
  const shop = async (request: Request): Promise<Response> => {
    const id = await request.text()
    if ((await charge(id)) === undefined && !(await isCharged(id))) await charge(id)
    return new Response()
  }
  const pay = op('pay', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }))
  return {
    nodes: { shop: serve(() => shop), bank: serve(() => bank) },
    stores: [map(known, { name: 'known' })],
    operations: [pay],
    invariants: [
      atMostOnce(charged.by((id) => id)),
      noPhantom(
        pay.by((id) => id),
        charged.by((id) => id),
      ),
    ],
    tolerates: ['lose', 'error', 'refuse', 'reset', 'hang', 'throttle'],
    ...parts,
  }
}

interface QueueGiven {
  readonly atMost?: number
  readonly numRuns?: number
  readonly allowed?: Allowed
  /** Which single faults are run. @default all that `allowed` allows */
  readonly first?: (fault: Fault) => boolean
  /** How many are taken at most. @default all */
  readonly most?: number
}

const onlyLose: Allowed = (fault) => (fault.kind === 'lose' ? fault : undefined)

/** The sets of faults that are to be run after the single ones, in turn. */
async function queueOf(system: System, given: QueueGiven = {}): Promise<readonly string[]> {
  const { atMost = 30, numRuns = 100, allowed = onlyLose, first = () => true, most = Infinity } = given
  const simulation = await open(system)
  const run = async (faults: readonly Fault[]) => {
    const scenario = scenarioOf(system, faults)
    return { ...executed({ scenario }), ...(await simulation.run(scenario, { collect: true })), scenario }
  }
  const perfect = await run([])
  const queue = new ConsequenceQueue({ ...perfect, verdicts: [] }, allowed, atMost, numRuns)
  for (const fault of singleFaults(perfect.sites, allowed))
    if (first(fault)) queue.note({ ...(await run([fault])), verdicts: [] })
  const told: string[] = []
  for (let faults = queue.take(); faults !== undefined && told.length < most; faults = queue.take()) {
    told.push(faults.map(wordsOf).join(', '))
    queue.note({ ...(await run(faults)), verdicts: [] })
  }
  await simulation.close()
  return told
}

/** `shop -> bank GET / 1 request`, with the kind before it where it is none that loses. */
function wordsOf({ kind, at }: Fault): string {
  const { from, to, operation, nth, leg, path } = withoutKeys(at)
  const outer = path.map((step) => step.nth).join('.')
  return `${kind === 'lose' ? '' : `${kind} `}${from} -> ${to} ${operation} ${outer}${outer === '' ? '' : '.'}${nth} ${leg}`
}

const lostCharge = (fault: Fault): boolean => fault.at.from === 'shop' && fault.at.leg === 'reply'
const first = 'shop -> bank POST / 1.1 reply'

describe('what strikes after a single fault', () => {
  test('strikes what that made the code do, and what that makes it do in turn; nothing else', async () => {
    expect(await queueOf(lookingUp(false), { first: lostCharge })).toEqual([
      `${first}, shop -> bank GET / 1.1 reply`,
      `${first}, shop -> bank GET / 1.1 request`,
      `${first}, shop -> bank GET / 1.1 reply, shop -> bank POST / 1.2 reply`,
      `${first}, shop -> bank GET / 1.1 request, shop -> bank POST / 1.2 request`,
      `${first}, shop -> bank GET / 1.1 reply, shop -> bank POST / 1.2 request`,
    ])
  })

  test('is nothing where the first fault changes nothing, or where nothing comes after it', async () => {
    expect(await queueOf(lookingUp(false), { first: ({ at }) => at.from === 'client' })).toEqual([])
    const giveUp = serve(() => async (request: Request) => {
      await fetch('http://bank/', { method: 'POST', body: await request.text(), signal: signal() }).catch(
        () => undefined,
      )
      return new Response()
    })
    const system = lookingUp(false)
    expect(await queueOf({ ...system, nodes: { ...system.nodes, shop: giveUp } })).toEqual([])
  })

  test('is no more than the claim allows', async () => {
    const two = await queueOf(lookingUp(false), { first: lostCharge, atMost: 2 })
    expect(two).toHaveLength(2)
    expect(await queueOf(lookingUp(false), { atMost: 1 })).toEqual([])
    const posts: Allowed = (fault) => (fault.at.operation.startsWith('POST') ? onlyLose(fault) : undefined)
    expect(await queueOf(lookingUp(false), { first: lostCharge, allowed: posts })).toEqual([])
  })

  test('is a share of the random histories', async () => {
    expect(await queueOf(lookingUp(false), { numRuns: 3 })).toHaveLength(2)
    expect(await queueOf(lookingUp(false), { numRuns: 0 })).toEqual([])
  })

  test('comes once for all first faults that make the code do the same', async () => {
    const allowed: Allowed = (fault) => (fault.kind === 'lose' || fault.kind === 'hang' ? fault : undefined)
    const all = await queueOf(lookingUp(false), { allowed, atMost: 2 })
    expect(all.filter((words) => words.startsWith('hang'))).toEqual([])
    expect(new Set(all).size).toBe(all.length)
  })

  test('is every kind early: what stops a process or moves a clock before all ways to fail a call', async () => {
    const all = await queueOf(lookingUp(false), {
      first: (fault) => lostCharge(fault) && fault.kind === 'lose',
      allowed: everyFault,
      most: 12,
    })
    const kinds = all.map((words) => words.split(', ')[1]?.split(' ')[0])
    expect(kinds).toEqual(expect.arrayContaining(['crash', 'jump', 'pause']))
    expect(all).toContain(`${first}, shop -> bank GET / 1.1 reply`)
  })
})

/** The shop stores with the first, which copies to two others, and reads from those where the first does not answer. */
function copying(): System {
  const stored = journal<string>('stored')
  const copy = async (request: Request): Promise<Response> => new Response(await request.text())
  const both = (init: RequestInit) =>
    Promise.all(['east', 'west'].map((name) => fetch(`http://${name}/`, init).catch(() => undefined)))
  const primary = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return new Response()
    const body = await request.text()
    stored.add(body)
    await both({ method: 'POST', body, signal: signal() })
    return new Response()
  }
  const put = op('put', fc.constant(null), () =>
    fetch('http://primary/', { method: 'POST', body: 'x', signal: signal() }),
  )
  const get = op('get', fc.constant(null), async () => {
    const response = await fetch('http://primary/', { signal: signal() }).catch(() => undefined)
    return response ?? both({ signal: signal() }).then(() => new Response())
  })
  return {
    nodes: { primary: serve(() => primary), east: serve(() => copy), west: serve(() => copy) },
    operations: [put, get],
    invariants: [
      noPhantom(
        put.by(() => 'x'),
        stored.by((id) => id),
      ),
    ],
  }
}

test('who is asked only now may have missed what it was sent, and all of them for one cause', async () => {
  const lostRead = (fault: Fault): boolean => fault.at.operation === 'GET /' && fault.at.leg === 'reply'
  const all = await queueOf(copying(), { first: lostRead, most: 4 })
  const read = 'client -> primary GET / 1 reply'
  const [east, west] = ['east', 'west'].map((name) => `primary -> ${name} POST / 1.1 request`)
  expect(all).toEqual(expect.arrayContaining([`${read}, ${east}`, `${read}, ${east}, ${west}`]))
})

test('a call that fails also fails late, and so does what comes in its place', async () => {
  const error: Allowed = (fault) => (fault.kind === 'error' || fault.kind === 'slow' ? fault : undefined)
  const twice = serve(() => async (request: Request) => {
    const body = await request.text()
    const ask = () => fetch('http://bank/', { method: 'POST', body, signal: signal() }).catch(() => undefined)
    if ((await ask())?.ok !== true) await ask()
    return new Response()
  })
  const system = lookingUp(true)
  const all = await queueOf(
    { ...system, nodes: { ...system.nodes, shop: twice } },
    { first: (fault) => lostCharge(fault) && fault.kind === 'error', allowed: error },
  )
  expect(all).toContain('error shop -> bank POST / 1.1 reply, slow shop -> bank POST / 1.1 request')
})

test('each is run on the workload of the perfect network, and its sites are noted', async () => {
  const system = lookingUp(false)
  const simulation = await open(system)
  const { sites } = await simulation.run(scenarioOf(system), { collect: true })
  const lost = singleFaults(sites, onlyLose).find(lostCharge)
  if (lost === undefined) throw new Error('it can be lost')
  const scenario = scenarioOf(system, [lost])
  const after = await simulation.run(scenario, { collect: true })
  await simulation.close()
  const perfect = executed({ scenario: scenarioOf(system), sites })
  const queue = new ConsequenceQueue(perfect, onlyLose, 2, 1)
  queue.note(executed({ scenario, sites: after.sites }))
  const { execute, scenarios } = executorOf((given) => executed({ scenario: given }))

  await consequence(execute, perfect, queue)

  const [run] = scenarios
  expect(run?.workload).toEqual(scenario.workload)
  const faults = run?.plan.kind === 'listed' ? run.plan.faults : []
  expect(faults.map(({ at }) => addressId(at))).toEqual([addressId(lost.at), expect.stringContaining('GET / 1 reply')])
  expect(run?.plan).toEqual(listed(faults))
  expect(await consequence(execute, perfect, queue)).toBeUndefined()
})

test('who charges again where the lookup fails is found, whatever the seed; who does not holds', async () => {
  for (const seed of [1, 2, 3]) {
    const found = await assess(lookingUp(false), { seed, numRuns: 4 })
    expect(found.explored.consequences?.violated).toBe(1)
    expect(found.kind === 'violated' && found.counterexample.scenario.plan).toMatchObject({ faults: { length: 2 } })
  }
  const sound = await assess(lookingUp(true), { numRuns: 4 })
  expect(sound.kind).toBe('holds')
  expect(sound.explored.consequences?.run).toBe(3)
  expect(formatAssessment(sound, { test: 'looking up' })).toMatch(
    /further faults at what one made\s+the\s+code\s+do 3\s+times: holds/,
  )
  // Run 0 of a property knows of no random histories, and has all of these
  const { failed } = await fc.check(resilience(lookingUp(false)), { seed: 1, numRuns: 1 })
  expect(failed).toBe(true)
  // Nobody looks further where all pairs are asked for
  const exhaustive = await assess(lookingUp(true), { exhaustive: 2, numRuns: 0 })
  expect(exhaustive.explored.consequences).toBeUndefined()
})
