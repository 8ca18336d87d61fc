// Small systems and the ways to run them: a scenario by hand, every single fault of one, the faults that break it in
// few words.
import * as fc from 'fast-check'
import { check } from '../../src/check/check.ts'
import { faultKinds, type Fault } from '../../src/scenario/fault/registry.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import { op, type Operation, type OperationOptions } from '../../src/system/operation.ts'
import { listed, noFaults, singleFaults, type DrawnPlan, everyFault } from '../../src/scenario/plan.ts'
import type { Invocation, Scenario } from '../../src/scenario/scenario.ts'
import type { Run } from '../../src/simulate/run.ts'
import { open, type RunOptions } from '../../src/simulation.ts'
import type { NodeDefinition, System } from '../../src/system/system.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'
import { serve } from '../../src/transport/serve.ts'
import { holds } from '../../src/verdict/verdict.ts'

/** An operation without input. */
export function act(name: string, run: () => unknown, options: OperationOptions = {}): Operation<null> {
  return op(name, fc.constant(null), run, options)
}

/** An operation that posts to a node. */
export function post(name: string, url: string, options: OperationOptions = {}): Operation<null> {
  return act(name, () => fetch(url, { method: 'POST' }), options)
}

/** One node that answers 200 to whatever its code does. */
export function node(code: () => unknown): NodeDefinition {
  return serve(() => async () => {
    await code()
    return new Response('done')
  })
}

/** For systems whose history is looked at by hand. */
export const nothingToJudge: Invariant = { kind: 'invariant', name: 'nothing', effects: [], check: () => holds }

/** One client carries out the operations one after the other. */
export function oneAfterTheOther(...operations: readonly string[]): readonly Invocation[] {
  return operations.map((operation, id) => ({ id, operation, client: 0, afterMs: 0, input: null }))
}

/** Each operation is of all one after the other, unless told otherwise. */
export function scenarioOf(
  system: System,
  faults: readonly Fault[] = [],
  invocations: readonly Invocation[] = oneAfterTheOther(...system.operations.map(({ name }) => name)),
): Scenario {
  return { workload: { invocations }, plan: faults.length === 0 ? noFaults : listed(faults), seed: 1 }
}

/** Runs one scenario. */
export async function runOnce(
  system: System,
  scenario: Scenario = scenarioOf(system),
  options: RunOptions = {},
): Promise<Run> {
  const simulation = await open(system)
  try {
    return await simulation.run(scenario, options)
  } finally {
    await simulation.close()
  }
}

/**
 * The history of a system under the first single fault with a label, see {@link labelOf}; without one, on the perfect
 * network.
 */
export async function under(system: System, label?: string, invocations?: readonly Invocation[]): Promise<History> {
  const simulation = await open(system)
  try {
    const perfect = await simulation.run(scenarioOf(system, [], invocations), { collect: true })
    if (label === undefined) return perfect.history
    const faults = singleFaults(perfect.sites, everyFault)
    const fault = faults.find((one) => labelOf(one) === label)
    if (fault === undefined)
      throw new Error(`No single fault is "${label}"; there are ${faults.map(labelOf).join(', ')}.`)
    const { history, fired } = await simulation.run(scenarioOf(system, [fault], invocations), { annotate: true })
    if (fired.length !== 1) throw new Error(`"${label}" fired ${fired.length} times.`)
    return history
  } finally {
    await simulation.close()
  }
}

/** Every single fault of the claim that violates an invariant, as words; the perfect network must not. */
export async function breaks(system: System, invocations?: readonly Invocation[]): Promise<readonly string[]> {
  const simulation = await open(system)
  try {
    const perfect = await simulation.run(scenarioOf(system, [], invocations), { collect: true })
    if (violates(system, perfect.history)) return ['the perfect network']
    const found: string[] = []
    for (const fault of singleFaults(perfect.sites, simulation.claim.allowed)) {
      const { history, fired } = await simulation.run(scenarioOf(system, [fault], invocations))
      if (fired.length !== 1) throw new Error(`${labelOf(fault)} fired ${fired.length} times`)
      if (violates(system, history)) found.push(labelOf(fault))
    }
    return [...new Set(found)]
  } finally {
    await simulation.close()
  }
}

