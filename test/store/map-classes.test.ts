// A Map as a store gives back copies. What a copy would not give back, the class of an instance, is refused as it is
// set, by name: a sound handler would otherwise be blamed for what the store did.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, atLeastOnce, map, op, rows, serve, type System } from '../../src/index.ts'

class Receipt {
  readonly lines: readonly string[]
  constructor(lines: readonly string[]) {
    this.lines = lines
  }
  isPaid(): boolean {
    return this.lines.length > 0
  }
}

interface Bill {
  readonly receipt: Receipt
}

const pay = op('pay', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }), { retries: 1 })

/** A shop that stores something for each order, and answers 500 to whatever is thrown. */
function storing<V>(kept: Map<string, V>, work: (id: string) => void): System {
  return {
    nodes: {
      shop: serve(() => async (request: Request) => {
        const id = await request.text()
        try {
          work(id)
        } catch {
          return new Response(null, { status: 500 })
        }
        return new Response(null, { status: 201 })
      }),
    },
    stores: [map(kept, { name: 'receipts' })],
    operations: [pay],
    invariants: [
      atLeastOnce(
        pay.by((id) => id),
        rows('receipt', () => [...kept.keys()]).by((id) => id),
      ),
    ],
  }
}

function assessed(system: System): ReturnType<typeof assess> {
  return assess(system, { seed: 1, numRuns: 5 })
}

test('an instance is refused as it is set, although the handler catches what is thrown', async () => {
  const kept = new Map<string, Receipt>()
  const system = storing(kept, (id) => {
    if (kept.get(id)?.isPaid() !== true) kept.set(id, new Receipt(['a']))
  })
  await expect(assessed(system)).rejects.toThrow(
    /^map\("receipts"\): the value under "0.*" is an instance of Receipt\. .* is plain data: set its fields/,
  )
})

test('so is one that stands in plain data, and what cannot be copied', async () => {
  const bills = new Map<string, Bill>()
  await expect(assessed(storing(bills, (id) => bills.set(id, { receipt: new Receipt([]) })))).rejects.toThrow(
    'holds at .receipt an instance of Receipt.',
  )
  const jobs = new Map<string, () => void>()
  await expect(assessed(storing(jobs, (id) => jobs.set(id, () => undefined)))).rejects.toThrow('cannot be copied')
})

test('and one that is there before the test starts', async () => {
  const kept = new Map([['a', new Receipt([])]])
  await expect(assessed(storing(kept, () => undefined))).rejects.toThrow(
    'the value under "a" is an instance of Receipt',
  )
  expect(kept.get('a')).toBeInstanceOf(Receipt)
})

test('its fields are stored, and the instance is made of them; dates and bytes come back as they are', async () => {
  const kept = new Map<string, { lines: readonly string[]; at: Date; signature: Buffer }>()
  const system = storing(kept, (id) => {
    const known = kept.get(id)
    if (known !== undefined && new Receipt(known.lines).isPaid()) {
      if (known.at.getTime() !== 0 || known.signature.toString('hex') !== '6162') throw new Error('changed')
      return
    }
    kept.set(id, { lines: ['a'], at: new Date(0), signature: Buffer.from('ab') })
  })
  expect((await assessed(system)).kind).toBe('holds')
})
