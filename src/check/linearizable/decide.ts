// Searches all parts of a history in turn. In each round the slices are twice as long, so that one part whose search
// explodes does not hide another that fails at once. If the searches do not fit into memory together, they run one
// after the other, each with all of the memory. Knows searches; must not know verdicts.
import type { PlacementSearch, RemainingBudget } from './search-order.ts'
import type { StatePartition } from './state-partition.ts'

/**
 * The result for all parts. `not-linearizable`: these parts have no order. `exhausted`: this budget ran out before
 * these parts were decided.
 */
export type Decision =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'not-linearizable'; readonly parts: readonly StatePartition[] }
  | { readonly kind: 'exhausted'; readonly budget: 'steps' | 'bytes'; readonly undecided: readonly StatePartition[] }

const firstSlice = 1_024
/** A turn has at least so many steps for each operation: enough to decide a part that almost any order satisfies. */
const stepsAnOperation = 4
/**
 * Once a part is refuted, the search for further ones may take as many steps again as that took, and at least these.
 */
const stepsForOthers = 100_000

/** Decides all parts. @param start begins the search of a part; called again if the search has given its memory back */
export function decide(
  parts: readonly StatePartition[],
  start: (part: StatePartition) => PlacementSearch,
  left: RemainingBudget,
): Decision {
  return new Decider(start, left).decide(parts)
}

interface Turn {
  readonly part: StatePartition
  /** The search; undefined while it holds no memory. */
  search: PlacementSearch | undefined
}

class Decider {
  readonly #start: (part: StatePartition) => PlacementSearch
  readonly #left: RemainingBudget
  readonly #givenSteps: number
  readonly #refuted: StatePartition[] = []
  #isFull = false

  constructor(start: (part: StatePartition) => PlacementSearch, left: RemainingBudget) {
    this.#start = start
    this.#left = left
    this.#givenSteps = left.steps
  }

  decide(parts: readonly StatePartition[]): Decision {
    const open = this.#oneByOne(this.#inTurns(parts.map((part) => ({ part, search: undefined }))))
    if (this.#refuted.length > 0) return { kind: 'not-linearizable', parts: this.#refuted }
    if (open.length === 0) return { kind: 'linearizable' }
    return { kind: 'exhausted', budget: this.#isFull ? 'bytes' : 'steps', undecided: open.map(({ part }) => part) }
  }

  /** Searches all parts in turn. Returns the open ones when the steps are used up, or a part finds no memory. */
  #inTurns(turns: readonly Turn[]): readonly Turn[] {
    let open = turns
    for (let slice = firstSlice; open.length > 0 && this.#left.steps > 0 && !this.#isFull; slice *= 2)
      open = open.filter((turn) => this.#isOpenAfter(turn, slice))
    return open
  }

  /**
   * Searches the parts one after the other, each with all the memory and an equal share of the steps, and repeats this
   * as long as a round decides any.
   */
  #oneByOne(turns: readonly Turn[]): readonly Turn[] {
    let open = turns
    for (let before = Infinity; this.#isFull && open.length < before && this.#left.steps > 0;) {
      before = open.length
      this.#isFull = false
      for (const turn of open) this.#giveBack(turn)
      open = open.filter((turn, index) => {
        const isOpen = this.#isOpenAfter(turn, Math.ceil(this.#left.steps / (before - index)))
        this.#giveBack(turn)
        return isOpen
      })
    }
    return open
  }

  #isOpenAfter(turn: Turn, slice: number): boolean {
    turn.search ??= this.#start(turn.part)
    const progress = turn.search.run(Math.max(slice, stepsAnOperation * turn.part.operations.length), this.#left)
    this.#isFull ||= progress === 'full'
    if (progress === 'full' || progress === 'exhausted') return true
    this.#giveBack(turn)
    if (progress === 'not-linearizable') this.#refute(turn.part)
    return false
  }

  #giveBack(turn: Turn): void {
    turn.search?.release(this.#left)
    turn.search = undefined
  }

  #refute(part: StatePartition): void {
    if (this.#refuted.length === 0) {
      const spent = this.#givenSteps - this.#left.steps
      this.#left.steps = Math.min(this.#left.steps, Math.max(stepsForOthers, spent))
    }
    this.#refuted.push(part)
  }
}
