// Linearizability: verdicts on recorded histories and against brute force, time beside porcupine's (Go, on another
// machine), and what a history costs that is made to explode. The whole check is timed: from the events of a history to
// its verdict.
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { fifoQueue } from '../../src/check/models/fifo-queue.ts'
import { keyValue } from '../../src/check/models/key-value.ts'
import { register } from '../../src/check/models/register.ts'
import { set } from '../../src/check/models/set.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import type { Model } from '../../src/system/model.ts'
import type { Invariant, VerdictKind } from '../../src/verdict/verdict.ts'
import { linearizableTwin } from '../check/brute-force/order-twins.ts'
import { randomFrom, randomHistory, workloads } from '../check/brute-force/random-acts.ts'
import { recorded, recordedIn, type Recorded } from '../check/recorded.ts'
import { quantile } from './alternate.ts'
import type { Effort, Result } from './result.ts'

/** Logs with porcupine's verdict, and random histories with that of all permutations. */
export async function* linearizabilityVerdicts({ quick }: Effort): AsyncGenerator<Result, void> {
  const logs = logsOrThrow()
  const right = logs.filter(
    ({ model, history, expected }) => linearizable(model).check(history).kind === (expected ? 'holds' : 'violated'),
  ).length
  yield {
    name: 'linearizability-verdicts/recorded',
    value: right,
    unit: 'logs',
    baseline: logs.length,
    ratio: right / logs.length,
  }
  const each = Math.ceil((quick ? 9_000 : 300_000) / workloads.length)
  let agreed = 0
  for (const [index, workload] of workloads.entries()) {
    const random = randomFrom(index + 1)
    const invariant = linearizable(workload.model)
    for (let n = 0; n < each; n++) {
      const history = randomHistory(workload, random)
      if (invariant.check(history).kind === linearizableTwin(workload.model, history)) agreed += 1
    }
  }
  const all = each * workloads.length
  yield {
    name: 'linearizability-verdicts/random',
    value: agreed,
    unit: 'histories',
    baseline: all,
    ratio: agreed / all,
  }
}

interface Timed {
  readonly log: Recorded
  readonly ms: number
}

/** Milliseconds warm, beside Go's from the manifest: ratios below 1 are faster. */
export async function* linearizabilitySpeed({ quick }: Effort): AsyncGenerator<Result, void> {
  const checks = logsOrThrow().map((log) => ({ log, invariant: linearizable(log.model) }))
  for (let round = 0; round < (quick ? 50 : 200); round++)
    for (const { log, invariant } of checks) if (log.goMs < 100 || round < 5) invariant.check(log.history)
  const timed = checks.map(({ log, invariant }): Timed => ({
    log,
    ms: medianMs(invariant, log.history, quick ? 21 : 101),
  }))
  const etcd = timed.filter(({ log: { file } }) => file.includes('etcd'))
  const ratios = etcd.map(({ ms, log }) => ms / log.goMs)
  const unit = 'ms (Go on another machine)'
  yield compared('sum over etcd', sum(etcd.map(({ ms }) => ms)), sum(etcd.map(({ log }) => log.goMs)), unit)
  yield {
    name: 'linearizability-speed/median ratio',
    value: quantile(ratios, 0.5),
    unit: 'of Go (on another machine)',
    baseline: 2,
    ratio: quantile(ratios, 0.5) / 2,
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
  }
  yield compared('slowest etcd', Math.max(...etcd.map(({ ms }) => ms)), 1, 'ms')
  for (const { log, ms } of timed)
    if (log.file.includes('kv')) yield compared(log.file.replace(/^porcupine__|\.txt\.jsonl$/g, ''), ms, log.goMs, unit)
  yield compared(
    'sum of reasons',
    sum(timed.map(({ log }) => toldMs(log))),
    sum(timed.map(({ ms }) => ms)),
    'ms to say why, over ms to decide',
  )
}

function compared(name: string, ms: number, baseline: number, unit: string): Result {
  return { name: `linearizability-speed/${name}`, value: ms, unit, baseline, ratio: ms / baseline }
}

function medianMs(invariant: Invariant, history: History, repeats: number): number {
  return quantile(
    Array.from({ length: repeats }, () => {
      const begun = performance.now()
      invariant.check(history)
      return performance.now() - begun
    }),
    0.5,
  )
}

