import { describe, expect, test } from 'vitest'
import type { Act } from '../../src/history/act.ts'
import { contentOf } from '../../src/check/content.ts'
import { bank } from '../../src/check/models/bank.ts'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { counter } from '../../src/check/models/counter.ts'
import { fifoQueue } from '../../src/check/models/fifo-queue.ts'
import { keyValue } from '../../src/check/models/key-value.ts'
import { mutex } from '../../src/check/models/mutex.ts'
import { register } from '../../src/check/models/register.ts'
import { set } from '../../src/check/models/set.ts'
import type { Model } from '../../src/system/model.ts'
import { workloads } from './brute-force/random-acts.ts'

/** An act from a text: `cas [0,1] -> false` gives f, input and output. Without an output it is not known. */
type Written = readonly [f: string, input?: unknown, output?: unknown]

/** The state after these acts, or the first act that is refused. */
function after(model: Model<unknown>, ...acts: readonly Written[]): unknown {
  let state = model.initial()
  for (const [f, input, output] of acts) {
    const next = model.step(state, { f, input, output })
    if (next === undefined) return `refused: ${f}`
    state = next
  }
  return state
}

describe('register', () => {
  test('returns what was written, by content', () => {
    expect(
      after(register(), ['read', null, null], ['write', { a: 1, b: 2 }, null], ['read', null, { b: 2, a: 1 }]),
    ).toEqual({ a: 1, b: 2 })
    expect(after(register(0), ['write', 1, null], ['read', null, 0])).toBe('refused: read')
  })
})

describe('cas-register', () => {
  test('sets the value that it finds, or finds another', () => {
    expect(after(casRegister(0), ['cas', [0, 1], true], ['cas', [0, 2], false], ['read', null, 1])).toBe(1)
    expect(after(casRegister(0), ['cas', [1, 2], null])).toBe('refused: cas')
    expect(after(casRegister(0), ['cas', [0, 2], false])).toBe('refused: cas')
    expect(after(casRegister(0), ['cas', [1, 2]], ['cas', [0, 3]])).toBe(3)
  })
})

describe('counter', () => {
  test('adds up', () => {
    expect(after(counter(), ['add', 2, null], ['add', -3], ['read', null, -1])).toBe(-1)
    expect(after(counter(5), ['read', null, 0])).toBe('refused: read')
    expect(() => after(counter(), ['add', 'two'])).toThrow('The model counter cannot add "two"; give a number.')
  })
})

describe('set', () => {
  test('has each element once, in no order', () => {
    expect(
      after(
        set(),
        ['add', 2],
        ['add', 1],
        ['add', 2],
        ['read', null, [2, 1]],
        ['contains', 1, true],
        ['remove', 1],
        ['contains', 1, false],
      ),
    ).toEqual([2])
    expect(after(set(), ['add', 1], ['read', null, null])).toBe('refused: read')
    expect(after(set(), ['read', null, null], ['contains', 1, true])).toBe('refused: contains')
    expect(after(set(), ['add', { a: 1 }], ['read', null, [{ a: 1 }, { a: 1 }]])).toBe('refused: read')
  })
})

describe('queue', () => {
  test('gives the oldest first, and null when empty', () => {
    expect(
      after(
        fifoQueue(),
        ['enqueue', 1],
        ['enqueue', 2],
        ['dequeue', null, 1],
        ['dequeue', null, 2],
        ['dequeue', null, null],
      ),
    ).toEqual([])
    expect(after(fifoQueue(), ['enqueue', 1], ['enqueue', 2], ['dequeue', null, 2])).toBe('refused: dequeue')
    expect(after(fifoQueue(), ['enqueue', 1], ['enqueue', 2], ['dequeue'])).toEqual([2])
  })
})

describe('key-value', () => {
  test('appends texts', () => {
    expect(
      after(
        keyValue(),
        ['get', null, null],
        ['append', 'a'],
        ['append', 'b'],
        ['get', null, 'ab'],
        ['put', 'c'],
        ['get', null, 'c'],
      ),
    ).toBe('c')
    expect(after(keyValue(''), ['get', null, null])).toBe('refused: get')
    expect(() => after(keyValue(), ['put', {}], ['append', 'b'])).toThrow(
      'The model key-value cannot append "b" to {}; both have to be texts.',
    )
  })
})

