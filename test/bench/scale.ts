// scale: a history of 200 nodes and 100,000 messages beside small histories of the same services: events per second of
// CPU, and the heap that a history keeps per event, which must not grow with its length.
import * as fc from 'fast-check'
import { map, noFaults, noHang, op, serve, type History, type Scenario, type System } from '../../src/index.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import { quantile } from './alternate.ts'
import type { Effort, Result } from './result.ts'

/** A landscape and how much is sent in it. */
export interface Landscape {
  readonly nodes: number
  readonly clients: number
  /** Legs: a request and its reply are two. */
  readonly messages: number
}

const small: Landscape = { nodes: 4, clients: 3, messages: 120 }
const large = { nodes: 200, clients: 50 } as const
const messages = { quick: 20_000, full: 100_000 }
const rounds = { quick: 1, full: 3 }
/** Client to node, and that node to the next one: a request and a reply each. */
const messagesEach = 4
/** Far more than any of these histories needs. */
const maxSteps = 10_000_000

export async function* scale({ quick }: Effort): AsyncGenerator<Result, void> {
  const most = quick ? messages.quick : messages.full
  const pairs: { readonly small: number; readonly large: number }[] = []
  await eventsPerSecond({ ...large, messages: most / 4 }, 1) // while the engine compiles
  for (let round = 0; round < (quick ? rounds.quick : rounds.full); round++)
    pairs.push({
      small: await eventsPerSecond(small, most / small.messages),
      large: await eventsPerSecond({ ...large, messages: most }, 1),
    })
  const ratios = pairs.map((pair) => pair.large / pair.small)
  yield {
    name: 'scale',
    value: quantile(
      pairs.map((pair) => pair.large),
      0.5,
    ),
    unit: `events/s of CPU at ${most} messages`,
    baseline: quantile(
      pairs.map((pair) => pair.small),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
  }
  const quarter = await heapPerEvent({ ...large, messages: most / 4 })
  for (const share of [2, 1]) {
    const value = await heapPerEvent({ ...large, messages: most / share })
    const name = `scale/heap at ${most / share} messages`
    yield { name, value, unit: 'bytes an event', baseline: quarter, ratio: value / quarter }
  }
}

/** So many histories one after the other. */
async function eventsPerSecond(landscape: Landscape, histories: number): Promise<number> {
  const simulation = await open(landscapeOf(landscape))
  try {
    const scenario = scenarioOf(landscape)
    const start = process.cpuUsage()
    let events = 0
    for (let n = 0; n < histories; n++) events += (await historyOf(simulation, scenario)).events.length
    const { user, system } = process.cpuUsage(start)
    return (events / (user + system)) * 1_000_000
  } finally {
    await simulation.close()
  }
}

/** What the heap keeps of one history, in bytes for each of its events. */
async function heapPerEvent(landscape: Landscape): Promise<number> {
  const simulation = await open(landscapeOf(landscape))
  try {
    await historyOf(simulation, scenarioOf({ ...landscape, messages: messagesEach }))
    const scenario = scenarioOf(landscape)
    const before = heapBytes()
    const history = await historyOf(simulation, scenario)
    const after = heapBytes()
    return (after - before) / history.events.length
  } finally {
    await simulation.close()
  }
}

/** One history. @throws where not everything was answered */
export async function historyOf(simulation: Simulation, scenario: Scenario): Promise<History> {
  const { history } = await simulation.run(scenario, { maxSteps })
  const answered = history.events.filter(({ kind }) => kind === 'ok').length
  if (answered !== scenario.workload.invocations.length)
    throw new Error(`Bug: only ${answered} operations were answered`)
  return history
}

/** Services in a ring; each counts what it is asked for, and asks the next one. */
export function landscapeOf({ nodes }: Pick<Landscape, 'nodes'>): System {
  const counts = new Map<string, number>()
  const name = (n: number): string => `node${n % nodes}`
  const service =
    (n: number) =>
    async (request: Request): Promise<Response> => {
      const { hops } = (await request.json()) as { readonly hops: number }
      counts.set(name(n), (counts.get(name(n)) ?? 0) + 1)
      return hops === 0 ? Response.json({ at: name(n) }) : ask(n + 1, hops - 1)
    }
  const ask = (n: number, hops: number): Promise<Response> =>
    fetch(`http://${name(n)}/ask`, { method: 'POST', body: JSON.stringify({ hops }) })
  const asking = op('ask', fc.record({ first: fc.nat(nodes - 1) }), ({ first }) => ask(first, 1))
  return {
    nodes: Object.fromEntries(Array.from({ length: nodes }, (_, n) => [name(n), serve(() => service(n))])),
    stores: [map(counts, { name: 'counts' })],
    operations: [asking],
    invariants: [noHang()],
  }
}

export function scenarioOf({ nodes, clients, messages: all }: Landscape): Scenario {
  const invocations = Array.from({ length: all / messagesEach }, (_, id) => ({
    id,
    operation: 'ask',
    client: id % clients,
    afterMs: id % 7,
    input: { first: (id * 7) % nodes },
  }))
  return { workload: { invocations }, plan: noFaults, seed: 1 }
}

/** Live objects alone: collected twice, since the first makes finalizers due. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('scale needs node --expose-gc, as in `npm run bench -- scale`.')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
