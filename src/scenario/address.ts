// Causal addresses: the names that faults, saved counterexamples and shrinking rely on.
// An address names one leg of one call by what caused it, never by a global count. So it stays valid when other faults
// are dropped, when the workload shrinks, and when unrelated parts of a handler are edited. Its text form stands in
// address-text.ts. Knows no other noun.

/** One half of a call. A synchronous store call has only its `reply`: the moment directly after it. */
export type Leg = 'request' | 'reply'

/**
 * What started a causal chain: an invocation of the workload, the start of a node, or the n-th firing of a node's
 * periodic timer. `timer` numbers the periodic timers of the node.
 */
export type Root =
  | { readonly kind: 'operation'; readonly operation: string; readonly invocation: number }
  | { readonly kind: 'boot'; readonly node: string }
  | { readonly kind: 'tick'; readonly node: string; readonly timer: number; readonly firing: number }

/** One call between the root and what it caused. */
export interface PathStep {
  readonly from: string
  readonly to: string
  readonly operation: string
  readonly key?: string
  readonly nth: number
  /** Which copy of the request caused what follows, where a fault duplicated it. Absent for the original. */
  readonly copy?: number
}

/**
 * The name of one leg of one call, unique within a history.
 *
 * Matching uses (root, from, to, operation, key, leg, nth); `path` breaks ties. Incarnation numbers, hashes of bodies,
 * generated ids and timestamps are never part of it.
 */
export interface Address {
  /** What started the chain. */
  readonly root: Root
  /** The calls between the root and this one, outermost first. */
  readonly path: readonly PathStep[]
  /** The caller's node; `client` for every client, whichever of them acts; a provider's name. */
  readonly from: string
  /** The callee: a node, an outside host, or a store. */
  readonly to: string
  /** `POST /orders`, `insert orders`, `boot`: what is asked, without values. */
  readonly operation: string
  /** The business key as an alias by first appearance in the workload (`order#0`), never the raw value. */
  readonly key?: string
  readonly leg: Leg
  /**
   * 1 for the first such call under the same parent, 2 for the next: an ordinary caller's second is its first retry.
   */
  readonly nth: number
}

/** The root of what one invocation of the workload causes. */
export function invocationRoot(operation: string, invocation: number): Root {
  return { kind: 'operation', operation, invocation }
}

/** The root of what a node does on its own when it starts. */
export function bootRoot(node: string): Root {
  return { kind: 'boot', node }
}

/** Who runs the procedure of `recover`, as the name of a node. */
export const operatorName = 'operator'

/** The root of what one firing of a node's periodic timer causes. */
export function tickRoot(node: string, timer: number, firing: number): Root {
  return { kind: 'tick', node, timer, firing }
}

/** The invocation that started a chain of calls; undefined where a node did so on its own. */
export function invocationOf(root: Root): number | undefined {
  return root.kind === 'operation' ? root.invocation : undefined
}

/** The operation of that invocation. */
export function operationOf(root: Root): string | undefined {
  return root.kind === 'operation' ? root.operation : undefined
}

/** Whether two roots are the same one. */
export function sameRoot(a: Root, b: Root): boolean {
  if (a === b) return true
  switch (a.kind) {
    case 'operation':
      return b.kind === 'operation' && a.invocation === b.invocation && a.operation === b.operation
    case 'boot':
      return b.kind === 'boot' && a.node === b.node
    case 'tick':
      return b.kind === 'tick' && a.firing === b.firing && a.timer === b.timer && a.node === b.node
    default:
      return a satisfies never
  }
}

/** Whether an operator's procedure started a chain of calls, in a system that has one. */
export function isRecovery(root: Root): boolean {
  return root.kind === 'boot' && root.node === operatorName
}

/** Whether no node sends it, but who carries an operation out: a client, or a provider. */
export function isFromOutside({ root, path, from }: Pick<Address, 'root' | 'path' | 'from'>): boolean {
  return from === 'client' || (root.kind === 'operation' && path.length === 0)
}

/** The call that an address names, as it stands in the `path` of what the call causes. */
export function pathStepOf({ from, to, operation, key, nth }: Omit<Address, 'leg'>): PathStep {
  return key === undefined ? { from, to, operation, nth } : { from, to, operation, key, nth }
}

/** The calls from the root to the addressed one, outermost first, the addressed one last. */
export function callChain(address: Address): readonly PathStep[] {
  return [...address.path, pathStepOf(address)]
}

/** Whether two steps are the same call, except for their numbers. */
export function sameCall(a: PathStep, b: PathStep): boolean {
  return a.from === b.from && a.to === b.to && a.operation === b.operation && a.key === b.key && a.copy === b.copy
}

/** The same call in the attempt before; undefined for a first attempt. */
export function attemptBefore(address: Address): Address | undefined {
  return address.nth > 1 || address.path.some(({ nth }) => nth > 1) ? otherAttempt(address, -1) : undefined
}

/** The same call in the attempt after a second or later one. */
export function attemptAfter(address: Address): Address {
  return otherAttempt(address, 1)
}

/** Of the call itself, or else of the innermost call around it that is not a first attempt. */
function otherAttempt(address: Address, by: 1 | -1): Address {
  const { path, nth } = address
  if (nth > 1) return { ...address, nth: nth + by }
  const last = path.findLastIndex((step) => step.nth > 1)
  return { ...address, path: path.map((step, n) => (n === last ? { ...step, nth: step.nth + by } : step)) }
}

/** Which attempt of its client, or delivery of its provider, a call belongs to: the number of the outermost call. */
export function attemptOf({ path, nth }: Pick<Address, 'path' | 'nth'>): number {
  return path[0]?.nth ?? nth
}

/** The same in words: `attempt 1` of a client, `delivery 1` of a provider. */
export function attemptWords({ path, from, nth }: Pick<Address, 'path' | 'from' | 'nth'>): string {
  return `${(path[0]?.from ?? from) === 'client' ? 'attempt' : 'delivery'} ${attemptOf({ path, nth })}`
}

/** Where a fault that lasts the whole history starts: the moment a node, or one instance of it, first boots. */
export function bootAddress(node: string, instance = 1): Address {
  return { root: bootRoot(node), path: [], from: node, to: node, operation: 'boot', leg: 'request', nth: instance }
}

/** The same for a client, which starts before its first invocation. Clients themselves are not known by number. */
export function clientAddress(operation: string, invocation: number): Address {
  return { ...bootAddress('client'), root: invocationRoot(operation, invocation) }
}

/** What belongs to whoever starts at an address: `shop's clock`, `the clock of the client of pay#0`. */
export function ownWords({ root, to, nth }: Address, thing: string): string {
  if (root.kind === 'operation') return `the ${thing} of the client of ${root.operation}#${root.invocation}`
  return `${nth === 1 ? to : `${to} #${nth}`}'s ${thing}`
}

/** The same address with other keys, its own and those in its path, as when the workload under it shrinks. */
export function renameKeys(address: Address, rename: (key: string) => string): Address {
  return { ...renamed(address, rename), path: address.path.map((step) => renamed(step, rename)) }
}

function renamed<T extends { readonly key?: string }>(call: T, rename: (key: string) => string): T {
  return call.key === undefined ? call : { ...call, key: rename(call.key) }
}

/** The same address without keys. */
export function withoutKeys(address: Address): Address {
  return { ...withoutKey(address), path: address.path.map(withoutKey) }
}

function withoutKey<T extends { readonly key?: string }>(call: T): Omit<T, 'key'> {
  const { key: _, ...rest } = call
  return rest
}
