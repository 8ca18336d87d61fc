// The order in which two processes use one store, as far as a plan decides it. Everything else happens in the order of
// the steps. Knows addresses only.
import { operationOf, type Address } from './address.ts'
import { addressId } from './address-text.ts'
import { callPhrase } from './fault/call-words.ts'

/**
 * A change of a store that comes late: only after other processes have read that store at the same moment of virtual
 * time. This is no fault: it can happen whenever two processes share a store, since one may change it between any two
 * statements of the other, even if the other does not wait there.
 */
export interface LateChange {
  /** The call on the store that commits the change. */
  readonly at: Address
  /** How many reads of each other process come before it. @default all, until that process changes something */
  readonly reads?: number
}

/** The id of a late change. */
export function lateId({ at, reads }: LateChange): string {
  return reads === undefined ? addressId(at) : `${addressId(at)} after ${reads}`
}

/** Describes a late change in a whole phrase, without raw values. */
export function describeLate({ at, reads }: LateChange): string {
  const many = reads === undefined ? 'what' : reads === 1 ? 'the first thing that' : `the first ${reads} things that`
  return `${callPhrase(at, ` in ${at.to}`)} comes only after ${many} another process reads there at that moment`
}

/** The kind of change: the same for every workload and repetition. */
export function lateClass({ at, reads }: LateChange): string {
  return `${operationOf(at.root) ?? at.root.kind} ${at.from} -> ${at.to} ${at.operation} ${reads ?? ''}`
}
