// Searches for an order of versions without a forbidden cycle, among few transactions. A choice that has only one
// possible way is made at once; for the others both ways are tried. If no order is left, the refutation of each way is
// kept. Knows nodes and edges; must not know transactions or words.
import { bug } from '../../plain/bug.ts'
import type { CycleRule } from './cycle-rule.ts'
import type { EdgeKind } from './graph.ts'

/** An edge of a cycle: one of the given graph, or one that a choice added. */
export interface CycleEdge {
  readonly kind: EdgeKind
  readonly from: number
  readonly to: number
  /** Its number in the graph; undefined if a choice added it. */
  readonly edge?: number
  /** The choice that added it, and which way the choice was made. */
  readonly choice?: number
  readonly isSwapped?: boolean
}

/** A choice which of two versions of one register is the earlier. */
export interface Choice {
  /** The writer of each version. */
  readonly writers: readonly [number, number]
  /** The readers of each version. */
  readonly readers: readonly [readonly number[], readonly number[]]
}

/** A few transactions, the known edges between them, and the open choices. */
export interface OrderProblem {
  readonly nodes: number
  readonly known: readonly CycleEdge[]
  readonly choices: readonly Choice[]
  readonly rule: CycleRule
}

/** Why no order is possible: a cycle, or a choice where both ways are refuted. */
export type Refutation =
  | { readonly kind: 'cycle'; readonly arrows: readonly CycleEdge[] }
  | { readonly kind: 'choice'; readonly choice: number; readonly first: Refutation; readonly swapped: Refutation }

/** `found`: an order, as whether each choice is swapped. `spent`: the budget ran out. */
export type OrderFound =
  | { readonly kind: 'found'; readonly isSwapped: readonly boolean[] }
  | { readonly kind: 'refuted'; readonly why: Refutation }
  | { readonly kind: 'spent' }

/** The remaining budget. One step is the time that it takes to examine one dependency. */
export interface StepBudget {
  left: number
}

export function searchOrder(problem: OrderProblem, steps: StepBudget): OrderFound {
  const search = new OrderSearch(problem, steps)
  try {
    const why = search.refutation()
    return why === undefined ? { kind: 'found', isSwapped: search.made() } : { kind: 'refuted', why }
  } catch (error) {
    if (error === spent) return { kind: 'spent' }
    throw error
  }
}

const spent = new Error('Bug: the budget of a search for an order of versions')
/** The cost of creating an edge, in steps; following one costs one step. */
const stepsAnArrow = 8
/** The limit of recursion; no search gets this deep within its budget. */
const deepest = 2_000

class OrderSearch {
  readonly #choices: readonly Choice[]
  readonly #rule: CycleRule
  readonly #steps: StepBudget
  readonly #out: CycleEdge[][]
  /** For each choice: 0 if it is open, 1 if it is made as given, 2 if it is swapped. */
  readonly #made: Uint8Array
  /** The choices in the order in which they were made, so that they can be taken back. */
  readonly #trail: number[] = []
  readonly #arrows: CycleEdge[] = []
  /**
   * For each state (a node, and what kind of path led there): the last search that saw it, and the edge that led there.
   */
  readonly #seen: Int32Array
  readonly #came: (CycleEdge | undefined)[]
  readonly #before: Int32Array
  #search = 0

  constructor({ nodes, known, choices, rule }: OrderProblem, steps: StepBudget) {
    this.#choices = choices
    this.#rule = rule
    this.#steps = steps
    this.#out = Array.from({ length: nodes }, () => [])
    this.#made = new Uint8Array(choices.length)
    this.#seen = new Int32Array(2 * nodes)
    this.#before = new Int32Array(2 * nodes)
    this.#came = Array.from({ length: 2 * nodes }, () => undefined)
    for (const arrow of known) this.#out[arrow.from]?.push(arrow)
  }

