// A toy world for shrinking: clients call `shop`, which calls `bank` and then writes to `db`. Faults act as in the real
// simulation: what is lost is retried, retries move later attempts, crashes silence. A pure function of a scenario,
// fast enough for thousands.
import * as fc from 'fast-check'
import { invocationRoot, pathStepOf, type Address, type Leg, type PathStep } from '../../src/scenario/address.ts'
import { aliasesOf, aliasIn } from '../../src/scenario/alias.ts'
import { deliveryOf, type Fault, type FaultKind } from '../../src/scenario/fault/registry.ts'
import type { Delivery } from '../../src/scenario/fault/delivery.ts'
import { adversary, listed, type Adversary, type Plan } from '../../src/scenario/plan.ts'
import { chance } from '../../src/plain/random.ts'
import type { Invocation, Scenario, Workload } from '../../src/scenario/scenario.ts'
import type { Site } from '../../src/scenario/site.ts'
import type { ListedScenario, CandidateOutcome } from '../../src/shrink/candidate.ts'

/** One try of one invocation, as a bug sees it. */
export interface Attempt {
  readonly invocation: Invocation
  readonly number: number
  readonly startMs: number
  endMs: number
  /** How often the bank charged, how often the shop recorded. */
  charged: number
  recorded: number
  /** What the client saw. */
  seen: 'ok' | 'error' | 'silence' | 'refused'
  /** How long after it was due the reply came, where it was only late. */
  replyDelayMs: number
  crashedAfterCharge: boolean
}

export interface ToyRun {
  readonly attempts: readonly Attempt[]
  readonly fired: readonly Fault[]
  readonly sites: readonly Site[]
}

export interface ToyOptions {
  readonly retries: number
  /** Whether sites tell of the client's limit. */
  readonly timers: boolean
}

export const clientLimitMs = 5_000
export const latencyMs = 20

/** What a bug says of a run: the class of what went wrong, most telling first; nothing where it holds. */
export type Bug = (run: ToyRun) => string | undefined

export const toyInput: fc.Arbitrary<unknown> = fc.record({
  order: fc.uuid(),
  item: fc.integer({ min: 1, max: 3 }),
  amount: fc.integer({ min: 1, max: 1_000 }),
})

/** Runs a scenario in the toy world. */
export function toyRun(
  { workload, plan }: Scenario,
  options: ToyOptions,
  allows: (kind: FaultKind, site: Site) => boolean = () => true,
): ToyRun {
  const world = new Toy(workload, adversary(plan, allows), options)
  const now = new Map<number, number>()
  for (const invocation of workload.invocations) {
    const startMs = (now.get(invocation.client) ?? 0) + invocation.afterMs
    now.set(invocation.client, world.operation(invocation, startMs))
  }
  return world
}

/** The outcome as shrinking receives it: failing means the given class. */
export function toyOutcome(run: ToyRun, bug: Bug, cls: string): CandidateOutcome {
  const found = bug(run)
  return {
    fails: found === cls,
    verdict: found === undefined ? 'holds' : 'violated',
    fired: run.fired,
    sites: run.sites,
  }
}

class Toy implements ToyRun {
  readonly attempts: Attempt[] = []
  readonly fired: Fault[] = []
  readonly sites: Site[] = []
  readonly #workload: Workload
  readonly #adversary: Adversary
  readonly #options: ToyOptions

  constructor(workload: Workload, plan: Adversary, options: ToyOptions) {
    this.#workload = workload
    this.#adversary = plan
    this.#options = options
  }

  operation(invocation: Invocation, startMs: number): number {
    let now = startMs
    for (let number = 1; number <= this.#options.retries + 1; number++) {
      const attempt: Attempt = {
        invocation,
        number,
        startMs: now,
        endMs: now,
        charged: 0,
        recorded: 0,
        seen: 'silence',
        replyDelayMs: 0,
        crashedAfterCharge: false,
      }
      this.attempts.push(attempt)
      this.#attempt(attempt)
      now = attempt.endMs
      if (attempt.seen === 'ok') break
    }
    return now
  }

  #attempt(attempt: Attempt): void {
    const { invocation, number } = attempt
    const call: Call = { ...this.#call(invocation, 'client', 'shop', 'POST /orders', [], number), repeatable: true }
    const request = this.#leg(call, 'request', attempt.startMs, clientLimitMs)
    attempt.seen = 'silence'
    attempt.endMs = attempt.startMs + clientLimitMs
    if (request.fate === 'refused')
      return void Object.assign(attempt, { seen: 'refused', endMs: attempt.startMs + latencyMs })
    if (request.answer !== undefined)
      return void Object.assign(attempt, { seen: 'error', endMs: attempt.startMs + 2 * latencyMs })
    if (request.fate !== 'pass' || request.crashes.length > 0) return
    const arrivedMs = attempt.startMs + latencyMs + request.delayMs
    const doneMs = this.#shop(attempt, call, arrivedMs, request.copies.length)
    if (doneMs === undefined) return
    this.#reply(attempt, call, doneMs)
  }

