// Contexts by what caused them, and the addresses of what code issues in one.
import type { Address, Leg, PathStep, Root } from '../scenario/address.ts'
import { rootText, stepText } from '../scenario/address-text.ts'
import type { Context, Host, Life, SentCall } from './context.ts'

/** The context of what starts a causal chain. Those of one root share their counts. */
export function rootContext(
  host: Host,
  life: Life,
  root: Root,
  invocation: number,
  cause: number,
  counts: Map<string, number>,
  sends: SentCall[] | undefined,
): Context {
  return { host, life, root, path: [], id: rootText(root), invocation, cause, counts, sends }
}

/** The context of what a call of another causes. `id` is the identity of that call. */
export function servedContext(
  life: Life,
  { host, root, path, invocation }: Context,
  step: PathStep,
  id: string,
  cause: number,
): Context {
  return {
    host,
    life,
    root,
    path: [...path, step],
    id,
    invocation,
    cause,
    counts: new Map(),
    sends: undefined,
  }
}

/** The identity of a call under a parent. */
export function callId({ id }: Context, step: PathStep): string {
  return `${id} | ${stepText(step)}`
}

/** The address of one leg of a call under a parent. */
export function addressUnder(
  { root, path }: Pick<Context, 'root' | 'path'>,
  from: string,
  to: string,
  operation: string,
  key: string | undefined,
  leg: Leg,
  nth: number,
): Address {
  return key === undefined
    ? { root, path, from, to, operation, leg, nth }
    : { root, path, from, to, operation, key, leg, nth }
}
