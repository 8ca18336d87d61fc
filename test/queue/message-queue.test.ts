// One queue as a state machine: what is visible when, in which order, how often, and what a receipt is good for.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageQueue, type QueueRules } from '../../src/queue/core/message-queue.ts'

const rules: QueueRules = { visibilityMs: 30, delayMs: 0, maxReceives: undefined, fifo: false }
const inOrder: QueueRules = { ...rules, fifo: true }

const ids = (messages: readonly { readonly id: string }[]): readonly string[] => messages.map(({ id }) => id)

function filled(given: QueueRules, ...names: readonly string[]): MessageQueue {
  const queue = new MessageQueue(given)
  for (const id of names) queue.send({ id, body: id, group: id[0] ?? '' }, 0)
  return queue
}

describe('visibility', () => {
  test('a message that is out is given to nobody else until its time is over', () => {
    const queue = filled(rules, 'a', 'b')
    expect(ids(queue.receive(1, 0))).toEqual(['a'])
    expect(ids(queue.receive(10, 29))).toEqual(['b'])
    expect(ids(queue.receive(10, 30))).toEqual(['a'])
  })

  test('a new message may wait, and one that is out may be hidden for longer, or shown at once', () => {
    const queue = new MessageQueue({ ...rules, delayMs: 5 })
    const message = queue.send({ id: 'a', body: '' }, 0)
    expect(queue.visible(4)).toEqual([])
    queue.receive(1, 5)
    queue.hide(message, 100, 10)
    expect(queue.visible(109)).toEqual([])
    queue.hide(message, 0, 50)
    expect(ids(queue.visible(50))).toEqual(['a'])
  })

  test('what was received too often is dead once it comes back', () => {
    const queue = filled({ ...rules, maxReceives: 2 }, 'a')
    queue.receive(1, 0)
    expect(queue.takeDead(30)).toEqual([])
    queue.receive(1, 30)
    expect(queue.takeDead(59)).toEqual([])
    expect(ids(queue.takeDead(60))).toEqual(['a'])
    expect(queue.size).toBe(0)
  })
})

describe('receipts', () => {
  test('only the last one deletes, in time or not', () => {
    const queue = filled(rules, 'a')
    const first = queue.receive(1, 0)[0]?.receipt ?? ''
    expect(queue.stateOf(first, 10)).toBe('out')
    expect(queue.stateOf(first, 30)).toBe('expired')
    const [second] = queue.receive(1, 30)
    expect(queue.stateOf(first, 31)).toBe('replaced')
    if (second !== undefined) queue.delete(second)
    expect(queue.stateOf(first, 31)).toBe('gone')
    expect(queue.stateOf('nobody gave this', 0)).toBe('gone')
  })
})

describe('order', () => {
  test('a message that is out blocks its group, and no other', () => {
    const queue = filled(inOrder, 'a1', 'a2', 'b1')
    expect(ids(queue.receive(1, 0))).toEqual(['a1'])
    expect(ids(queue.receive(10, 0))).toEqual(['b1'])
    expect(ids(queue.receive(10, 30))).toEqual(['a1', 'a2', 'b1'])
  })

  test('a deduplication id is one message for five minutes, also when that is deleted', () => {
    const queue = new MessageQueue(inOrder)
    const first = queue.send({ id: '1', body: '', group: 'g', deduplicationId: 'x' }, 0)
    queue.delete(first)
    expect(queue.send({ id: '2', body: '', group: 'g', deduplicationId: 'x' }, 299_999).id).toBe('1')
    expect(queue.send({ id: '3', body: '', group: 'g', deduplicationId: 'x' }, 300_000).id).toBe('3')
    expect(queue.size).toBe(1)
  })
})

test('whatever is done in whatever order, nothing is lost, invented or given to two at once', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), group: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('receive' as const), most: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('delete' as const), which: fc.nat(5) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, fifo) => {
      const queue = new MessageQueue({ ...rules, fifo })
      /** Messages by the moment from which on they may be given out; those that are deleted are not here. */
      const model = new Map<string, { group: string; fromMs: number }>()
      let nowMs = 0
      let sent = 0
      for (const one of steps) {
        if (one.kind === 'wait') nowMs += one.ms
        if (one.kind === 'send') {
          const id = `${(sent += 1)}`
          queue.send({ id, body: '', group: one.group }, nowMs)
          model.set(id, { group: one.group, fromMs: nowMs })
        }
        if (one.kind === 'receive') {
          const may: string[] = []
          for (const [id, { group, fromMs }] of model) {
            const before = [...model].slice(0, [...model.keys()].indexOf(id))
            const isBlocked = fifo && before.some(([, other]) => other.group === group && other.fromMs > nowMs)
            if (fromMs <= nowMs && !isBlocked) may.push(id)
          }
          const given = queue.receive(one.most, nowMs)
          expect(ids(given)).toEqual(may.slice(0, one.most))
          for (const { id } of given) model.set(id, { group: model.get(id)?.group ?? '', fromMs: nowMs + 30 })
        }
        if (one.kind === 'delete') {
          const out = queue.messages.filter(({ receipt }) => receipt !== undefined)
          const message = out[one.which % Math.max(1, out.length)]
          if (message === undefined) continue
          queue.delete(message)
          model.delete(message.id)
        }
      }
      expect(ids(queue.messages)).toEqual([...model.keys()])
    }),
  )
})
