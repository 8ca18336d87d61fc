// Sound stores under every kind of fault, including damaged answers: each consistency checker holds, and is unknown for
// no history. A store is one value, replaced atomically, that remembers its answers.
// @module-tag full
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Act } from '../../src/history/act.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { fifoQueue } from '../../src/check/models/fifo-queue.ts'
import { register } from '../../src/check/models/register.ts'
import {
  assess,
  causal,
  map,
  op,
  queueDelivery,
  serve,
  strictSerializable,
  type Answer,
  type Invariant,
  type Operation,
  type System,
} from '../../src/index.ts'

interface Asked {
  readonly id: string
  readonly f: string
  readonly value: string
}

type Step = (state: readonly string[], asked: Asked) => readonly [state: readonly string[], output: unknown]

async function expectHolds(
  step: Step,
  fs: readonly string[],
  invariants: (operations: readonly Operation<Asked, Promise<Response>>[]) => readonly Invariant[],
  last?: string,
): Promise<void> {
  const disk = new Map<
    string,
    { readonly state: readonly string[]; readonly answers: Readonly<Record<string, unknown>> }
  >()
  // One process: of two, one could write what the other has read and not yet written
  const store = serve(() => async (request) => {
    const asked = (await request.json()) as Asked
    const { state, answers } = disk.get('all') ?? { state: [], answers: {} }
    const key = `${asked.f} ${asked.id}`
    if (key in answers) return Response.json(answers[key])
    const [next, output] = step(state, asked)
    disk.set('all', { state: next, answers: { ...answers, [key]: output } })
    return Response.json(output)
  })
  const asking = (f: string) =>
    op(
      f,
      fc.record({ id: fc.uuid(), f: fc.constant(f), value: fc.uuid() }),
      (asked) => fetch('http://store/', { method: 'POST', body: JSON.stringify(asked) }),
      { retries: 1, timeout: 2_000 },
    )
  const [operations, probe] = [fs.map(asking), last === undefined ? [] : [asking(last)]]
  const system: System = {
    nodes: { store },
    stores: [map(disk, { name: 'disk' })],
    operations,
    probe,
    invariants: invariants([...operations, ...probe]),
  }
  const { kind, folded, explored } = await assess(system, { numRuns: 100, seed: 4 })
  expect(folded.map(({ invariant, counts, because }) => [invariant, counts.unknown, because])).toEqual(
    folded.map(({ invariant }) => [invariant, 0, undefined]),
  )
  expect(kind).toBe('holds')
  expect(Math.min(explored.fired.garble ?? 0, explored.fired.reset ?? 0)).toBeGreaterThan(0)
}

function output(answer: Answer<Promise<Response>> | undefined): unknown {
  return answer === undefined ? undefined : JSON.parse(answer.body)
}

const acts = (operations: readonly Operation<Asked, Promise<Response>>[]) =>
  operations.map((one) => one.as(({ f, value }, answer): Act => ({ f, input: value, output: output(answer) })))

test('a register is linearizable, and its reads and writes are transactions', async () => {
  await expectHolds(
    (state, { f, value }) => (f === 'write' ? [[value], null] : [state, state[0] ?? null]),
    ['write', 'read'],
    (operations) => {
      const transactions = operations.map((one) =>
        one.as(({ f, value }, answer) => [
          f === 'write' ? (['w', 'x', value] as const) : (['r', 'x', output(answer)] as const),
        ]),
      )
      return [
        linearizable(register(), acts(operations)),
        sequential(register(), acts(operations)),
        strictSerializable(transactions),
        causal(transactions),
      ]
    },
  )
})

test('a queue is linearizable, and loses nothing: a missing message was taken by a client without an answer', async () => {
  const step: Step = (state, { f, value }) =>
    f === 'enqueue' ? [[...state, value], null] : f === 'drain' ? [[], state] : [state.slice(1), state[0] ?? null]

  await expectHolds(step, ['enqueue', 'dequeue'], (operations) => [queueDelivery(acts(operations))], 'drain')
  await expectHolds(step, ['enqueue', 'dequeue'], (operations) => [linearizable(fifoQueue(), acts(operations))])
})
