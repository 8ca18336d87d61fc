// A system that is ready to run, and the function from a scenario to a history. Ties the kernel to the transports.
// Explores nothing.
import type { ReadsSource, RequestsSource, RowsSource } from './history/effect.ts'
import type { History } from './history/history.ts'
import { noHang } from './check/no-hang.ts'
import { drawValue } from './generate/values.ts'
import { lendJournal } from './history/journal.ts'
import { assertKnown } from './saved/known-names.ts'
import { adversary } from './scenario/plan.ts'
import { hash32 } from './plain/random.ts'
import type { Scenario } from './scenario/scenario.ts'
import { current } from './simulate/context.ts'
import type { Links } from './simulate/link.ts'
import type { Probe } from './simulate/probe.ts'
import { run, type Run } from './simulate/run.ts'
import { RunAgain } from './simulate/run-again.ts'
import { rowsIn, seenBy, type Seen } from './simulate/seen.ts'
import { inTurn, oneAtATime } from './simulate/turns.ts'
import { newNode } from './simulate/node-state.ts'
import { RowsAtStart, type Outlived } from './simulate/rows-at-start.ts'
import type { World } from './simulate/world.ts'
import type { Store } from './system/store.ts'
import type { Alone } from './verdict/verdict.ts'
import { checkSystem } from './system/check-system.ts'
import { attacked } from './system/attacked.ts'
import { assertSystem, journalsOf, type System } from './system/system.ts'
import { claimOf, endsOf, withEngines, withRecovery, type Claim } from './system/tolerates.ts'
import { addresses, type Reachable } from './transport/addresses.ts'
import { connect, simulateDispatchers, simulatedFetch } from './transport/fetch.ts'
import { assertSocketsWork } from './transport/sockets/canary.ts'
import { outsideHosts, resetStubs, stubsOf, type Stubs } from './transport/outside.ts'
import { readResult } from './transport/result.ts'
import { serverOf } from './transport/serve.ts'

/** A system whose stores are attached and whose stubs are known. Close it when done. */
export interface Simulation {
  readonly system: System
  readonly claim: Claim
  /** Runs one scenario; all stores begin with their first content. @throws SetupError where the set-up is wrong */
  run(scenario: Scenario, options?: RunOptions): Promise<Run>
  /** State that outlived a history, if a compared history has shown any. */
  outlived(): Outlived | undefined
  /** Closes and opens the stores again: the next history starts as the very first one did. */
  reopen(): Promise<void>
  /** Puts drivers and contents back as they were. */
  close(): Promise<void>
}

export interface RunOptions {
  /** List the sites that the run meets. @default false */
  readonly collect?: boolean
  /** Read `rows` after every commit, so that each gets a time and a cause. @default false */
  readonly annotate?: boolean
  /** Read all rows after every commit, as what was there in between. @default as their effects say */
  readonly everyCommit?: boolean
  /** Compare the rows at the start of the operations with those of the first history. @default false */
  readonly compare?: boolean
  /**
   * Let loops go round a hundred times, and not three, before they count as such, and let recovery take ten times as
   * long. @default false
   */
  readonly patient?: boolean
  /** How many steps a history may take before it ends. @default 100,000, and 300,000 with patience */
  readonly maxSteps?: number
  /** Carry operations out one after the other, without the waits before them. @default as the workload says */
  readonly alone?: Alone
  /** It is the question whether sockets work, and does not ask it. @default false */
  readonly isCanary?: boolean
}

const usualMaxSteps = 100_000
const patientMaxSteps = 300_000

/**
 * Makes a system ready.
 *
 * @throws where it contradicts itself, or where a store may not be wiped; nothing has been changed then
 */
export async function open(given: System): Promise<Simulation> {
  assertSystem(given, 'two-generals')
  const system = attacked(given)
  checkSystem(system)
  simulateDispatchers()
  const claimed = claimOf(system.tolerates, endsOf(system))
  const probes = probesOf(system)
  const stubs = await stubsOf(system.outside)
  const stores = system.stores ?? []
  let detach = await attachAll(stores)
  const claim = withRecovery(withEngines(claimed, stores), system)
  lendJournal(() => {
    const context = current()
    return context === undefined ? undefined : (name, value) => context.host.noted(context, name, value)
  })
  const sources = [
    ...new Map(
      system.invariants.flatMap((invariant) => invariant.effects).map((source) => [source.name, source]),
    ).values(),
  ]
  const ready: Ready = {
    ...{ system, claim, stubs, stores, probes },
    recoveryMs: longestRecovery(system),
    rows: rowsIn(sources, system),
    views: sources.filter((source) => source.from === 'reads'),
    journals: journalsOf(system),
    atStart: new RowsAtStart(),
    portCalls: new Set(),
    sees: seenBy(system),
    requests: sources.filter((source) => source.from === 'requests'),
  }
  return {
    system,
    claim,
    outlived: () => ready.atStart.outlived,
    run: (scenario, options = {}) => oneAtATime(stores, () => execute(ready, scenario, options)),
    reopen: () =>
      oneAtATime(stores, async () => {
        await detach()
        detach = await attachAll(stores)
      }),
    close: () => detach(),
  }
}

