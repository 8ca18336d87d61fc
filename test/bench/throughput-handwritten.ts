// throughput-handwritten: a simulated history with one lost reply, beside the loop that a careful developer writes for
// it: msw's setupServer listening once, one `server.use` an iteration that does the work and never answers, fake timers
// moved to the client's limit, an assertion. Same services, same order, same fault: payments charges, its reply is
// lost, the client gives up after 5 s and tries again.
import { mock } from 'node:test'
import * as fc from 'fast-check'
import { http } from 'msw'
import { setupServer } from 'msw/node'
import {
  check,
  exactlyOnce,
  listed,
  noFaults,
  noHang,
  noPhantom,
  op,
  rows,
  type Scenario,
  type System,
} from '../../src/index.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import { alternate, type Measured, type Work } from './alternate.ts'
import type { Effort, Result } from './result.ts'
import { shop, shopSystem, type Shop } from './throughput-direct.ts'

const order = { order: '7c9e6679-7425-40de-944b-e07fc1f90ae7', amount: 4_200 }
const timeoutMs = 5_000
const retries = 2

const pairs = { quick: 25, full: 100 }

/** What is measured: a simulated history with one lost reply a call. */
export async function simulatedRetry(): Promise<Measured> {
  const simulation = await open(retrying(shop((url, init) => fetch(url, init))))
  return { work: await simulated(simulation), close: () => simulation.close() }
}

export async function* throughputHandwritten({ quick }: Effort): AsyncGenerator<Result, void> {
  const { work, close } = await simulatedRetry()
  const hand = handwritten(shop((url, init) => fetch(url, init)))
  try {
    const { ours: value, ...rest } = await alternate(work, hand.iterate, quick ? pairs.quick : pairs.full)
    yield { name: 'throughput-handwritten', value, unit: 'histories/s', ...rest }
  } finally {
    hand.close()
    await close()
  }
}

/** The shop as a system whose client tries again. */
export function retrying(services: Shop): System {
  const buying = op(
    'buy',
    fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }),
    (one) => services.buy(one),
    { retries, timeout: timeoutMs },
  )
  const charge = rows('charge', () => [...services.charges.values()])
  const byOrder = [buying.by((o) => o.order), charge.by((c) => c.order)] as const
  return {
    ...shopSystem(services),
    operations: [buying],
    invariants: [exactlyOnce(...byOrder), noPhantom(...byOrder), noHang()],
  }
}

/** One history: the reply of payments is lost. All three checkers read it. */
export async function simulated(simulation: Simulation): Promise<Work> {
  const perfect: Scenario = {
    workload: { invocations: [{ id: 0, operation: 'buy', client: 0, afterMs: 0, input: order }] },
    plan: noFaults,
    seed: 1,
  }
  const { sites } = await simulation.run(perfect, { collect: true })
  const reply = sites.find(
    ({ kind, address }) =>
      kind === 'call' && address.from === 'checkout' && address.to === 'payments' && address.leg === 'reply',
  )
  if (reply === undefined) throw new Error('Bug: no reply from payments')
  const scenario: Scenario = { ...perfect, plan: listed([{ kind: 'lose', at: reply.address }]) }
  return async () => {
    const { history, fired } = await simulation.run(scenario)
    const verdicts = check(history, simulation.system.invariants)
    if (fired.length !== 1 || verdicts.some(({ kind }) => kind !== 'holds'))
      throw new Error(`Bug: ${verdicts.map(({ kind }) => kind).join(', ')}`)
  }
}

/** The same by hand. `iterate` injects one lost reply, and asserts that the order was charged once. */
export function handwritten(services: Shop): { readonly iterate: Work; close(): void } {
  const payments = 'http://payments/charges'
  const server = setupServer(
    http.post('http://checkout/orders', ({ request }) => services.checkout(request)),
    http.post(payments, ({ request }) => services.payments(request)),
  )
  server.listen({ onUnhandledFrame: 'error' })
  const iterate = async (): Promise<void> => {
    const charged = Promise.withResolvers<void>()
    services.charges.clear()
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    server.use(
      http.post(
        payments,
        async ({ request }) => {
          await services.payments(request)
          charged.resolve()
          return new Promise<never>(() => undefined) // the reply that is lost
        },
        { once: true },
      ),
    )
    try {
      const call = buyWithRetries(services)
      await charged.promise
      mock.timers.tick(timeoutMs)
      const response = await call
      if (response.status !== 201 || services.charges.size !== 1) throw new Error('Bug: the loop by hand does not work')
    } finally {
      mock.timers.reset()
      server.resetHandlers()
    }
  }
  return { iterate, close: () => server.close() }
}

async function buyWithRetries(services: Shop): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const limit = Promise.withResolvers<never>()
    const timer = setTimeout(() => limit.reject(new Error('timeout')), timeoutMs)
    try {
      return await Promise.race([services.buy(order), limit.promise])
    } catch (error) {
      if (attempt === retries) throw error
    } finally {
      clearTimeout(timer)
    }
  }
}