  made(): readonly boolean[] {
    return Array.from(this.#made, (made) => made === 2)
  }

  /** Why no order is possible; undefined once every choice is made. */
  refutation(depth = 0): Refutation | undefined {
    const forced: { readonly choice: number; readonly isSwapped: boolean; readonly why: Refutation }[] = []
    const because = (end: Refutation): Refutation =>
      forced.reduceRight<Refutation>(
        (rest, { choice, isSwapped, why }) => ({
          kind: 'choice',
          choice,
          first: isSwapped ? why : rest,
          swapped: isSwapped ? rest : why,
        }),
        end,
      )
    for (let isChanged = true; isChanged;) {
      isChanged = false
      for (let choice = 0; choice < this.#choices.length; choice++) {
        if (this.#made[choice] !== 0) continue
        const [asIs, swapped] = [this.#cycleOf(choice, false), this.#cycleOf(choice, true)]
        if (asIs !== undefined && swapped !== undefined)
          return because({ kind: 'choice', choice, first: asIs, swapped })
        const why = asIs ?? swapped
        if (why === undefined) continue
        // keep the refutation of one way, and make the choice the other way
        forced.push({ choice, isSwapped: asIs !== undefined, why })
        this.#make(choice, asIs !== undefined)
        isChanged = true
      }
    }
    const open = this.#made.indexOf(0)
    if (open === -1) return undefined
    if (depth > deepest) throw spent
    const why = this.#split(open, depth)
    return why && because(why)
  }

  #split(choice: number, depth: number): Refutation | undefined {
    const trail = this.#trail.length
    this.#make(choice, false)
    const first = this.refutation(depth + 1)
    if (first === undefined) return undefined
    this.#takeBack(trail)
    this.#make(choice, true)
    const swapped = this.refutation(depth + 1)
    if (swapped === undefined) return undefined
    this.#takeBack(trail)
    return { kind: 'choice', choice, first, swapped }
  }

  /** A cycle that would be closed by making the choice this way. */
  #cycleOf(choice: number, isSwapped: boolean): Refutation | undefined {
    const arrows = this.#arrowsOf(choice, isSwapped)
    this.#steps.left -= stepsAnArrow * arrows.length
    let added = 0
    let cycle: readonly CycleEdge[] | undefined
    for (const arrow of arrows) {
      cycle = this.#closed(arrow)
      if (cycle !== undefined) break
      this.#out[arrow.from]?.push(arrow)
      added += 1
    }
    for (const arrow of arrows.slice(0, added).reverse()) this.#out[arrow.from]?.pop()
    return cycle && { kind: 'cycle', arrows: cycle }
  }

  #arrowsOf(choice: number, isSwapped: boolean): readonly CycleEdge[] {
    const { writers, readers } = this.#choices[choice] ?? bug('a choice that does not exist')
    const [earlier, later] = isSwapped ? [writers[1], writers[0]] : writers
    const made = { choice, isSwapped }
    return [
      { kind: 'ww', from: earlier, to: later, ...made },
      ...readers[isSwapped ? 1 : 0]
        .filter((reader) => reader !== later && reader !== earlier)
        .map((reader): CycleEdge => ({ kind: 'rw', from: reader, to: later, ...made })),
    ]
  }

  #make(choice: number, isSwapped: boolean): void {
    this.#made[choice] = isSwapped ? 2 : 1
    this.#trail.push(choice)
    for (const arrow of this.#arrowsOf(choice, isSwapped)) {
      this.#out[arrow.from]?.push(arrow)
      this.#arrows.push(arrow)
    }
  }

  #takeBack(length: number): void {
    while (this.#trail.length > length) {
      const choice = this.#trail.pop() ?? 0
      this.#made[choice] = 0
      while (this.#arrows.at(-1)?.choice === choice) this.#out[this.#arrows.pop()?.from ?? 0]?.pop()
    }
  }

  /**
   * The shortest forbidden cycle that an edge closes. A state is a node, in one of two halves: the second half means
   * that an anti-dependency led there (`apart`), or a path with one (`single`).
   */
  #closed(last: CycleEdge): readonly CycleEdge[] | undefined {
    const nodes = this.#out.length
    const isAnti = last.kind === 'rw'
    const search = ++this.#search
    const queue: number[] = []
    const visit = (state: number, arrow: CycleEdge, before: number): void => {
      if (this.#seen[state] === search) return
      this.#seen[state] = search
      this.#came[state] = arrow
      this.#before[state] = before
      queue.push(state)
    }
    const half = (is: boolean): number => (is ? nodes : 0)
    visit(last.to + half(isAnti && this.#rule !== 'any'), last, -1)
    for (let at = 0; at < queue.length; at++) {
      const state = queue[at] ?? 0
      const [node, isSecond] = [state % nodes, state >= nodes]
      if (node === last.from && this.#mayClose(isSecond, isAnti)) return this.#path(state)
      for (const arrow of this.#out[node] ?? []) {
        this.#steps.left -= 1
        const next = this.#after(arrow, isSecond, last)
        if (next !== undefined) visit(arrow.to + half(next), arrow, state)
      }
    }
    if (this.#steps.left < 0) throw spent
    return undefined
  }

  /** Whether the path so far and the edge in question make a forbidden cycle. */
  #mayClose(isSecond: boolean, isAnti: boolean): boolean {
    return this.#rule !== 'apart' || !(isSecond && isAnti)
  }

  /** Whether the state after an edge is in the second half; undefined if the rule does not allow the edge here. */
  #after({ kind, from, to }: CycleEdge, isSecond: boolean, last: CycleEdge): boolean | undefined {
    switch (this.#rule) {
      case 'any':
        return false
      case 'apart':
        if (kind === 'on') return isSecond
        return kind === 'rw' ? (isSecond ? undefined : true) : false
      case 'single':
        return kind === 'rw' ? (isSecond ? undefined : true) : isSecond
      case 'fractured':
        if (last.kind === 'rw') return kind === 'wr' && from === last.to && to === last.from ? true : undefined
        return kind === 'rw' ? undefined : isSecond
      default:
        return this.#rule satisfies never
    }
  }

  #path(end: number): readonly CycleEdge[] {
    const path: CycleEdge[] = []
    for (let state = end; state >= 0; state = this.#before[state] ?? -1) {
      const arrow = this.#came[state]
      if (arrow !== undefined) path.push(arrow)
    }
    return path.reverse()
  }
}
