// A cart that is listed in pages of twenty (PHENOMENA 30, 34): the invoice asks for the first page and takes it for the
// whole cart. Nobody tries that with twenty-one items.
import * as fc from 'fast-check'
import { always, journal, map, op, serve, type System } from '../../../src/index.ts'
import type { Planted } from '../planted.ts'
import { answer, post } from '../post.ts'
import { scenarioOf } from '../scenario-of.ts'

const pageSize = 20

function system(sound: boolean): System {
  const items = new Set<string>()
  const invoiced = journal<{ readonly inCart: number; readonly billed: number }>('invoice')
  const shop = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/items') {
      items.add((await request.json()) as string)
      return answer(201)
    }
    const page = (from: number): readonly string[] => [...items].slice(from, from + pageSize)
    let billed = page(0).length
    while (sound && page(billed).length > 0) billed += page(billed).length
    invoiced.add({ inCart: items.size, billed })
    return answer(200)
  }
  const add = op('add', fc.uuid(), (item) => post('http://shop/items', item), { timeout: 2_000 })
  const bill = op('bill', fc.constant(null), () => post('http://shop/bill', null), { timeout: 2_000 })
  return {
    nodes: { shop: serve(() => shop) },
    stores: [map(items, { name: 'items' })],
    operations: [add, bill],
    invariants: [
      always('an invoice has every item', invoiced, (all) => all.every(({ inCart, billed }) => inCart === billed)),
    ],
  }
}

const uuid = (n: number): string => `00000000-0000-1000-8000-${String(n).padStart(12, '0')}`

export const firstPage: Planted = {
  name: 'the twenty-first item is not billed',
  depth: 0,
  phenomena: [30, 34],
  system,
  smallest: scenarioOf([
    ...Array.from({ length: 21 }, (_, n) => ({ operation: 'add', input: uuid(n) })),
    { operation: 'bill', input: null },
  ]),
}
