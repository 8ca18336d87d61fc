// A heap of numbers, ordered by their moments.

/** The number with the earliest moment comes first; of equally early ones, the lowest. */
export class NodeQueue {
  readonly #moments: Float64Array
  readonly #heap: number[] = []

  constructor(moments: Float64Array) {
    this.#moments = moments
  }

  add(node: number): void {
    const heap = this.#heap
    let at = heap.push(node) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(node, heap[parent] ?? 0)) break
      heap[at] = heap[parent] ?? 0
      at = parent
    }
    heap[at] = node
  }

  take(): number | undefined {
    const heap = this.#heap
    const [first, last] = [heap[0], heap.pop()]
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      if (left >= heap.length) break
      const child = right < heap.length && this.#isBefore(heap[right] ?? 0, heap[left] ?? 0) ? right : left
      if (!this.#isBefore(heap[child] ?? 0, last)) break
      heap[at] = heap[child] ?? 0
      at = child
    }
    heap[at] = last
    return first
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#moments[one] ?? 0, this.#moments[other] ?? 0]
    return a < b || (a === b && one < other)
  }
}