function violates(system: System, history: History): boolean {
  return check(history, system.invariants).some(({ kind }) => kind === 'violated')
}

/** `lose reply of POST /pay`, `crash bank on request of POST /pay`, `jump back shop on request of POST /lease`. */
export function labelOf(fault: Fault): string {
  const where = `${fault.at.leg} of ${fault.at.operation}`
  switch (fault.kind) {
    case 'crash':
      return `${fault.how === 'exit' ? 'kill' : 'crash'} ${fault.node} on ${where}`
    case 'duplicate':
      return `duplicate ${fault.after === 'request' ? 'overlapping' : 'after the reply'} of ${fault.at.operation}`
    case 'jump':
      return (
        `jump ${fault.byMs < 0 ? 'back' : 'forward'} ` +
        `${fault.node}${fault.afterMs === undefined ? '' : ' later'} on ${where}`
      )
    case 'pause':
      return `pause ${fault.node}${fault.replaced === 'yes' ? ', replaced,' : ''} on ${where}`
    case 'deploy':
      return `deploy ${fault.node}${fault.stillRoutedMs === undefined ? '' : ', heard of late,'} on ${where}`
    case 'drift':
      return (
        `drift ${fault.at.to} ` +
        `${fault.ppm < 0 ? 'slow' : 'fast'}${fault.at.operation === 'boot' ? '' : ` on ${where}`}`
      )
    case 'skew':
      return `skew ${fault.at.to}`
    case 'reset':
      return fault.atByte === undefined ? `reset ${where}` : `reset in the body of ${where}`
    case 'lookup':
      return fault.code === undefined ? `lookup ${where}` : `lookup, no resolver, ${where}`
    case 'garble':
      return `${fault.body} body of ${fault.at.operation}`
    case 'partition':
      return `partition ${fault.side.join()}${fault.other === undefined ? ' alone' : ` | ${fault.other.join()} ${fault.way}`} on ${where}`
    case 'slow':
      return `slow ${fault.at.to} on ${where}`
    case 'latency':
      return `${fault.bytesPerSecond === undefined ? 'latency' : 'narrow link'} ${fault.at.from} ${fault.at.to} on ${where}`
    default:
      return `${fault.kind} ${where}`
  }
}

/** The events of one kind. */
export function eventsOf<K extends HistoryEvent['kind']>(
  history: History,
  kind: K,
): readonly Extract<HistoryEvent, { readonly kind: K }>[] {
  return history.events.filter((event): event is Extract<HistoryEvent, { readonly kind: K }> => event.kind === kind)
}

/** What a journal or stub recorded under a name, with its time. */
export function effectsIn(
  history: History,
  name: string,
): readonly { readonly atMs: number; readonly value: unknown }[] {
  return eventsOf(history, 'effect')
    .filter(({ effect }) => effect === name)
    .map(({ atMs, value }) => ({ atMs, value }))
}

/** The outcomes of the operations, in order: `ok`, `fail refused`. */
export function outcomesOf(history: History): readonly string[] {
  return history.events.flatMap((event) =>
    event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info'
      ? [event.why === undefined ? event.kind : `${event.kind} ${event.why}`]
      : [],
  )
}

/** The last event: how and when it ended. */
export function endOf(history: History): { readonly reason: string; readonly atMs: number } {
  const [end] = eventsOf(history, 'end')
  if (end === undefined) throw new Error('The history has no end.')
  return { reason: end.reason, atMs: end.atMs }
}

/** Resolves after virtual (or real) milliseconds. */
export async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** A plan that draws every kind at one rate. */
export function drawn(seed: number, rate: number): DrawnPlan {
  return { kind: 'drawn', seed, maxFaults: 12, rates: Object.fromEntries(faultKinds.map((kind) => [kind, rate])) }
}
