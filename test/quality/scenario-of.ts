// Scenarios written by hand, with addresses as one text each: the text that identifies an address everywhere else.
import type { Address, Fault, LateChange, Scenario } from '../../src/index.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { rootOf, stepOf } from '../address-of.ts'

type WithText<F> = F extends { readonly at: Address } ? Omit<F, 'at'> & { readonly at: string } : never

/** A fault whose address is a text. */
export type WrittenFault = WithText<Fault>

/** An invocation: its operation and input; where it says no more, by client 0, at once, and numbered by its place. */
export interface WrittenInvocation {
  readonly operation: string
  readonly input: unknown
  /** @default 0 */
  readonly client?: number
  /** @default 0 */
  readonly afterMs?: number
}

/**
 * A scenario of a listed plan, with seed 1.
 *
 * @example
 * scenarioOf([{ operation: 'pay', input: 1 }], [{ kind: 'lose', at: 'pay#0 | client -> shop POST / 1 reply' }])
 */
export function scenarioOf(
  invocations: readonly WrittenInvocation[],
  faults: readonly WrittenFault[] = [],
  late: readonly WithText<LateChange>[] = [],
): Scenario {
  const order = late.map((change) => ({ ...change, at: addressOf(change.at) }))
  return {
    seed: 1,
    workload: {
      invocations: invocations.map(({ operation, input, client = 0, afterMs = 0 }, id) => ({
        id,
        operation,
        client,
        afterMs,
        input,
      })),
    },
    plan: {
      kind: 'listed',
      faults: faults.map((fault) => ({ ...fault, at: addressOf(fault.at) })),
      ...(order.length === 0 ? {} : { order }),
    },
  }
}

/** The address of its text. @throws where it is none */
export function addressOf(text: string): Address {
  const [root = '', ...steps] = text.split(' | ')
  const [, last = '', leg] = /^(.+) (request|reply)$/.exec(steps.at(-1) ?? '') ?? []
  const { copy: _, ...step } = stepOf(last)
  const address: Address = {
    root: rootOf(root),
    path: steps.slice(0, -1).map(stepOf),
    ...step,
    leg: leg === 'request' ? 'request' : 'reply',
  }
  if (addressId(address) !== text) throw new Error(`"${text}" is no address: it would be "${addressId(address)}".`)
  return address
}
