// Small random histories of operations on an object, for every built-in model: correct ones, with some answers changed,
// lost or missing. Drawn from a seed, fast enough for hundreds of thousands.
import type { Act } from '../../../src/history/act.ts'
import { bank } from '../../../src/check/models/bank.ts'
import { casRegister } from '../../../src/check/models/cas-register.ts'
import { counter } from '../../../src/check/models/counter.ts'
import { fifoQueue } from '../../../src/check/models/fifo-queue.ts'
import { keyValue } from '../../../src/check/models/key-value.ts'
import { mutex } from '../../../src/check/models/mutex.ts'
import { register } from '../../../src/check/models/register.ts'
import { set } from '../../../src/check/models/set.ts'
import type { History, HistoryEvent } from '../../../src/history/history.ts'
import type { Model } from '../../../src/system/model.ts'

/** A model, its acts, and possible answers. */
export interface Workload {
  readonly name: string
  readonly model: Model<unknown>
  readonly acts: readonly Act[]
  readonly outputs: readonly unknown[]
}

export const workloads: readonly Workload[] = [
  {
    name: 'register',
    model: register(),
    acts: [{ f: 'read' }, { f: 'read' }, { f: 'write', input: 1 }, { f: 'write', input: 2 }],
    outputs: [null, 1, 2],
  },
  {
    name: 'register by key',
    model: register(0),
    outputs: [0, 1],
    acts: ['x', 'y'].flatMap((key) => [
      { f: 'read', key },
      { f: 'write', key, input: 1 },
      { f: 'write', key, input: 0 },
    ]),
  },
  {
    name: 'cas-register',
    model: casRegister(0),
    outputs: [null, 0, 1, 2, false],
    acts: [
      { f: 'read' },
      { f: 'read' },
      { f: 'write', input: 1 },
      { f: 'cas', input: [0, 1] },
      { f: 'cas', input: [1, 2] },
      { f: 'cas', input: [2, 0] },
    ],
  },
  {
    name: 'counter',
    model: counter(),
    acts: [{ f: 'read' }, { f: 'read' }, { f: 'add', input: 1 }, { f: 'add', input: -1 }, { f: 'add', input: 2 }],
    outputs: [0, -1, 1, 2, 3],
  },
  {
    name: 'set',
    model: set(),
    outputs: [[], [1], [2], [2, 1], true, false],
    acts: [
      { f: 'read' },
      { f: 'read' },
      { f: 'add', input: 1 },
      { f: 'add', input: 2 },
      { f: 'remove', input: 1 },
      { f: 'contains', input: 1 },
    ],
  },
  {
    name: 'queue',
    model: fifoQueue(),
    acts: [{ f: 'enqueue', input: 1 }, { f: 'enqueue', input: 2 }, { f: 'dequeue' }, { f: 'dequeue' }],
    outputs: [null, 1, 2],
  },
  {
    name: 'key-value',
    model: keyValue(),
    outputs: [null, 'a', 'ab', 'b', 'abb', 'bb', 'ac'],
    acts: [
      ...['x', 'x', 'y'].flatMap((key) => [
        { f: 'get', key },
        { f: 'put', key, input: 'a' },
        { f: 'append', key, input: 'b' },
      ]),
      { f: 'append', key: 'x', input: 'c' },
    ],
  },
  {
    name: 'mutex',
    model: mutex(),
    outputs: [null, 1, 2, 3, false],
    acts: [
      { f: 'acquire' },
      { f: 'acquire' },
      { f: 'release', input: null },
      { f: 'release', input: 1 },
      { f: 'use', input: 1 },
      { f: 'use', input: 2 },
    ],
  },
  {
    name: 'bank',
    model: bank({ a: 2, b: 0 }),
    outputs: [null, false, { a: 2, b: 0 }, { b: 1, a: 1 }, { a: 0, b: 2 }],
    acts: [
      { f: 'read' },
      { f: 'read' },
      { f: 'transfer', input: { from: 'a', to: 'b', amount: 1 } },
      { f: 'transfer', input: { from: 'b', to: 'a', amount: 1 } },
      { f: 'transfer', input: { from: 'a', to: 'b', amount: 2 } },
    ],
  },
]

/** Random numbers from 0 to below 1 that the seed decides (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Open {
  readonly invoke: Extract<HistoryEvent, { kind: 'invoke' }>
  readonly act: Act
  /** The answer, once it took effect. */
  answer?: { readonly output: unknown }
}

const clients = 3

/** At most `most` operations by three clients; one in six ends without an answer. */
export function randomHistory({ model, acts, outputs }: Workload, random: () => number, most = 6): History {
  // the cast holds: the list is never empty
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const states = new Map<unknown, unknown>()
  const events: HistoryEvent[] = []
  const open = new Map<number, Open>()
  const at = (client: number): { seq: number; atMs: number; node: string; cause: number } => ({
    seq: events.length,
    atMs: events.length,
    node: `client#${client}`,
    cause: -1,
  })
  const begin = (client: number, invocation: number): void => {
    const act = pick(acts)
    const invoke = {
      kind: 'invoke',
      ...at(client),
      invocation,
      operation: act.f,
      client,
      input: act.input,
      ...(act.key === undefined ? {} : { key: act.key }),
    } as const
    events.push(invoke)
    open.set(client, { invoke, act })
  }
  const takeEffect = (one: Open): void => {
    const state = states.has(one.act.key) ? states.get(one.act.key) : model.initial()
    const fitting = outputs.filter((output) => model.step(state, { ...one.act, output }) !== undefined)
    const output = fitting.length === 0 || random() < 0.12 ? pick(outputs) : pick(fitting)
    states.set(one.act.key, model.step(state, { ...one.act, output }) ?? state)
    one.answer = { output }
  }
  const end = (client: number, { invoke: { invocation, operation }, answer }: Open): void => {
    const kind = random() < 1 / 6 ? 'info' : answer === undefined ? 'fail' : 'ok'
    events.push({
      kind,
      ...at(client),
      invocation,
      operation,
      client,
      ...(kind === 'ok' ? { value: answer?.output } : {}),
    })
    open.delete(client)
  }
  for (let begun = 0, turn = 0; turn < 60 && (begun < most || open.size > 0); turn++) {
    const client = Math.floor(random() * clients)
    const one = open.get(client)
    if (one === undefined) {
      if (begun < most) begin(client, begun++)
    } else if (one.answer === undefined && random() < 0.85) {
      takeEffect(one)
    } else if (random() < 0.7) {
      end(client, one)
    }
  }
  return { events, readings: [], notes: [] }
}
