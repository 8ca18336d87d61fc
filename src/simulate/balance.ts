// The balancer before a node's instances: who takes a request. By the request's name, never by who came first: dropping
// a fault or another operation then sends no other request elsewhere, so that shrinking keeps the failure. A retry goes
// to the next instance, as a copy does.
import type { PathStep, Root } from '../scenario/address.ts'
import type { Life } from './context.ts'
import type { Instance, Node } from './node-state.ts'

/** A request, as far as its name decides where it goes. */
interface Requested {
  readonly context: { readonly root: Root; readonly path: readonly PathStep[] }
  readonly step: PathStep
}

/** Who takes a request: a life, and what its `boot` gave. */
type Taker = Pick<Instance, 'life' | 'app'>

/** Who takes a call: the instance that it goes to by its name, or the next that is up. No life: all are down. */
export function takerOf(node: Node, request: Requested, copy: number, nowMs: number): Taker {
  const instance = instanceFor(node, request, copy, nowMs)
  const taker = stillRouted(instance, nowMs) ?? instance
  return isOpen(taker.life) ? taker : { life: undefined, app: undefined }
}

/** The balancer has not heard of a deploy yet. */
function stillRouted({ stillRouted: old }: Instance, nowMs: number): Taker | undefined {
  return old !== undefined && nowMs < old.untilMs ? old : undefined
}

function isOpen(life: Life | undefined): boolean {
  return life !== undefined && !life.dead && life.refuses !== true
}

function instanceFor({ instances }: Node, request: Requested, copy: number, nowMs: number): Instance {
  const [only] = instances
  if (instances.length === 1) return only
  const turn = turnOf(request) + copy
  const inTurn = instances.map((_, index) => instances[(turn + index) % instances.length] ?? only)
  return inTurn.find((one) => stillRouted(one, nowMs) !== undefined || isOpen(one.life)) ?? inTurn[0] ?? only
}

/**
 * The numbers in a name added up: of the invocation or tick, and which repetition each call is. So the next one's
 * differs by one.
 */
function turnOf({ context: { root, path }, step }: Requested): number {
  return [...path, step].reduce((turn, { nth, copy = 0 }) => turn + nth - 1 + copy, numberOf(root))
}

function numberOf(root: Root): number {
  switch (root.kind) {
    case 'operation':
      return root.invocation
    case 'tick':
      return root.firing
    case 'boot':
      return 0
    default:
      return root satisfies never
  }
}
