// Oracles that can fail: what cannot is named, with what it would not have noticed, and nothing else is.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { always, map, op, rows, serve, type System } from '../../src/index.ts'
import { corruptions } from '../../src/oracle/corruptions.ts'
import { oracleRemarks } from '../../src/oracle/oracles.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { agreeing, banking, can, disagreeing, entry, judgedBy, never } from './green-for-ever.ts'

async function remarksOf(system: System): Promise<readonly string[]> {
  const simulation = await open(system)
  try {
    return await oracleRemarks(simulation, 1)
  } finally {
    await simulation.close()
  }
}

test('all that cannot fail are named', async () => {
  for (const invariant of never)
    expect((await remarksOf(judgedBy([invariant]))).join('\n')).toContain(
      `${invariant.name} would not have noticed a second "${invariant.effects[0]?.name ?? ''}"`,
    )
})

test('what can fail is not', async () => {
  const remarks = await remarksOf(judgedBy(can))
  expect(remarks).toEqual([])
})

describe('a broken twin of a stub', () => {
  test.each(agreeing.map((invariant) => [invariant.name, invariant] as const))(
    'deceives an invariant whose effects come together: %s',
    async (name, invariant) => {
      const remarks = await remarksOf(banking([invariant]))

      expect(remarks).toEqual([
        `${name} would not have noticed a missing or a second POST /transfers of bank.example: "booked" and "asked" ` +
          'change together then, and agree. No other invariant would have either. Count one of them against what was ' +
          'asked for, as exactlyOnce does.',
      ])
    },
  )

  test('is what corrupted copies do not show: each of these invariants objects to some of them', async () => {
    const remarks = await remarksOf(banking(agreeing))

    expect(remarks.filter((text) => text.includes('it holds in every corrupted copy'))).toEqual([])
  })

  test('deceives nobody where one invariant looks at one of them alone', async () => {
    for (const invariant of disagreeing.slice(0, 2)) {
      const remarks = await remarksOf(banking([...agreeing, invariant]))
      expect(remarks.filter((text) => text.includes('second POST'))).toEqual([])
    }
    expect(await remarksOf(banking(disagreeing))).toEqual([])
  })
})

test('a state in between is a corrupted copy too: what asks for the last one only can fail', async () => {
  expect(await remarksOf(banking(disagreeing.slice(2)))).toEqual([])
})

test('a journal that nobody checks against the world is told', async () => {
  const journals = can.filter(({ effects }) => effects.every(({ from }) => from === 'journal'))
  expect(journals.length).toBeGreaterThan(3)
  expect(await remarksOf(judgedBy(journals))).toEqual([
    'Invariants look at journal("note") alone, which the code under test writes itself. None would have noticed a ' +
      'second POST /charges of pay.example: count these with requests(...).',
  ])
})

describe('a corrupted copy', () => {
  test('has what the workload gave, and anew what the code made', async () => {
    const simulation = await open(judgedBy(can))
    try {
      const input = { order: '00000000-0000-4000-8000-000000000001', cents: 5 }
      const workload = { invocations: [{ id: 0, operation: 'buy', client: 0, afterMs: 0, input }] }
      const { history } = await simulation.run({ workload, plan: noFaults, seed: 1 })
      const copies = [...corruptions(history, entry.name, workload)]
      const again = copies.find(({ how }) => how === 'again')
      const [first, second] = (again?.history.readings ?? [])
        .filter(({ effect }) => effect === entry.name)
        .map(({ value }) => value as { id: string; order: string; cents: number })
      expect(second).toMatchObject(input)
      expect(second?.id).not.toBe(first?.id)
      const charged = [...corruptions(history, 'charge', workload)].find(({ how }) => how === 'often')
      // Events are numbered by their places, and the end is the last
      const { events = [] } = charged?.history ?? {}
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      expect(events.at(-1)?.kind).toBe('end')
      expect(events.filter((event) => event.kind === 'effect' && event.effect === 'charge')).toHaveLength(201)
    } finally {
      await simulation.close()
    }
  })
})

test.each<[string, (id: string) => unknown]>([
  ['whole numbers without end', (id) => ({ id, cents: 10n })],
  ['dates and bytes', (id) => ({ id, at: new Date(5), bytes: new Uint8Array([1]) })],
  ['lists', (id) => [id, [1, 2]]],
  [
    'values that hold themselves',
    (id) => {
      const row: Record<string, unknown> = { id }
      row['self'] = row
      return row
    },
  ],
])('rows of %s are asked about as others are', async (_, make) => {
  const kept = new Map<string, unknown>()
  const row = rows('row', () => [...kept.values()], { everyCommit: true })
  const shop = serve(() => async (request: Request) => {
    const id = await request.text()
    kept.set(id, make(id))
    return new Response('kept')
  })
  const system: System = {
    nodes: { shop },
    stores: [map(kept, { name: 'kept' })],
    operations: [op('keep', fc.uuid(), (body) => fetch('http://shop/', { method: 'POST', body }))],
    invariants: [always('fine', row, () => true), always('few', row, (all) => all.length < 150)],
  }
  expect(await remarksOf(system)).toEqual([expect.stringContaining('fine would not have noticed a second "row"')])
})
