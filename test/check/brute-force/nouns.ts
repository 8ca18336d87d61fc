// The operations and effects of the random histories, for the invariants that are compared.
import * as fc from 'fast-check'
import { journal, type Journal } from '../../../src/history/effect.ts'
import { op, type Operation } from '../../../src/system/operation.ts'
import type { Item } from './random-history.ts'

const item: fc.Arbitrary<Item> = fc.record({ key: fc.oneof(fc.string(), fc.nat()), quantity: fc.nat() })

export const pay: Operation<Item> = op('pay', item, () => undefined)
export const buy: Operation<Item> = op('buy', item, () => undefined)
export const charge: Journal<Item> = journal<Item>('charge')
export const restock: Journal<Item> = journal<Item>('restock')
export const level: Journal<Item> = journal<Item>('level')

export function keyOf({ key }: Item): string | number {
  return key
}

export function quantityOf({ quantity }: Item): number {
  return quantity
}
