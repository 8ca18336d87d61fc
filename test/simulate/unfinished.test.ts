// What was still open when a history ended: each sort of it, in one order, bounded, and nothing where nothing was.
import { describe, expect, test } from 'vitest'
import { noHang } from '../../src/check/no-hang.ts'
import { check } from '../../src/check/check.ts'
import type { History } from '../../src/history/history.ts'
import { unfinishedWords, type Unfinished } from '../../src/history/unfinished.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { act, eventsOf, node, post, under } from './systems.ts'

/** Shorter than the platform's own limit on a call (300 s), so that an open call is left at the end. */
const boundMs = 20_000
/** Shorter than the bound, so that it fires before it. */
const periodMs = 1_000

const never = (): Promise<never> => new Promise(() => undefined)
const every = (ms: number): void => void setInterval(() => undefined, ms)

function system(parts: Partial<System>): System {
  return {
    nodes: { shop: node(() => undefined) },
    operations: [post('go', 'http://shop/')],
    invariants: [noHang()],
    faultsForMs: boundMs,
    recoverForMs: boundMs,
    ...parts,
  }
}

function leftIn(history: History): readonly Unfinished[] | undefined {
  return eventsOf(history, 'end')[0]?.left
}

describe('nothing', () => {
  test('is left by a history that came to rest, and its end has no such field', async () => {
    const history = await under(system({}))

    const [end] = eventsOf(history, 'end')
    expect(Object.keys(end ?? {})).not.toContain('left')
  })

  test('of a client that gave up is left: its timers and calls end with its attempt', async () => {
    const impatient = act(
      'go',
      () => {
        every(periodMs)
        return fetch('http://shop/')
      },
      { timeout: 100 },
    )
    const history = await under(system({ nodes: { shop: node(never) }, operations: [impatient] }))

    expect(leftIn(history)).toBeUndefined()
  })
})

describe('an operation without an answer', () => {
  const stuck = act('go', never)

  test('is left, also where nothing could end it any more', async () => {
    const history = await under(system({ operations: [stuck] }))

    expect(leftIn(history)).toEqual([{ kind: 'operation', node: 'client#0', operation: 'go', invocation: 0 }])
  })

  test('is not left where it had not begun', async () => {
    const history = await under(system({ operations: [stuck, act('then', () => undefined)] }))

    expect(leftIn(history)?.map((open) => open.kind === 'operation' && open.operation)).toEqual(['go'])
  })
})

test('a call without an answer is left, with its caller and callee', async () => {
  const shop = node(() => fetch('http://bank/charges/7', { method: 'POST' }))
  const history = await under(system({ nodes: { shop, bank: node(never) } }))

  expect(leftIn(history)).toEqual([
    { kind: 'operation', node: 'client#0', operation: 'go', invocation: 0 },
    { kind: 'call', node: 'client#0', to: 'shop', operation: 'POST /' },
    { kind: 'call', node: 'shop', to: 'bank', operation: 'POST /charges/:id' },
  ])
})

describe('a timer', () => {
  test('that keeps the history from resting is left, with its node, its delay and what armed it', async () => {
    const shop = node(() => void setTimeout(() => undefined, 3 * boundMs))
    const history = await under(system({ nodes: { shop } }))

    expect(leftIn(history)).toEqual([
      { kind: 'timer', node: 'shop', root: 'go#0', delayMs: 3 * boundMs, repeats: false },
    ])
  })

  test.each([
    ['an interval', () => every(periodMs)],
    [
      'timers that arm each other',
      () => {
        const again = (): void => void setTimeout(again, periodMs)
        again()
      },
    ],
  ])('that repeats without effect is left by a history that came to rest: %s', async (_name, poll) => {
    const shop = serve(() => {
      poll()
      return () => new Response('done')
    })
    const history = await under(system({ nodes: { shop } }))

    expect(eventsOf(history, 'end')).toMatchObject([
      {
        reason: 'quiet',
        left: [{ kind: 'timer', node: 'shop', root: 'boot(shop)', delayMs: periodMs, repeats: true }],
      },
    ])
  })

  test('of a life that crashed is not left', async () => {
    const shop = node(() => every(periodMs))
    const operations = [post('go', 'http://shop/', { timeout: 1_000 })]
    const history = await under(system({ nodes: { shop }, operations }), 'crash shop on reply of POST /')

    expect(leftIn(history)).toBeUndefined()
  })
})

describe('steps', () => {
  test('that run without end are left, with the code that ran last', { tags: ['full'] }, async () => {
    const again = (): void => void setImmediate(again)
    const looping = act('go', () => {
      again()
      return never()
    })
    const history = await under(system({ operations: [looping] }))

    expect(eventsOf(history, 'end').map(({ reason }) => reason)).toEqual(['maxSteps'])
    expect(leftIn(history)).toEqual([
      { kind: 'operation', node: 'client#0', operation: 'go', invocation: 0 },
      { kind: 'steps', count: 1, node: 'client#0', root: 'go#0' },
    ])
  })

  test('of a message on its way are left', async () => {
    const slow = system({ nodes: { shop: node(() => every(periodMs)) }, faultsForMs: 1, recoverForMs: 1 })
    const history = await under(slow)

    expect(leftIn(history)?.filter(({ kind }) => kind === 'steps')).toMatchObject([{ kind: 'steps', count: 1 }])
  })
})

test('three of each kind are listed, and how many more there were', async () => {
  const shop = node(() => [5, 4, 3, 2, 1].forEach((n) => every(n * periodMs)))
  const history = await under(system({ nodes: { shop } }))

  expect(leftIn(history)).toEqual([
    { kind: 'timer', node: 'shop', root: 'go#0', delayMs: periodMs, repeats: true },
    { kind: 'timer', node: 'shop', root: 'go#0', delayMs: 2 * periodMs, repeats: true },
    { kind: 'timer', node: 'shop', root: 'go#0', delayMs: 3 * periodMs, repeats: true },
    { kind: 'more', count: 2 },
  ])
})

test('in words', () => {
  expect(
    unfinishedWords([
      { kind: 'operation', node: 'client#0', operation: 'pay', invocation: 0 },
      { kind: 'call', node: 'shop', to: 'bank', operation: 'POST /charges' },
      { kind: 'timer', node: 'shop', root: 'boot(shop)', delayMs: 60_000, repeats: true },
      { kind: 'timer', node: 'shop', root: 'pay#0', delayMs: 500, repeats: false },
      { kind: 'steps', count: 2, node: 'shop', root: 'pay#0' },
      { kind: 'steps', count: 1 },
      { kind: 'more', count: 9 },
    ]).split('; '),
  ).toEqual([
    'client 0: pay has no answer',
    'shop: POST /charges to bank has no answer',
    'shop: a timer of 60 s that repeats, armed in boot(shop)',
    'shop: a timer of 500 ms, armed in pay#0',
    '2 steps that wait, after code of shop in pay#0',
    '1 step that waits',
    'and 9 more',
  ])
})

test('a verdict that cannot be given names what was left', async () => {
  const stuck = system({ operations: [act('go', () => new Promise(() => every(periodMs)))] })

  const [verdict] = check(await under(stuck), stuck.invariants)

  expect(verdict).toMatchObject({
    kind: 'unknown',
    reasons: [
      {
        text:
          'the history ended at its bound recoverForMs, with work left to do (client 0: go has no answer; client 0: a ' +
          'timer of 1 s that repeats, armed in go#0), when this was so: go of client 0, invoked at 0.000 s, ' +
          'never ended.',
      },
    ],
  })
})
