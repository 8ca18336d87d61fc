// fast-check's own scheduler as a baseline: the same handlers and clients called directly over a fake network, whose
// requests and replies it reorders, with faults written by hand as a careful developer would. It has no virtual clock,
// no crashes and no instances, and an assertion has to be written for each bug: so it is for a few bugs only.
import * as fc from 'fast-check'
import { getResponse, type RequestHandler } from 'msw'
import { lendJournal } from '../../src/history/journal.ts'
import type { System } from '../../src/system/system.ts'
import type { Planted } from '../quality/planted.ts'
import type { Search, Searcher } from './first-violation.ts'

/** What there is to see after one run. */
interface Seen {
  /** Values of all journals, by name. */
  readonly journal: ReadonlyMap<string, readonly unknown[]>
  /** Bodies of requests to hosts outside that have no idempotency key. */
  readonly outside: readonly string[]
  /** Every operation that was answered. */
  readonly answers: readonly { readonly input: unknown; readonly status: number }[]
}

const violates: Readonly<Record<string, (seen: Seen) => boolean>> = {
  'lost reply, retried charge': ({ outside }) => hasTwice(outside),
  'a double click places an order twice': ({ journal }) => hasTwice(journal.get('order') ?? []),
  'three 5xx after the work count as declined': ({ journal, answers }) =>
    answers.some(({ status, input }) => status === 422 && journal.get('charge')?.includes(input) === true),
}

function hasTwice(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length
}

/** The search for a bug by fast-check's scheduler; undefined where it cannot be applied. */
export function scheduled({ name }: Planted): Searcher | undefined {
  const isViolated = violates[name]
  return isViolated && ((system, { executions, seed }) => search(system, isViolated, { numRuns: executions, seed }))
}

const fates = ['arrives', 'request lost', 'reply lost', '503 after the work'] as const
type Fate = (typeof fates)[number]

/** One message in ten has a fault. */
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 9, arbitrary: fc.constant('arrives' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...fates.slice(1)) },
)

async function search(
  system: System,
  isViolated: (seen: Seen) => boolean,
  options: { readonly numRuns: number; readonly seed: number },
): Promise<Search> {
  const start = process.cpuUsage()
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(operationOf(system), { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fate),
    async (scheduler, calls, faults) => {
      await resetAll(system)
      return !isViolated(await runOnce(system, { scheduler, calls, faults }))
    },
  )
  await attachAll(system)
  try {
    const { failed, numRuns } = await fc.check(property, { ...options, endOnFailure: true })
    const { user, system: kernel } = process.cpuUsage(start)
    const cpuMs = (user + kernel) / 1_000
    return { ...(failed ? { first: { executions: numRuns, cpuMs } } : {}), executions: numRuns, cpuMs }
  } finally {
    for (const store of system.stores ?? []) await store.detach()
  }
}

async function attachAll({ stores = [] }: System): Promise<void> {
  for (const store of stores) await store.attach()
}

async function resetAll({ stores = [] }: System): Promise<void> {
  for (const store of stores) await store.reset()
}

/** One operation, by one client or submitted twice. */
interface Call {
  readonly operation: System['operations'][number]
  readonly input: unknown
  readonly twice: boolean
}

function operationOf({ operations }: System): fc.Arbitrary<Call> {
  return fc.oneof(
    ...operations.map((operation) =>
      fc.record({
        operation: fc.constant(operation),
        input: operation.arbitrary,
        twice: operation.doubleSubmit === true ? fc.boolean() : fc.constant(false),
      }),
    ),
  )
}

interface World {
  readonly scheduler: fc.Scheduler
  readonly calls: readonly Call[]
  readonly faults: fc.Stream<Fate>
}

async function runOnce(system: System, { scheduler, calls, faults }: World): Promise<Seen> {
  const journal = new Map<string, unknown[]>()
  const outside: string[] = []
  const answers: { readonly input: unknown; readonly status: number }[] = []
  const apps = new Map(
    Object.entries(system.nodes).map(([name, node]) => [node.at ?? `http://${name}`, { node, app: node.boot() }]),
  )
  const deliver = async (request: Request): Promise<Response> => {
    const found = apps.get(new URL(request.url).origin)
    if (found !== undefined) return found.node.handle(found.app, request)
    if (!request.headers.has('idempotency-key')) outside.push(await request.clone().text())
    const handlers = (system.outside ?? []) as readonly RequestHandler[] // these systems list their handlers
    return (await getResponse([...handlers], request)) ?? Response.error()
  }
  const send = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { value } = faults.next() as IteratorYieldResult<Fate> // the stream never ends
    await scheduler.schedule(Promise.resolve(), 'request')
    if (value === 'request lost') throw new TypeError('fetch failed')
    const response = await deliver(new Request(input, init))
    await scheduler.schedule(Promise.resolve(), 'reply')
    if (value === 'reply lost') throw new TypeError('fetch failed')
    return value === '503 after the work' ? new Response(null, { status: 503 }) : response
  }
  const client = async ({ operation, input }: Call): Promise<void> => {
    for (let attempt = 0; attempt <= operation.retries; attempt++) {
      const answer: unknown = await Promise.resolve(operation.run(input)).catch(() => undefined)
      if (answer instanceof Response) return void answers.push({ input, status: answer.status })
    }
  }
  const native = globalThis.fetch
  globalThis.fetch = send
  lendJournal(() => (name, value) => journal.set(name, [...(journal.get(name) ?? []), value]))
  try {
    await scheduler.waitFor(Promise.all(calls.flatMap((call) => (call.twice ? [call, call] : [call])).map(client)))
  } finally {
    globalThis.fetch = native
  }
  return { journal, outside, answers }
}
