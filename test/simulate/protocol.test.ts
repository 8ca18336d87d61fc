// A link carries any wire: here one whose requests and replies are words. Faults, keys and limits work as over HTTP,
// because a link asks its call's protocol for whatever it has to know.
import { expect, test } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { adversary, listed, everyFault } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { current } from '../../src/simulate/context.ts'
import type { Links } from '../../src/simulate/link.ts'
import { newNode } from '../../src/simulate/node-state.ts'
import type { Protocol } from '../../src/simulate/protocol.ts'
import { RowsAtStart } from '../../src/simulate/rows-at-start.ts'
import { run, type Run } from '../../src/simulate/run.ts'
import type { World } from '../../src/simulate/world.ts'
import type { Operation } from '../../src/system/operation.ts'
import { rootOf } from '../address-of.ts'
import { act, effectsIn, eventsOf } from './systems.ts'

const quickMs = 500
const patientMs = 2_000

/** A request is a word to repeat; the reply repeats it. */
const words: Protocol<string, string> = {
  patienceMs: quickMs,
  connectMs: quickMs,
  operationOf: () => 'say',
  textsOf: (word) => [word],
  traceOf: () => undefined,
  isIdempotent: () => false,
  isRead: () => false,
  isDone: () => undefined,
  lengthsIn: () => [],
  codeOf: (reply) => reply.length,
  requestBytesOf: () => undefined,
  trickled: (reply: string) => reply,
  arriving: (word: string) => word,
  bodyBytesOf: (_, reply) => (reply === '' ? undefined : reply.length),
  replyInstead: () => 'busy',
  replyOfFailure: () => 'oh no',
  replyOfOverload: () => 'busy',
  damaged: (reply) => reply.slice(0, 1),
  brokenOff: (reply, atByte) => `${reply.slice(0, atByte)}-`,
  relayed: (reply) => reply,
}

interface Said {
  readonly word: string
  readonly protocol?: Protocol<string, string>
}

/** One client says words to an echo at the same time; what it hears becomes an effect. */
async function saying(said: readonly Said[], faults: readonly Fault[] = []): Promise<Run> {
  const echo = newNode('echo', () => (word: string) => {
    if (word === 'throw') throw new RangeError('as asked')
    return word
  })
  let network: { readonly world: World; readonly links: Links } | undefined
  const say = ({ word, protocol = words }: Said): Promise<void> =>
    new Promise((resolve) => {
      const context = current()
      if (context === undefined || network === undefined) throw new Error('outside a simulation')
      const hear = (what: string): void => {
        context.host.effect(context, 'heard', what)
        resolve()
      }
      network.links.issue<string, string>(network.world, context, {
        protocol,
        request: word,
        callee: {
          node: echo,
          server: { handle: async (app, request) => (app as (word: string) => string)(request) },
        },
        answer: hear,
        fail: (failure) => hear(`failed: ${failure}`),
      })
    })
  const talk: Operation<null> = act('talk', () => Promise.all(said.map(say)))
  const invocation = { id: 0, operation: 'talk', client: 0, afterMs: 0, input: { order: 'order-7' } }
  const scenario: Scenario = { workload: { invocations: [invocation] }, plan: listed(faults), seed: 1 }
  return run({
    scenario,
    adversary: adversary(scenario.plan, everyFault),
    operations: [talk],
    probes: [],
    stores: [],
    rows: [],
    views: [],
    portCalls: new Set(),
    journals: new Set(),
    bounds: { faultsForMs: undefined, recoverForMs: undefined, maxSteps: 1_000 },
    fetch: () => Promise.reject(new Error('nobody fetches')),
    read: (result) => ({ value: result }),
    collect: faults.length === 0,
    annotate: false,
    compare: false,
    atStart: new RowsAtStart(),
    patient: false,
    nodes(world, links) {
      network = { world, links }
      return [echo]
    },
  })
}

function heardIn({ history }: Run): readonly unknown[] {
  return effectsIn(history, 'heard').map(({ value }) => value)
}

const request: Address = {
  root: rootOf('talk#0'),
  path: [],
  from: 'client',
  to: 'echo',
  operation: 'say',
  leg: 'request',
  nth: 1,
}
const reply: Address = { ...request, leg: 'reply' }

test('a call is what its protocol says: its name, its key, the code and the size of its reply', async () => {
  const { history, sites } = await saying([{ word: 'order-7' }])

  expect(eventsOf(history, 'send').map(({ address: { operation, key }, status }) => [operation, key, status])).toEqual([
    ['say', 'order#0', 0],
    ['say', 'order#0', 'order-7'.length],
  ])
  expect(sites).toContainEqual(
    expect.objectContaining({ kind: 'call', repeatable: false, bodyBytes: 'order-7'.length }),
  )
})

test('a handler that throws is answered in the words of the wire', async () => {
  expect(heardIn(await saying([{ word: 'throw' }]))).toEqual(['oh no'])
})

test.each<[string, Fault]>([
  ['busy', { kind: 'error', at: request, status: 503 }],
  ['busy', { kind: 'error', at: reply, status: 503 }],
  ['h', { kind: 'garble', at: reply, body: 'truncated' }],
  ['he-', { kind: 'reset', at: reply, atByte: 2 }],
  ['failed: reset', { kind: 'reset', at: reply }],
  ['failed: refused', { kind: 'refuse', at: request }],
  ['failed: timeout', { kind: 'lose', at: reply }],
])('the caller hears "%s" under $kind', async (heard, fault) => {
  const ran = await saying([{ word: 'hello' }], [fault])

  expect(ran.fired).toEqual([fault])
  expect(heardIn(ran)).toEqual([heard])
})

test('each call is given up when its own platform does, whatever was issued before it', async () => {
  const said: readonly Said[] = [{ word: 'patient', protocol: { ...words, patienceMs: patientMs } }, { word: 'quick' }]
  const lost = [1, 2].map((nth): Fault => ({ kind: 'lose', at: { ...reply, nth } }))

  const { history } = await saying(said, lost)

  expect(effectsIn(history, 'heard')).toEqual([
    { atMs: quickMs, value: 'failed: timeout' },
    { atMs: patientMs, value: 'failed: timeout' },
  ])
})
