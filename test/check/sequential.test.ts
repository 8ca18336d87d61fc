import { describe, expect, test } from 'vitest'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { sequential } from '../../src/check/linearizable/sequential.ts'
import { register } from '../../src/check/models/register.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'

/** One operation of a client: `['w', 'x', 1]` or `['r', 'x', 1]`. They run one after the other. */
type Step = readonly [client: number, f: 'r' | 'w', key: string | undefined, value: number]

function oneByOne(...steps: readonly Step[]): History {
  const events = steps.flatMap(([client, f, key, value], invocation): readonly HistoryEvent[] => {
    const at = {
      seq: 2 * invocation,
      atMs: 2 * invocation,
      node: `client#${client}`,
      cause: -1,
      invocation,
      client,
      operation: f === 'r' ? 'read' : 'write',
    }
    return [
      { kind: 'invoke', ...at, input: f === 'w' ? value : null, ...(key === undefined ? {} : { key }) },
      { kind: 'ok', ...at, seq: at.seq + 1, atMs: at.atMs + 1, ...(f === 'r' ? { value } : {}) },
    ]
  })
  return { events, readings: [], notes: [] }
}

const registers = sequential(register(0))

describe('sequential', () => {
  test('holds when a client reads a value that another has already replaced, which is not linearizable', () => {
    const late = oneByOne(
      [1, 'w', undefined, 1],
      [1, 'w', undefined, 2],
      [2, 'r', undefined, 1],
      [2, 'r', undefined, 2],
    )

    expect(registers.check(late)).toEqual({ kind: 'holds', reasons: [] })
    expect(linearizable(register(0)).check(late).kind).toBe('violated')
  })

  test('is violated when a client reads backwards', () => {
    const back = oneByOne(
      [1, 'w', undefined, 1],
      [1, 'w', undefined, 2],
      [2, 'r', undefined, 2],
      [2, 'r', undefined, 1],
    )

    expect(registers.check(back)).toEqual({
      kind: 'violated',
      reasons: [
        {
          kind: 'not-sequential',
          text:
            "no order that keeps each client's own comes further than this: read by client 2 returned 1 (0.006 " +
            's to 0.007 s), but the register was 2 (after write 2 by client 1). ' +
            'These contradict each other, whatever became of the others; without any one of them there is an order: ' +
            'write 1 by client 1, read by client 2 returned 2 and read by client 2 returned 1.',
          events: [0, 1, 4, 5, 6, 7],
        },
      ],
    })
  })

  test('is violated when two keys, each in order, contradict each other: both clients write first, and neither write is seen', () => {
    const dekker = oneByOne([1, 'w', 'x', 1], [2, 'w', 'y', 1], [1, 'r', 'y', 0], [2, 'r', 'x', 0])
    const verdict = registers.check(dekker)

    expect(verdict.kind).toBe('violated')
    expect(verdict.reasons[0]?.text).toBe(
      'no order that keeps each client\'s own comes further than this: read by client 2 returned 0 on "x" ' +
        '(0.006 s to 0.007 s), but the register was 1. ' +
        'These contradict each other; without any one of them there is an order: ' +
        'write 1 by client 1 on "x", write 1 by client 2 on "y", read by client 1 returned 0 on "y" and read by ' +
        'client 2 returned 0 on "x".',
    )
    expect(verdict.reasons[0]?.events).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('distinguishes the keys 1 and "1"', () => {
    const { events, ...rest } = oneByOne([1, 'w', 'x', 1], [2, 'r', 'x', 0], [2, 'r', 'x', 1])
    const keyed = (key: (seq: number) => string | number): History => ({
      events: events.map((event) => (event.kind === 'invoke' ? { ...event, key: key(event.seq) } : event)),
      ...rest,
    })

    expect(registers.check(keyed(() => 1)).kind).toBe('holds')
    expect(registers.check(keyed((seq) => (seq === 0 ? 1 : '1'))).kind).toBe('violated')
  })

  test('is unknown when a budget runs out, and vacuous when nothing was answered', () => {
    const many = oneByOne(...Array.from({ length: 40 }, (_, n): Step => [n % 8, n % 2 === 0 ? 'w' : 'r', 'x', n % 5]), [
      9,
      'r',
      'x',
      9,
    ])

    expect(sequential(register(0), undefined, { steps: 50 }).check(many)).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('the budget of 50 steps ran out') as string }],
    })
    expect(registers.check(oneByOne()).kind).toBe('vacuous')
  })
})
