// Histories of any length for the checkers of consistency: each holds, so that nothing is left out. A few clients at a
// time; one key that all of them share for as long as the history is, and many keys with some rounds each.
import * as fc from 'fast-check'
import {
  boundedStaleness,
  causal,
  counterBounds,
  journal,
  monotonicReads,
  monotonicWrites,
  noLostUpdate,
  op,
  parallelSnapshotIsolation,
  queueDelivery,
  readCommitted,
  readYourWrites,
  repeatableRead,
  uniqueIds,
  writesFollowReads,
  type DeliveryLimits,
  type History,
  type HistoryEvent,
  type Invariant,
} from '../../src/index.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { counter } from '../../src/check/models/counter.ts'
import { fifoQueue } from '../../src/check/models/fifo-queue.ts'
import { keyValue } from '../../src/check/models/key-value.ts'
import { register } from '../../src/check/models/register.ts'

interface Case {
  readonly shape: string
  readonly invariant: Invariant
  readonly history: (events: number) => History
}

/** In each round every client does one thing; those of one round are concurrent. */
interface Turn {
  readonly client: number
  readonly clients: number
  readonly round: number
  readonly key: string
  /** How many rounds its key had before. */
  readonly nth: number
}

/** What a client asks for and is answered. */
type Deed = readonly [operation: string, input: unknown, value: unknown]

const roundsOfKey = 16

const publish = op('publish', fc.integer(), () => undefined).by((n) => n)
const handled = journal<number>('handled').by((n) => n)
const inOneLine: DeliveryLimits<number> = { order: (n) => ({ partition: 0, sequence: n }) }
const inLines: DeliveryLimits<number> = { order: (n) => ({ partition: n >>> 6, sequence: n }) }

export const consistencyCases: readonly Case[] = [
  ...[
    readYourWrites(),
    monotonicReads(),
    monotonicWrites(),
    writesFollowReads(),
    causal(),
    boundedStaleness(10),
  ].flatMap((invariant) => [
    { shape: 'one key', invariant, history: rounds(8, accessed, Infinity) },
    { shape: 'many keys', invariant, history: rounds(8, accessed) },
    { shape: 'lists', invariant, history: rounds(8, listed) },
  ]),
  { shape: 'one key', invariant: noLostUpdate(), history: rounds(1, updated, Infinity) },
  { shape: 'many keys', invariant: noLostUpdate(), history: rounds(1, updated) },
  { shape: 'one key', invariant: counterBounds(), history: rounds(8, counted, Infinity) },
  { shape: 'many keys', invariant: counterBounds(), history: rounds(8, counted) },
  { shape: 'numbers', invariant: uniqueIds(), history: rounds(8, (turn) => ['generate', null, numberOf(turn)]) },
  { shape: 'texts', invariant: uniqueIds(), history: rounds(8, (turn) => ['generate', null, `id-${numberOf(turn)}`]) },
  { shape: 'acts', invariant: queueDelivery(), history: rounds(8, queued) },
  { shape: 'acts, one line', invariant: queueDelivery(undefined, inOneLine), history: rounds(2, queued) },
  { shape: 'acts, many lines', invariant: queueDelivery(undefined, inLines), history: rounds(8, queued) },
  { shape: 'keys', invariant: queueDelivery(publish, handled), history: published },
  { shape: 'keys, one line', invariant: queueDelivery(publish, handled, inOneLine), history: published },
  { shape: 'keys, many lines', invariant: queueDelivery(publish, handled, inLines), history: published },
  ...[linearizable(register()), sequential(register())].flatMap((invariant) => [
    { shape: 'one key', invariant, history: rounds(4, assigned, Infinity) },
    { shape: 'many keys', invariant, history: rounds(4, assigned) },
  ]),
  { shape: 'compare-and-set', invariant: linearizable(casRegister()), history: rounds(4, assigned, Infinity) },
  { shape: 'many keys', invariant: linearizable(keyValue()), history: rounds(4, stored) },
  { shape: 'one key', invariant: linearizable(counter()), history: rounds(4, counted, Infinity) },
  { shape: 'one key', invariant: linearizable(fifoQueue()), history: rounds(2, queued, Infinity) },
  ...[readCommitted(), repeatableRead(), parallelSnapshotIsolation()].flatMap((invariant) => [
    { shape: 'one key', invariant, history: rounds(8, accessed, Infinity) },
    { shape: 'lists', invariant, history: rounds(8, listed) },
  ]),
]

