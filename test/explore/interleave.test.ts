import { expect, test } from 'vitest'
import { interleave, type Part } from '../../src/explore/interleave.ts'

/** A part that notes each of its steps; with `end`, it ends the exploration after them. */
async function* noting(name: string, steps: number, order: string[], end?: string): Part<string> {
  for (let n = 0; n < steps; n++) {
    order.push(name)
    yield
  }
  return end
}

test('parts take turns by their shares, and one that is over leaves its share to the others', async () => {
  const order: string[] = []
  const end = await interleave([
    { part: noting('a', 6, order), share: 2 },
    { part: noting('b', 5, order), share: 1 },
  ])
  expect(end).toBeUndefined()
  expect(order.slice(0, 6).toSorted()).toEqual(['a', 'a', 'a', 'a', 'b', 'b'])
  expect(order).toHaveLength(11)
})

test('the first part that ends the exploration ends it', async () => {
  const order: string[] = []
  const end = await interleave([
    { part: noting('a', 9, order), share: 1 },
    { part: noting('b', 2, order, 'found by b'), share: 1 },
  ])
  expect([end, order.filter((name) => name === 'a').length <= 3]).toEqual(['found by b', true])
})

test('a part that waits goes on once it waits no longer, or nobody else is left', async () => {
  const order: string[] = []
  await interleave([
    { part: noting('waits', 2, order), share: 9, waits: () => order.length < 3 },
    { part: noting('a', 4, order), share: 1 },
    { part: noting('for ever', 1, order), share: 9, waits: () => true },
  ])
  expect(order).toEqual(['a', 'a', 'a', 'waits', 'waits', 'a', 'for ever'])
})

test('it stops before a step where it is told to', async () => {
  const order: string[] = []
  const end = await interleave([{ part: noting('a', 9, order, 'found'), share: 1 }], () => order.length === 2)
  expect([end, order]).toEqual([undefined, ['a', 'a']])
})

test('nothing ends nothing', async () => {
  expect(await interleave([])).toBeUndefined()
})
