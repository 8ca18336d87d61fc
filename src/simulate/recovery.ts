// Recovery by hand: once the healed system is quiet, an operator runs the user's procedure as a process of its own,
// twice. It may die in the middle, and is run again then. Must not know what the procedure does.
import { operatorName } from '../scenario/address.ts'
import { describeError } from '../plain/describe-error.ts'
import { bootNode, endIdle } from './node.ts'
import { livesOf, newNode, type Node } from './node-state.ts'
import { SetupError } from './setup-error.ts'
import type { World } from './world.ts'

/** Nobody remembers whether it was run already. */
const mostRuns = 2

/** The procedure in one history. */
export class Recovery {
  readonly #world: World
  readonly #node: Node
  #runs = 0
  /** The present run has not come to an end. */
  #isOpen = false

  constructor(world: World, recover: () => unknown) {
    this.#world = world
    this.#node = newNode(operatorName, () => this.#run(recover), { isOperator: true })
  }

  /** Nothing is left to do: the next run begins, also where the one before hangs. Returns whether there was one. */
  begin(): boolean {
    const world = this.#world
    const [instance] = this.#node.instances
    if (this.#isOpen) this.#hangs()
    for (const life of livesOf(this.#node)) endIdle(world, this.#node, life)
    world.recovering = this.#runs < mostRuns
    if (!world.recovering) return false
    this.#runs += 1
    this.#isOpen = true
    instance.failedBoots = 0
    world.nodes.set(operatorName, this.#node)
    world.countOperations(1)
    bootNode(world, this.#node, instance, -1)
    return true
  }

  async #run(recover: () => unknown): Promise<void> {
    try {
      await recover()
    } catch (error) {
      if (this.#world.fired.length > 0) throw error
      throw new SetupError(`recover threw ${describeError(error)}, with no fault to blame. Mend what it does there.`, {
        cause: error,
      })
    }
    this.#ended()
  }

  #ended(): void {
    this.#isOpen = false
    this.#world.countOperations(-1)
  }

  #hangs(): void {
    const world = this.#world
    if (world.fired.length === 0)
      world.fail(new SetupError('recover: what it returned never settled. Let it return once the procedure is over.'))
    const boot = world.events.findLastIndex(({ kind, node }) => kind === 'boot' && node === operatorName)
    world.note(boot, 'it never came to an end')
    this.#ended()
  }
}
