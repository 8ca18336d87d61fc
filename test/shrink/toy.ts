// A toy world for tests of shrinking: clients call `shop`, which calls `bank` and then writes to `db`. Faults act as in
// the real simulation: lost messages are retried, retries delay later attempts, crashed nodes do not answer. A run is a
// pure function of a scenario, and fast enough for thousands.
import * as fc from 'fast-check'
import { invocationRoot, pathStepOf, type Address, type Leg, type PathStep } from '../../src/scenario/address.ts'
import { aliasesOf, aliasIn } from '../../src/scenario/alias.ts'
import { deliveryOf, type Fault, type FaultKind } from '../../src/scenario/fault/registry.ts'
import type { Delivery } from '../../src/scenario/fault/delivery.ts'
import { adversary, listed, type Adversary, type Plan, everyFault, type Allowed } from '../../src/scenario/plan.ts'
import { chance } from '../../src/plain/random.ts'
import type { Invocation, Scenario, Workload } from '../../src/scenario/scenario.ts'
import type { Site } from '../../src/scenario/site.ts'
import type { ListedScenario, CandidateOutcome } from '../../src/shrink/candidate.ts'

/** One attempt of an invocation, with everything that a bug may depend on. */
export interface Attempt {
  readonly invocation: Invocation
  readonly number: number
  readonly startMs: number
  endMs: number
  /** How often the bank charged, and how often the shop recorded, in this attempt. */
  charged: number
  recorded: number
  /** How the attempt ended for the client. */
  seen: 'ok' | 'error' | 'silence' | 'refused'
  /** By how many milliseconds a fault delayed the reply. */
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
  /** Whether sites mention the client's time limit, so that delays can be chosen to exceed it. */
  readonly timers: boolean
}

/** How long a client waits for an answer to one attempt. */
export const clientLimitMs = 5_000
/** How long every leg takes without a fault. */
export const latencyMs = 20

/** Judges a run: the kind of its failure, the most specific first, or undefined if it holds. */
export type Bug = (run: ToyRun) => string | undefined

export const toyInput: fc.Arbitrary<unknown> = fc.record({
  order: fc.uuid(),
  item: fc.integer({ min: 1, max: 3 }),
  amount: fc.integer({ min: 1, max: 1_000 }),
})

/** Runs a scenario in the toy world. */
export function toyRun({ workload, plan }: Scenario, options: ToyOptions, allowed: Allowed = everyFault): ToyRun {
  const world = new Toy(workload, adversary(plan, allowed), options)
  const now = new Map<number, number>()
  for (const invocation of workload.invocations) {
    const startMs = (now.get(invocation.client) ?? 0) + invocation.afterMs
    now.set(invocation.client, world.operation(invocation, startMs))
  }
  return world
}

/** The outcome of a run for shrinking: it fails only with the given kind of failure. */
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
    const request = this.#leg(call, 'request', clientLimitMs)
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
    const reply = this.#leg(call, 'reply', attempt.startMs + clientLimitMs - doneMs)
    if (reply.fate !== 'pass' || reply.crashes.length > 0) return
    attempt.replyDelayMs = reply.delayMs
    const backMs = doneMs + latencyMs + reply.delayMs
    if (backMs > attempt.startMs + clientLimitMs) return
    attempt.endMs = backMs
    attempt.seen = reply.answer === undefined ? 'ok' : 'error'
  }

  /** The shop's work: charge, then record. Returns when it is done; undefined if the shop crashed or waits for ever. */
  #shop(attempt: Attempt, caller: Call, startMs: number, copies: number): number | undefined {
    const path = [...caller.path, pathStepOf(caller)]
    const bank = this.#call(attempt.invocation, 'shop', 'bank', 'POST /charges', path, 1)
    const request = this.#leg(bank, 'request')
    if (request.fate === 'lost' || request.fate === 'hang') return undefined
    if (request.fate === 'pass' && request.answer === undefined) attempt.charged += 1 + copies
    if (request.crashes.length > 0) return this.#crashed(attempt)
    const reply = this.#leg(bank, 'reply')
    if (reply.crashes.length > 0) return this.#crashed(attempt)
    if (reply.fate !== 'pass') return undefined
    const insert = this.#leg(
      { ...this.#call(attempt.invocation, 'shop', 'db', 'insert orders', path, 1), store: true },
      'reply',
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

  /** Sends a leg: asks the adversary for its faults, and returns their combined delivery. */
  #leg({ repeatable, store, ...call }: Call, leg: Leg, limitMs?: number): Delivery {
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

/** How to find failures at random: random workloads under random plans, of which the faults that fired are listed. */
export interface Swarm {
  readonly invocations: readonly [least: number, most: number]
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>
  readonly leastFired: number
  readonly allowed?: Allowed
}

/** How many seeds are tried before a swarm counts as too sparse to fail. */
const mostSeeds = 200_000
/** More than any swarm needs: shrinking has to drop the others. */
const mostDrawnFaults = 12

/** The first `count` failing scenarios, by seed; the same in every run. */
export function failing(
  count: number,
  swarm: Swarm,
  options: ToyOptions,
  bug: Bug,
  cls: string,
): readonly { readonly start: ListedScenario; readonly outcome: CandidateOutcome }[] {
  const found: { start: ListedScenario; outcome: CandidateOutcome }[] = []
  for (let seed = 0; found.length < count; seed++) {
    if (seed > mostSeeds) throw new Error(`Only ${found.length} of ${count} failures found; make the swarm denser.`)
    const workload = randomWorkload(seed, swarm)
    const plan: Plan = { kind: 'drawn', seed, rates: swarm.rates, maxFaults: mostDrawnFaults }
    const drawn = toyRun({ workload, plan, seed }, options, swarm.allowed)
    if (drawn.fired.length < swarm.leastFired || bug(drawn) !== cls) continue
    const start: ListedScenario = { workload, plan: listed(drawn.fired), seed: 1 }
    found.push({ start, outcome: toyOutcome(toyRun(start, options), bug, cls) })
  }
  return found
}

/** Two clients, so that operations can overlap. */
const clients = 2
/** A pause is long against the latency, and short against the client's limit. */
const longestPauseMs = 300

function randomWorkload(seed: number, { invocations: [least, most] }: Swarm): Workload {
  const count = least + Math.floor(chance(seed, 'count') * (most - least + 1))
  const inputs = fc.sample(toyInput, { seed, numRuns: count })
  return {
    invocations: inputs.map((input, id) => ({
      id,
      operation: 'pay',
      input,
      client: Math.floor(chance(seed, `client ${id}`) * clients),
      afterMs: Math.floor(chance(seed, `after ${id}`) * longestPauseMs),
    })),
  }
}

/** The smaller inputs of the arbitrary, as the package gets them from a user's arbitrary. */
export function* toyInputs({ input }: Invocation): Generator {
  if (!toyInput.canShrinkWithoutContext(input)) return
  for (const value of toyInput.shrink(input, undefined)) yield value.value
}
