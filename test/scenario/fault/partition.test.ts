import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { partition, type Partition } from '../../../src/scenario/fault/partition.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

const { address: at } = callSite('request')
const fault = (more: Partial<Partition>): Partition => ({ kind: 'partition', at, side: ['shop'], way: 'both', ...more })

test('before the work cuts the link, or its way back; after it the callee is alone; each until healed', () => {
  const [request, reply] = [callSite('request'), callSite('reply')]
  expect(partition.values(request)).toStrictEqual(
    [fault({ other: ['bank'] }), fault({ other: ['bank'], way: 'in' })].map(({ kind, side, other, way }) => ({
      kind,
      at,
      side,
      other,
      way,
    })),
  )
  expect(partition.values(reply)).toStrictEqual([{ kind: 'partition', at: reply.address, side: ['bank'], way: 'both' }])
  expect(partition.values({ ...reply, nodes: ['shop'] })).toStrictEqual([])
})

test('before the work either end may be isolated, for longer than anybody waits, and not for ever', () => {
  const alone = (timersMs: readonly number[]): readonly string[] | undefined =>
    partition.rarer?.(callSite('request', { timersMs })).map(faultWords)
  expect(alone([])).toStrictEqual(['bank cut off from all others, for 10 s', 'shop cut off from all others, for 10 s'])
  expect(alone([1_000, 6_000])?.[0]).toBe('bank cut off from all others, for 12 s')
  expect(alone([300_000])?.[0]).toBe('bank cut off from all others, for 60 s')
  expect(partition.rarer?.(callSite('request', { nodes: ['shop'] }))).toHaveLength(1)
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => partition.rarer?.(site) ?? [])).toStrictEqual([])
})

test('a claim may name it by what it cuts', () => {
  const cut = partition.parts?.cuts
  expect(
    cut?.type === 'choices' ? [fault({}), fault({ other: ['bank'] })].map((one) => cut.of(one)) : [],
  ).toStrictEqual(['node', 'link'])
})

test('is none between a node and itself, nor of stores', () => {
  const own = callSite('request', { address: { ...at, to: 'shop' } })
  expect([own, writeSite, bootSite].flatMap((site) => partition.values(site))).toStrictEqual([])
})

test('cuts each way that it names', () => {
  const [shop, bank, rest] = [{ names: ['shop'] }, { names: ['bank'] }, { names: ['shop'], others: true }]
  const what = { kind: 'cut' }
  expect(deliveryOf([fault({ other: ['bank'], forMs: 5 })])).toStrictEqual({
    ...undisturbed,
    begins: [
      { from: shop, to: bank, what, forMs: 5 },
      { from: bank, to: shop, what, forMs: 5 },
    ],
  })
  expect(deliveryOf([fault({ way: 'out' }), fault({ way: 'in', other: ['bank'] })]).begins).toStrictEqual([
    { from: bank, to: shop, what },
    { from: shop, to: rest, what },
  ])
})

test('says who is cut off from whom, and for how long', () => {
  expect(
    [
      fault({}),
      fault({ other: ['bank', 'db'], forMs: 1_000 }),
      fault({ way: 'out', other: ['bank'] }),
      fault({ way: 'in' }),
    ].map(faultWords),
  ).toStrictEqual([
    'shop cut off from all others, until healed',
    'shop cut off from bank, db, for 1 s',
    'nothing of shop reaches bank, until healed',
    'nothing of all others reaches shop, until healed',
  ])
})
