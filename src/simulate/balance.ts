// The balancer before a node's instances: who takes a request. By the request's name, never by who came first: dropping
// a fault or another operation then sends no other request elsewhere, so that shrinking keeps the failure. A retry goes
// to the next instance, as a copy does.
import type { Instance, Node } from './node-state.ts'

/** The instance that a call goes to: its own by name, or the next that is up; its own where all are down. */
export function instanceFor({ instances }: Node, id: string, copy: number): Instance {
  const [only] = instances
  if (instances.length === 1) return only
  const turn = turnOf(id) + copy
  const inTurn = instances.map((_, index) => instances[(turn + index) % instances.length] ?? only)
  return inTurn.find(({ life }) => life !== undefined) ?? inTurn[0] ?? only
}

/**
 * The numbers in a name added up: of the invocation or tick, and which repetition each call is. So the next one's
 * differs by one.
 */
function turnOf(id: string): number {
  const [root = '', ...calls] = id.split(' | ')
  let turn = Number(/(\d+)\)?$/.exec(root)?.[1] ?? 0)
  for (const call of calls) {
    const [, nth = 1, copy = 0] = /(\d+)(?:\+(\d+))?$/.exec(call) ?? []
    turn += Number(nth) - 1 + Number(copy)
  }
  return turn
}