  #reply(attempt: Attempt, call: Call, doneMs: number): void {
    const reply = this.#leg(call, 'reply', doneMs, attempt.startMs + clientLimitMs - doneMs)
    if (reply.fate !== 'pass' || reply.crashes.length > 0) return
    attempt.replyDelayMs = reply.delayMs
    const backMs = doneMs + latencyMs + reply.delayMs
    if (backMs > attempt.startMs + clientLimitMs) return
    attempt.endMs = backMs
    attempt.seen = reply.answer === undefined ? 'ok' : 'error'
  }

  /** The shop's work: charge, then record. Undefined where the shop died or waits for ever. */
  #shop(attempt: Attempt, caller: Call, startMs: number, copies: number): number | undefined {
    const path = [...caller.path, pathStepOf(caller)]
    const bank = this.#call(attempt.invocation, 'shop', 'bank', 'POST /charges', path, 1)
    const request = this.#leg(bank, 'request', startMs)
    if (request.fate === 'lost' || request.fate === 'hang') return undefined
    if (request.fate === 'pass' && request.answer === undefined) attempt.charged += 1 + copies
    if (request.crashes.length > 0) return this.#crashed(attempt)
    const reply = this.#leg(bank, 'reply', startMs + latencyMs + request.delayMs)
    if (reply.crashes.length > 0) return this.#crashed(attempt)
    if (reply.fate !== 'pass') return undefined
    const insert = this.#leg(
      { ...this.#call(attempt.invocation, 'shop', 'db', 'insert orders', path, 1), store: true },
      'reply',
      startMs,
    )
    attempt.recorded += 1
    return insert.crashes.length > 0 ? undefined : startMs + 2 * latencyMs + request.delayMs + reply.delayMs
  }

  #crashed(attempt: Attempt): undefined {
    attempt.crashedAfterCharge = attempt.charged > 0
  }

  #call(
    { operation, id, input }: Invocation,
    from: string,
    to: string,
    name: string,
    path: readonly PathStep[],
    nth: number,
  ): Call {
    const key = aliasIn(aliasesOf(this.#workload), [JSON.stringify(input)], id)
    return {
      root: invocationRoot(operation, id),
      path,
      from,
      to,
      operation: name,
      nth,
      repeatable: false,
      ...(key === undefined ? {} : { key }),
    }
  }

  /** The leg passes the adversary. */
  #leg({ repeatable, store, ...call }: Call, leg: Leg, _nowMs: number, limitMs?: number): Delivery {
    const address = { ...call, leg }
    const nodes = [call.from, call.to].filter((node) => node === 'shop')
    const timersMs = limitMs !== undefined && this.#options.timers ? [limitMs] : []
    const site: Site =
      store === true
        ? { kind: 'store', address, nodes, write: true }
        : { kind: 'call', address, nodes, repeatable, latencyMs, timersMs }
    this.sites.push(site)
    const faults = this.#adversary.at(site)
    this.fired.push(...faults)
    return deliveryOf(faults)
  }
}

type Call = Omit<Address, 'leg'> & { readonly repeatable: boolean; readonly store?: boolean }

/** What a swarm would meet: a random workload under a random plan, of which what fired is written out. */
export interface Swarm {
  readonly invocations: readonly [least: number, most: number]
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>
  readonly leastFired: number
  readonly allows?: (kind: FaultKind, site: Site) => boolean
}

/** The first `count` failing scenarios, by seed: always the same. */
export function failing(
  count: number,
  swarm: Swarm,
  options: ToyOptions,
  bug: Bug,
  cls: string,
): readonly { readonly start: ListedScenario; readonly outcome: CandidateOutcome }[] {
  const found: { start: ListedScenario; outcome: CandidateOutcome }[] = []
  for (let seed = 0; found.length < count; seed++) {
    if (seed > 200_000) throw new Error(`Only ${found.length} of ${count} failures found; make the swarm denser.`)
    const workload = randomWorkload(seed, swarm)
    const plan: Plan = { kind: 'drawn', seed, rates: swarm.rates, maxFaults: 12 }
    const drawn = toyRun({ workload, plan, seed }, options, swarm.allows)
    if (drawn.fired.length < swarm.leastFired || bug(drawn) !== cls) continue
    const start: ListedScenario = { workload, plan: listed(drawn.fired), seed: 1 }
    found.push({ start, outcome: toyOutcome(toyRun(start, options), bug, cls) })
  }
  return found
}

function randomWorkload(seed: number, { invocations: [least, most] }: Swarm): Workload {
  const count = least + Math.floor(chance(seed, 'count') * (most - least + 1))
  const inputs = fc.sample(toyInput, { seed, numRuns: count })
  return {
    invocations: inputs.map((input, id) => ({
      id,
      operation: 'pay',
      input,
      client: Math.floor(chance(seed, `client ${id}`) * 2),
      afterMs: Math.floor(chance(seed, `after ${id}`) * 300),
    })),
  }
}

/** Smaller inputs, as the package takes them from the user's arbitrary. */
export function* toyInputs({ input }: Invocation): Generator {
  if (!toyInput.canShrinkWithoutContext(input)) return
  for (const value of toyInput.shrink(input, undefined)) yield value.value
}