/** One client writes, the others read what was written in the round before. */
function accessed({ client, clients, round, key, nth }: Turn): Deed {
  if (round % clients === client) return ['txn', [['w', key, round]], [['w', key, round]]]
  return ['txn', [['r', key, null]], [['r', key, nth === 0 ? null : round - 1]]]
}

/** One client appends, the others read what was appended in the rounds before. */
function listed({ client, clients, round, key, nth }: Turn): Deed {
  if (round % clients === client) return ['txn', [['append', key, nth]], [['append', key, nth]]]
  return ['txn', [['r', key, null]], [['r', key, Array.from({ length: nth }, (_, place) => place)]]]
}

/** Each transaction reads and then writes. */
function updated({ round, key, nth }: Turn): Deed {
  return [
    'txn',
    [
      ['r', key, null],
      ['w', key, round],
    ],
    [
      ['r', key, nth === 0 ? null : round - 1],
      ['w', key, round],
    ],
  ]
}

/** Every second client adds one, the others read what there was before. */
function counted({ client, clients, nth }: Turn): Deed {
  return client % 2 === 0 ? ['add', 1, null] : ['read', null, (nth * clients) / 2]
}

/** One client writes, the others read what was written in the round before. */
function assigned({ client, clients, round, nth }: Turn): Deed {
  return round % clients === client ? ['write', round, null] : ['read', null, nth === 0 ? null : round - 1]
}

/** The same in the words of a map. */
function stored(turn: Turn): Deed {
  const [operation, input, value] = assigned(turn)
  return [operation === 'write' ? 'put' : 'get', input, value]
}

/** Half of the clients enqueue what the others dequeue. */
function queued(turn: Turn): Deed {
  const half = numberOf(turn) >>> 1
  return turn.client % 2 === 0 ? ['enqueue', half, null] : ['dequeue', null, half]
}

function numberOf({ client, clients, round }: Turn): number {
  return round * clients + client
}

/** Rounds of so many clients; a key is left alone after 16 of them, unless said otherwise. */
function rounds(clients: number, does: (turn: Turn) => Deed, most = roundsOfKey): (events: number) => History {
  return (count) => {
    const events: HistoryEvent[] = []
    for (let round = 0; events.length < count; round++) {
      const [key, nth] = most === Infinity ? ['all', round] : [`k-${Math.floor(round / most)}`, round % most]
      const deeds = Array.from({ length: clients }, (_, client) => does({ client, clients, round, key, nth }))
      const at = (client: number) => ({
        seq: events.length,
        atMs: round,
        node: `client#${client}`,
        cause: -1,
        invocation: round * clients + client,
        client,
      })
      deeds.forEach(([operation, input], client) =>
        events.push({ kind: 'invoke', ...at(client), operation, key, input }),
      )
      deeds.forEach(([operation, , value], client) => events.push({ kind: 'ok', ...at(client), operation, value }))
    }
    return { events, readings: [], notes: [] }
  }
}

/** Each message is handled between its sending and the answer to that. */
function published(count: number): History {
  const events: HistoryEvent[] = []
  for (let n = 0; events.length < count; n++) {
    const about = { atMs: n, node: 'client#0', cause: -1, invocation: n, operation: 'publish', client: 0 }
    events.push({ ...about, kind: 'invoke', seq: events.length, input: n })
    events.push({ kind: 'effect', seq: events.length, atMs: n, node: 'worker', cause: -1, effect: 'handled', value: n })
    events.push({ ...about, kind: 'ok', seq: events.length, value: null })
  }
  events.push({ kind: 'end', seq: events.length, atMs: count, node: 'client#0', cause: -1, reason: 'quiet' })
  return { events, readings: [], notes: [] }
}
