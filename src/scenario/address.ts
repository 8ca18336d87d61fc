// Causal addresses: the names that faults, saved counterexamples and shrinking hang on.
// An address names one leg of one call by what caused it, never by a global count, so that it survives
// dropping other faults, shrinking the workload and unrelated edits of the handler. Knows no other noun.

/** One half of a call. A synchronous store call has only its `reply`: the moment directly after it. */
export type Leg = 'request' | 'reply'

/**
 * The name of one leg of one call, unique within a history.
 *
 * Matching uses (root, from, to, operation, key, leg, nth); `path` breaks ties. Incarnation numbers, body hashes,
 * generated ids and timestamps never appear.
 */
export interface Address {
  /** What started the chain: `pay#0` (an invocation), `boot(shop)`, `tick(shop#0, 3)`. */
  readonly root: string
  /** The calls between the root and this one, outermost first, each written by {@link step}. */
  readonly path: readonly string[]
  /** The caller's node; `client` for every client, whichever of them acts. */
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

/** The part of an address that names the call itself, as it stands in the `path` of what the call causes. */
export function step(call: Pick<Address, 'from' | 'to' | 'operation' | 'key' | 'nth'>): string {
  return `${call.from} -> ${call.to} ${call.operation}${call.key === undefined ? '' : ` ${call.key}`} ${call.nth}`
}

/** The address as one string: the identity that plans are looked up by. */
export function addressId(address: Address): string {
  return `${parentId(address.root, address.path)} | ${step(address)} ${address.leg}`
}

/** The identity of a causal parent: its root and the calls that lead to it. */
export function parentId(root: string, path: readonly string[]): string {
  return path.length === 0 ? root : `${root} | ${path.join(' | ')}`
}

/** The root of what one invocation of the workload causes. */
export function invocationRoot(operation: string, id: number): string {
  return `${operation}#${id}`
}

/** The root of what a node does on its own when it starts. */
export function bootRoot(node: string): string {
  return `boot(${node})`
}

/** The root of what the n-th firing of a node's periodic timer causes; `timer` numbers the node's periodic timers. */
export function tickRoot(node: string, timer: number, n: number): string {
  return `tick(${node}#${timer}, ${n})`
}

/** Where a fault that lasts the whole history starts: the moment a node, or one instance of it, first boots. */
export function bootAddress(node: string, instance = 1): Address {
  return { root: bootRoot(node), path: [], from: node, to: node, operation: 'boot', leg: 'request', nth: instance }
}

/** Whose boot an address names: `shop`, or `shop #2` for another of its instances. */
export function bootedName({ to, nth }: Address): string {
  return nth === 1 ? to : `${to} #${nth}`
}

/**
 * The same address with every alias and root renamed, as when the workload under it shrinks.
 *
 * @param rename told which of the two it is given, since `pay#1` may be the root of an invocation and the alias of a
 *   value
 */
export function renameAddress(address: Address, rename: (name: string, what: 'root' | 'alias') => string): Address {
  return {
    ...address,
    root: rename(address.root, 'root'),
    path: address.path.map((part) => renameStep(part, (key) => rename(key, 'alias'))),
    ...(address.key === undefined ? {} : { key: rename(address.key, 'alias') }),
  }
}

function renameStep(text: string, rename: (key: string) => string): string {
  return text.replace(/ (\S+#\d+) (\d+\S*)$/, (_, key: string, nth: string) => ` ${rename(key)} ${nth}`)
}

/**
 * How well a found address answers to a wanted one: 0 for another call, the highest for the same.
 *
 * Used to re-anchor a saved fault whose message no longer comes under its old name.
 */
export function likeness(wanted: Address, found: Address): number {
  if (wanted.from !== found.from || wanted.to !== found.to || wanted.leg !== found.leg) return 0
  let score = 1
  if (wanted.operation === found.operation) score += 8
  if (wanted.root === found.root) score += 4
  if (wanted.key === found.key) score += 2
  if (wanted.nth === found.nth) score += 2
  if (parentId('', wanted.path) === parentId('', found.path)) score += 1
  return score
}
