// Parts of addresses from their text, so that tests can write them as files and reports do.
import { parseRoot, parseStep } from '../src/scenario/address-text.ts'
import type { PathStep, Root } from '../src/scenario/address.ts'

/** @example rootOf('pay#0') // { kind: 'operation', operation: 'pay', invocation: 0 } */
export function rootOf(text: string): Root {
  const root = parseRoot(text)
  if (root === undefined) throw new Error(`"${text}" is no root of an address.`)
  return root
}

/** @example stepOf('client -> shop POST /orders 1').nth // 1 */
export function stepOf(text: string): PathStep {
  const step = parseStep(text)
  if (step === undefined) throw new Error(`"${text}" is no step in the path of an address.`)
  return step
}
