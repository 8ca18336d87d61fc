// A node that a test brings along beside the user's own, for a dependency whose work is done right here: the fake
// behind a port, an embedded database. Knows neither.
import { newNode, type Node } from './node-state.ts'
import type { World } from './world.ts'

/** Such a node, which never crashes. Its machine has a clock of its own. */
export function nodeBeside(world: World, name: string): Node {
  const node = newNode(name)
  node.instances[0].life = { node: name, clock: world.clock(name), dead: false, paused: undefined, incarnation: 1 }
  return node
}
