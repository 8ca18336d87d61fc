// The system under test as one plain object: nodes, operations, invariants. Knows the other nouns, and not how anything
// runs.
import type { ToleratedFault } from '../scenario/fault/registry.ts'
import { assertParts } from './assert-parts.ts'
import type { Capacity } from './capacity.ts'
import type { Operation } from './operation.ts'
import type { Store } from './store.ts'
import { foundWords } from '../plain/options.ts'
import type { Invariant } from '../verdict/verdict.ts'

/** A node: how an incarnation of it starts, and how that handles a request. */
export interface NodeDefinition {
  readonly kind: 'node'
  /** The origin it answers at. @default `http://<its key in nodes>` */
  readonly at?: string
  /** How many instances of it run at once. @default 1 */
  readonly instances?: number
  /** How much each instance of it does at once. @default no limit */
  readonly capacity?: Capacity
  /** Starts an incarnation. @throws what the user's factory throws */
  boot(): unknown
  /** Starts an incarnation of the version that a deploy brings. @default as `boot` */
  next?(): unknown
  /** Passes one request to what `boot` returned. @throws what the handler throws */
  handle(app: unknown, request: Request): Promise<Response>
}

/** The outside world: what `setupServer` returns, or a list of msw handlers. */
export type Outside = readonly unknown[] | { listHandlers(): readonly unknown[] }

/**
 * Faults that a claim names: kinds or parts of them, anywhere or for each node (`worker`), outside host and link
 * (`'shop -> api.stripe.com'`). Of a node: what strikes its process or clocks, and the messages of calls to it.
 */
export type ToleratedFaults = readonly ToleratedFault[] | { readonly [place: string]: readonly ToleratedFault[] }

/**
 * Which faults the system claims to survive: the faults themselves; or limits of the default ones.
 *
 * @example
 * const tolerates: Tolerates = { worker: ['crash', 'pause'], 'shop -> bank': [{ kind: 'lose', leg: 'reply' }] }
 * @example
 * const tolerates: Tolerates = { except: ['drift', { kind: 'jump', direction: 'back' }], trusted: ['bank'], atMost: 2 }
 */
export type Tolerates = ToleratedFaults | ClaimLimits

/** A claim by its limits. */
export interface ClaimLimits {
  /** Nothing but these; each has to fire in some history. @default every kind of fault that happens in reality */
  readonly only?: ToleratedFaults
  /** None of these. @default none */
  readonly except?: ToleratedFaults
  /** The most faults in one history. @default 12 */
  readonly atMost?: number
  /**
   * Nodes that stand in for a provider. The network disturbs them, but they never crash or pause, nobody deploys them,
   * and their clocks are right.
   *
   * @default none
   */
  readonly trusted?: readonly string[]
}

/** The system under test. */
export interface System {
  /** The user's services, by name: reachable at `http://<name>` unless `at` says otherwise. */
  readonly nodes: Readonly<Record<string, NodeDefinition>>
  /** What clients do. At least one. */
  readonly operations: readonly Operation<unknown>[]
  /**
   * Operations that are carried out once each, with a drawn input, when the healed system is quiet: "it takes orders
   * again".
   *
   * @default none
   */
  readonly probe?: readonly Operation<unknown>[]
  /**
   * What an operator does by hand once everything has healed and is quiet: a procedure that runs as a process of its
   * own, on a machine named `operator`. It is run twice, and may be interrupted: where the claim has `crash`, it dies
   * in the middle and is run again from its start, and so may a node that it calls. Invariants are judged after it.
   *
   * Recovery that may itself be cut short, and must be idempotent: Candea and Fox, "Crash-only software" (HotOS 2003).
   *
   * @default nobody helps: the system recovers by itself
   * @example recover: () => chargeWhatIsOpen(db)
   */
  readonly recover?: () => unknown
  /** What must hold in every history. At least one. */
  readonly invariants: readonly Invariant[]
  /** Stubs for all other hosts. */
  readonly outside?: Outside
  /** Stores that survive a crash. */
  readonly stores?: readonly Store[]
  /**
   * The claim. It limits which faults occur, never what is judged.
   *
   * @default every kind of fault that happens in reality
   */
  readonly tolerates?: Tolerates
  /** How many clients act at once. @default 3 */
  readonly clients?: number
  /**
   * The most operations in one history. The smallest workload has each operation once, even if these are more.
   *
   * @default 8; up to 30 in two fifths of the random histories, where no invariant claims a consistency model and no
   *   node has a capacity
   */
  readonly maxOperations?: number
  /**
   * When healing begins at the latest, in milliseconds of virtual time. Half of it bounds the lengths of time that are
   * drawn.
   *
   * @default twice the longest timer, at least a minute, at most ten; and a minute after the last operation and the
   *   last long fault
   */
  readonly faultsForMs?: number
  /**
   * How long recovery may take after healing, in milliseconds of virtual time. If your code has timers of more than
   * twelve hours, give at least twice the longest one, or what only they bring about is never seen.
   *
   * @default twice the longest timer, at least 10 minutes, at most 24 hours
   */
  readonly recoverForMs?: number
}

/**
 * Checks what a caller passed, who may write plain JavaScript.
 *
 * @throws where the value is not a system
 */
export function assertSystem(value: unknown, caller: string): asserts value is System {
  const given: Partial<System> = typeof value === 'object' && value !== null ? value : {}
  if (isObject(given.nodes) && isObject(given.operations) && isObject(given.invariants))
    return assertParts(given, Object.keys(parts))
  throw new Error(`${caller}: expected a system, { nodes, operations, invariants }, and found ${wordsFor(value)}`)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

const parts: Record<keyof System, true> = {
  nodes: true,
  operations: true,
  probe: true,
  recover: true,
  invariants: true,
  outside: true,
  stores: true,
  tolerates: true,
  clients: true,
  maxOperations: true,
  faultsForMs: true,
  recoverForMs: true,
}

function wordsFor(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return `${typeof value === 'function' ? 'a function' : String(value)}. Write ${example}.`
  if ('generate' in value && 'run' in value)
    return (
      'a fast-check property. It knows no system: write fc.assert(resilience(system)), or ' +
      'fc.asyncProperty(scenario(system), ...).'
    )
  if ('generate' in value) return 'a fast-check arbitrary. Give it to an operation: op(name, arbitrary, run).'
  const odd = Object.entries(value).flatMap(([part, found]) =>
    ['nodes', 'operations', 'invariants'].includes(part) && !isObject(found) ? [`${part} is ${foundWords(found)}`] : [],
  )
  const found = Object.keys(value).join(', ') || 'nothing in it'
  const where = odd.length === 0 ? '' : `, where ${odd.join(' and ')}`
  return `an object with ${found}${where}. Write ${example}.`
}

const example = '{ nodes: { shop: serve(() => app) }, operations: [pay], invariants: [noHang()] }'

/** The limits of its workloads. */
export function boundsOf({ clients = 3, maxOperations = 8, invariants }: System): {
  readonly clients: number
  readonly maxOperations: number
} {
  return { clients, maxOperations: Math.min(maxOperations, ...invariants.map((one) => one.mostOperations ?? Infinity)) }
}

/** Names of the journals that its invariants read. */
export function journalsOf({ invariants }: System): ReadonlySet<string> {
  return new Set(
    invariants.flatMap(({ effects }) => effects.flatMap(({ from, name }) => (from === 'journal' ? [name] : []))),
  )
}