/**
 * Runs one scenario and returns what happened. The same scenario gives the same history, byte for byte.
 *
 * @throws SetupError where the set-up is wrong: an unknown URL, real I/O, a factory that throws; an Error where the
 *   scenario names what the system does not have, since a fault at an unknown node would strike nothing
 * @example
 * const workload = { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input }] }
 * const history = await simulate(system, { workload, plan: noFaults, seed: 1 })
 * exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order)).check(history)
 */
export async function simulate(system: System, scenario: Scenario): Promise<History> {
  assertSystem(system, 'simulate()')
  assertKnown(scenario, system, { failure: 'Cannot simulate this scenario', advice: 'Is it of another system?' })
  return inTurn(async () => {
    const simulation = await open(system)
    try {
      return (await simulation.run(scenario, { annotate: true, patient: true })).history
    } finally {
      await simulation.close()
    }
  })
}

/**
 * The probes with drawn inputs, which are the same in every history. Small workloads do not use the keys of these
 * inputs.
 */
function probesOf({ probe = [] }: System): readonly Probe[] {
  return probe.map((operation) => {
    const { name, arbitrary } = operation
    const draw = (what: string): unknown => drawValue(name, arbitrary, hash32(0, `${what} ${name}`) | 0).value_
    return { operation, input: draw('probe'), again: draw('probe again') }
  })
}

function longestRecovery({ invariants }: System): number | undefined {
  const claimed = invariants.flatMap(({ recoveryMs }) => recoveryMs ?? [])
  return claimed.length === 0 ? undefined : Math.max(...claimed)
}

interface Ready {
  readonly system: System
  readonly claim: Claim
  readonly stubs: Stubs | undefined
  readonly stores: readonly Store[]
  readonly probes: readonly Probe[]
  readonly recoveryMs: number | undefined
  readonly rows: readonly RowsSource[]
  readonly views: readonly ReadsSource[]
  readonly requests: readonly RequestsSource[]
  readonly journals: ReadonlySet<string>
  readonly sees: Seen
  readonly atStart: RowsAtStart
  /** Methods of ports that were found to be asynchronous. */
  readonly portCalls: Set<string>
}

async function execute(ready: Ready, scenario: Scenario, options: RunOptions): Promise<Run> {
  try {
    for (;;) {
      const known = ready.portCalls.size
      try {
        return await executeOnce(ready, scenario, options)
      } catch (error) {
        if (!(error instanceof RunAgain) || ready.portCalls.size === known) throw error
      }
    }
  } finally {
    if (options.isCanary !== true) await assertSocketsWork(runCanary)
  }
}

async function runCanary(parts: Omit<System, 'invariants'>, scenario: Scenario): Promise<void> {
  const simulation = await open({ ...parts, invariants: [noHang()] })
  try {
    await simulation.run(scenario, { isCanary: true })
  } finally {
    await simulation.close()
  }
}

async function executeOnce(
  ready: Ready,
  scenario: Scenario,
  {
    collect = false,
    annotate = false,
    compare = false,
    patient = false,
    everyCommit = false,
    maxSteps,
    alone,
  }: RunOptions,
): Promise<Run> {
  const { system, claim, stubs, stores, rows, views, journals, atStart, probes, recoveryMs, portCalls, sees } = ready
  if (stubs !== undefined) resetStubs(stubs)
  for (const source of rows) source.reset?.()
  let disconnect: (() => void) | undefined
  try {
    return await run({
      scenario,
      adversary: adversary(scenario.plan, claim.allowed, claim.atMost),
      operations: system.operations,
      recover: system.recover,
      probes,
      portCalls,
      recoveryMs,
      sees,
      stores,
      rows: everyCommit ? rows.map((source) => ({ ...source, everyCommit })) : rows,
      views,
      journals,
      bounds: {
        faultsForMs: system.faultsForMs,
        recoverForMs: system.recoverForMs,
        maxSteps: maxSteps ?? (patient ? patientMaxSteps : usualMaxSteps),
      },
      fetch: simulatedFetch,
      read: readResult,
      collect,
      annotate,
      compare,
      atStart,
      patient,
      alone,
      nodes(world, links) {
        const nodes = nodesOf(system)
        disconnect = connect(networkOf(ready, world, links, nodes))
        const servers = stores.flatMap(({ name, boot }) => (boot === undefined ? [] : [newNode(name, boot)]))
        return [...nodes.map(({ callee }) => callee.node), ...servers]
      },
    })
  } finally {
    disconnect?.()
  }
}

function nodesOf(system: System): readonly Reachable[] {
  return Object.entries(system.nodes).map(([name, definition]) => ({
    callee: { node: newNode(name, () => definition.boot(), definition), server: serverOf(definition) },
    origin: definition.at ?? `http://${name.toLowerCase()}`,
  }))
}

function networkOf(
  { stubs, requests }: Ready,
  world: World,
  links: Links,
  nodes: readonly Reachable[],
): Parameters<typeof connect>[0] {
  const outside = stubs === undefined ? undefined : outsideHosts(world, stubs, requests)
  return {
    world,
    links,
    find: addresses(world, nodes, outside),
  }
}

async function attachAll(stores: readonly Store[]): Promise<() => Promise<void>> {
  const attached: Store[] = []
  const close = async (): Promise<void> => {
    for (const store of attached.splice(0).reverse()) await store.detach()
  }
  try {
    for (const store of stores) {
      await store.attach()
      attached.push(store)
    }
  } catch (error) {
    await close()
    throw error
  }
  return close
}
