// The balancer before a node's instances: who takes a request. By the request's name, never by who came first: dropping
// a fault or another operation then sends no other request elsewhere, so that shrinking keeps the failure. A retry goes
// to the next instance, as a copy does.
import type { PathStep, Root } from '../scenario/address.ts'
import type { Instance, Node } from './node-state.ts'

/** A request, as far as its name decides where it goes. */
interface Requested {
  readonly context: { readonly root: Root; readonly path: readonly PathStep[] }
  readonly step: PathStep
}

/** The instance that a call goes to: its own by name, or the next that is up; its own where all are down. */
export function instanceFor({ instances }: Node, request: Requested, copy: number): Instance {
  const [only] = instances
  if (instances.length === 1) return only
  const turn = turnOf(request) + copy
  const inTurn = instances.map((_, index) => instances[(turn + index) % instances.length] ?? only)
  return inTurn.find(({ life }) => life !== undefined) ?? inTurn[0] ?? only
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
