// The random numbers of code under test. They depend on seed and causal path only, so that dropping one fault changes
// no other draw.
import type { Draws } from '../history/history.ts'
import { hash32, mix32 } from '../plain/random.ts'
import type { Context } from './context.ts'
import { count } from './count.ts'

/** All draws of one history. */
export class Random {
  /** What was drawn, by step and node. */
  readonly log: Draws[] = []
  readonly #seed: number
  readonly #inStep = new Map<string, { count: number; hash: number }>()

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A random 32-bit unsigned integer. `logged`: the history lists it. */
  draw(context: Context, source: string, logged: boolean): number {
    const value = mix32(hash32(this.#seed, context.id) + Math.imul(count(context.counts, 'draw'), 0x9e3779b9))
    if (!logged) return value
    const { node } = context.life
    const drawn = this.#inStep.get(node) ?? { count: 0, hash: 0 }
    drawn.count += 1
    drawn.hash = mix32(drawn.hash ^ value ^ hash32(0, source))
    this.#inStep.set(node, drawn)
    return value
  }

  /** The step is over. `before`: `seq` of the event that comes next. */
  endStep(before: number): void {
    if (this.#inStep.size === 0) return
    for (const [node, drawn] of [...this.#inStep].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.log.push({ before, node, ...drawn })
    this.#inStep.clear()
  }
}