function toldMs({ model, history }: Recorded): number {
  const {
    reasons: [reason],
  } = linearizable(model).check(history)
  const begun = performance.now()
  if (reason !== undefined && reason.text === '') throw new Error('Bug: a reason without words')
  return performance.now() - begun
}

/**
 * Histories made to explode. The baseline is 2 s and 128 MB of default budgets; the value is the time, or the memory.
 */
export async function* checkersPathological(): AsyncGenerator<Result, void> {
  for (const [name, model, history] of explosive()) {
    const { kind, ms, mb } = spent(linearizable(model), history)
    yield { name: `checkers-pathological/${name}: ${kind}`, value: ms, unit: 'ms', baseline: 2_000, ratio: ms / 2_000 }
    yield { name: `checkers-pathological/${name}: memory`, value: mb, unit: 'MB', baseline: 128, ratio: mb / 128 }
  }
}

function spent(
  invariant: Invariant,
  history: History,
): { readonly kind: VerdictKind; readonly ms: number; readonly mb: number } {
  globalThis.gc?.()
  const before = memoryMb()
  const begun = performance.now()
  const { kind } = invariant.check(history)
  const ms = performance.now() - begun
  return { kind, ms, mb: memoryMb() - before }
}

/** With what is no longer used and not yet collected. */
function memoryMb(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

type Ask = readonly [client: number, f: string, input: unknown, output?: unknown]

/** First all that is never answered, then what is, one after the other. */
function history(unanswered: readonly Ask[], answered: readonly Ask[]): History {
  const events: HistoryEvent[] = []
  const begin = ([client, operation, input]: Ask): number => {
    events.push({
      kind: 'invoke',
      seq: events.length,
      atMs: events.length,
      node: `client#${client}`,
      cause: -1,
      invocation: events.length,
      operation,
      client,
      input,
    })
    return events.length - 1
  }
  for (const ask of unanswered) begin(ask)
  for (const ask of answered) {
    const invocation = begin(ask)
    const [client, operation, , value] = ask
    events.push({
      kind: 'ok',
      seq: events.length,
      atMs: events.length,
      node: `client#${client}`,
      cause: -1,
      invocation,
      operation,
      client,
      value,
    })
  }
  return { events, readings: [], notes: [] }
}

function times<T>(count: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n))
}

function explosive(): readonly (readonly [string, Model<unknown>, History])[] {
  const distinct = times(50, (n): Ask => [n, 'write', n])
  const alike = times(50, (n): Ask => [n, 'write', n % 2])
  return [
    [
      '50 unknown writes, all read',
      register(),
      history(
        distinct,
        times(50, (n): Ask => [99, 'read', null, 49 - n]),
      ),
    ],
    [
      '50 unknown writes, read twice',
      register(),
      history(distinct, [...times(50, (n): Ask => [99, 'read', null, n]), [99, 'read', null, 0]]),
    ],
    [
      '50 unknown writes of 2 values, one read too many',
      register(),
      history(
        alike,
        times(52, (n): Ask => [99, 'read', null, n % 2]),
      ),
    ],
    [
      '50 unknown appends, one text',
      keyValue(''),
      history(
        times(50, (n): Ask => [n, 'append', `${n} `]),
        [[99, 'get', null, times(50, (n) => `${49 - n} `).join('')]],
      ),
    ],
    [
      '50 unknown appends, a text that cannot be',
      keyValue(''),
      history(
        times(50, (n): Ask => [n, 'append', `${n} `]),
        [[99, 'get', null, `${times(49, (n) => `${n} `).join('')}x`]],
      ),
    ],
    [
      '50 unknown adds to a set, one element short',
      set(),
      history(
        times(50, (n): Ask => [n, 'add', n]),
        [[99, 'read', null, [...times(50, (n) => n), 50]]],
      ),
    ],
    [
      '50 unknown enqueues, an element from nowhere',
      fifoQueue(),
      history(
        times(50, (n): Ask => [n, 'enqueue', n]),
        [...times(25, (n): Ask => [99, 'dequeue', null, 2 * n]), [99, 'dequeue', null, 99]],
      ),
    ],
  ]
}

function logsOrThrow(): readonly Recorded[] {
  const logs = recorded()
  if (logs.length === 0)
    throw new Error(`${recordedIn} does not exist: the recorded histories are measured where they are.`)
  return logs
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