describe('mutex', () => {
  test('is held by one, with tokens that grow', () => {
    expect(
      after(mutex(), ['acquire', null, 3], ['acquire', null, false], ['release', 3, null], ['acquire', null, 4]),
    ).toEqual({ holder: 4, highest: 4, seen: 0 })
    expect(after(mutex(), ['acquire', null, 3], ['acquire', null, 4])).toBe('refused: acquire')
    expect(after(mutex(), ['acquire', null, 3], ['release', 3, null], ['acquire', null, 3])).toBe('refused: acquire')
    expect(after(mutex(), ['acquire', null, false])).toBe('refused: acquire')
  })

  test('is released by its holder only; nobody knows who holds it after an acquire without an answer', () => {
    expect(after(mutex(), ['acquire', null, 3], ['release', 2, null])).toBe('refused: release')
    expect(after(mutex(), ['release', null, null])).toBe('refused: release')
    expect(after(mutex(), ['acquire'], ['release', 2, null])).toEqual({ holder: null, highest: 0, seen: 0 })
    expect(after(mutex(), ['acquire', null, null], ['release', null, null])).toEqual({
      holder: null,
      highest: 0,
      seen: 0,
    })
  })

  test('the resource turns away tokens lower than it has seen', () => {
    expect(after(mutex(), ['use', 2, null], ['use', 1, false], ['use', 2, null])).toEqual({
      holder: null,
      highest: 0,
      seen: 2,
    })
    expect(after(mutex(), ['use', 2, null], ['use', 1, null])).toBe('refused: use')
    expect(after(mutex(), ['use', 2, false])).toBe('refused: use')
  })
})

describe('bank', () => {
  const money = bank({ a: 2, b: 0 })

  test('moves money that is there', () => {
    expect(after(money, ['transfer', { from: 'a', to: 'b', amount: 2 }, null], ['read', null, { b: 2, a: 0 }])).toEqual(
      { a: 0, b: 2 },
    )
    expect(after(money, ['transfer', { from: 'b', to: 'a', amount: 1 }, null])).toBe('refused: transfer')
    expect(
      after(
        money,
        ['transfer', { from: 'b', to: 'a', amount: 1 }, false],
        ['transfer', { from: 'b', to: 'a', amount: 1 }],
      ),
    ).toEqual({ a: 2, b: 0 })
    expect(after(money, ['transfer', { from: 'a', to: 'a', amount: 1 }, null])).toEqual({ a: 2, b: 0 })
    expect(() => after(money, ['transfer', { from: 'a', to: 'c', amount: 1 }])).toThrow(
      'The bank has no account "c"; give bank(...) all accounts.',
    )
  })
})

describe('every built-in model', () => {
  test.each(workloads)(
    '$name: step is a function, leaves states alone, and what only reads does only that',
    ({ model, acts, outputs }) => {
      const states = new Map([[contentOf(model.initial()), model.initial()]])
      for (const state of states.values()) {
        if (states.size > 300) break
        const before = contentOf(state)
        for (const act of acts.flatMap((asked): readonly Act[] => [
          asked,
          ...outputs.map((output) => ({ ...asked, output })),
        ])) {
          const next = model.step(state, act)
          expect(contentOf(model.step(state, act))).toBe(contentOf(next))
          expect(contentOf(state)).toBe(before)
          if (next === undefined) continue
          if (model.readOnly?.(act) === true) expect(contentOf(next)).toBe(before)
          if (!states.has(contentOf(next))) states.set(contentOf(next), next)
        }
      }
    },
  )

  test.each(workloads.filter(({ model }) => model.needs !== undefined))(
    '$name: where a need is met by nothing that is left, nothing brings a read about',
    ({ model, acts, outputs }) => {
      const isRead = (act: Act): boolean => model.readOnly?.(act) === true
      const writes = acts.filter((act) => !isRead(act))
      const reads = acts.filter(isRead).flatMap((act) => outputs.map((output) => ({ ...act, output })))
      const fits = (state: unknown, read: Act): boolean => model.step(state, read) !== undefined
      /** All states that these acts can lead to, if each is used once. */
      const reachable = (state: unknown, left: readonly Act[]): readonly unknown[] => [
        state,
        ...left.flatMap((act) =>
          reachable(
            model.step(state, act),
            left.filter((other) => other !== act),
          ),
        ),
      ]
      for (const state of reachable(model.initial(), writes.slice(0, 3))) {
        for (const read of reads.filter((one) => !fits(state, one))) {
          for (const need of model.needs?.(state, read) ?? []) {
            const useless = writes.filter((by) => !need(by)).slice(0, 4)
            for (const end of reachable(state, useless))
              expect(fits(end, read), JSON.stringify([state, read, useless])).toBe(false)
          }
        }
      }
    },
  )

  test('refuses an act that it does not have', () => {
    for (const { model } of workloads)
      expect(() => model.step(model.initial(), { f: 'explode', input: 1 })).toThrow('has no "explode"')
  })
})
