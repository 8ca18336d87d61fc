// Configurations: the nodes of a search for an order. Each says how far the order has come and which operations it has
// used. They are rows of 32-bit words, found again by exact comparison in a hash table with open addressing. Owns the
// memory of a search; must not know models, or what the words mean.

/**
 * The index in a row of the first word of the configuration itself. Before it stand the parent, the operation that led
 * here, the cursor of the search, and the next row with equal exact words.
 */
export const stateAt = 4
const parentAt = 0
const operationAt = 1
const cursorAt = 2
const linkAt = 3

/** How many words a configuration has besides the state. */
export interface Shape {
  /** The number of words that are compared for equality. */
  readonly exact: number
  /**
   * The number of words with bits for uncertain operations (those without an answer) that were used. If two
   * configurations are otherwise equal, the one that used a subset can do everything that the other can.
   */
  readonly used: number
}

export class Configurations {
  words: Int32Array
  readonly stride: number
  /** How many rows were compared so far; for budgets. */
  compared = 0
  readonly #usedAt: number
  #count = 0
  #keys = 0
  /** For each slot, 1 + the first of the rows with equal exact words; 0 if the slot is free. */
  #table: Int32Array

  constructor({ exact, used }: Shape, expected: number) {
    this.#usedAt = stateAt + 1 + exact
    this.stride = this.#usedAt + used
    this.words = new Int32Array((expected + 2) * this.stride)
    this.#table = new Int32Array(powerOfTwo(2 * expected + 2))
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.words.byteLength + this.#table.byteLength
  }

  /** How many more bytes the next `keep` may allocate. */
  get growth(): number {
    const rows = (this.#count + 2) * this.stride > this.words.length ? 2 * this.words.byteLength : 0
    return rows + (2 * (this.#keys + 1) > this.#table.length ? 2 * this.#table.byteLength : 0)
  }

  parent(row: number): number {
    return this.#word(row, parentAt)
  }

  operation(row: number): number {
    return this.#word(row, operationAt)
  }

  cursor(row: number): number {
    return this.#word(row, cursorAt)
  }

  setCursor(row: number, cursor: number): void {
    this.words[row * this.stride + cursorAt] = cursor
  }

  /**
   * Writes a row that is not kept yet: a copy of its parent, which the caller may change. Returns the index of its
   * state.
   */
  draft(parent: number, operation: number): number {
    const at = this.#count * this.stride
    const { words, stride } = this
    if (parent >= 0) {
      const from = parent * stride
      for (let word = stateAt; word < stride; word++) words[at + word] = words[from + word] ?? 0
    }
    words[at + parentAt] = parent
    words[at + operationAt] = operation
    words[at + cursorAt] = 0
    return at + stateAt
  }

  /** Keeps the draft and returns its row; -1 if a kept row can already do everything that it can. */
  keep(): number {
    const at = this.#count * this.stride
    const slot = this.#slotOf(at)
    const head = (this.#table[slot] ?? 0) - 1
    if (this.#isDominated(head, at)) return -1
    this.words[at + linkAt] = head
    this.#table[slot] = this.#count + 1
    if (head < 0) this.#keys += 1
    this.#count += 1
    this.#makeRoom()
    return this.#count - 1
  }

  #word(row: number, word: number): number {
    return this.words[row * this.stride + word] ?? -1
  }

  #isDominated(head: number, at: number): boolean {
    for (let row = head; row >= 0; row = this.#word(row, linkAt)) {
      this.compared += 1
      if (this.#usesNoMore(row * this.stride, at)) return true
    }
    return false
  }

  #usesNoMore(one: number, other: number): boolean {
    const { words, stride } = this
    for (let word = this.#usedAt; word < stride; word++) {
      if (((words[one + word] ?? 0) & ~(words[other + word] ?? 0)) !== 0) return false
    }
    return true
  }

  /** The slot of the rows with the same exact words as this one, or the free slot where these would be. */
  #slotOf(at: number): number {
    const mask = this.#table.length - 1
    let slot = this.#hash(at) & mask
    for (;;) {
      const head = (this.#table[slot] ?? 0) - 1
      if (head < 0 || this.#isEqual(head * this.stride, at)) return slot
      slot = (slot + 1) & mask
    }
  }

  #isEqual(one: number, other: number): boolean {
    const { words } = this
    for (let word = stateAt; word < this.#usedAt; word++) if (words[one + word] !== words[other + word]) return false
    return true
  }

  #hash(at: number): number {
    const { words } = this
    let hash = 0
    for (let word = stateAt; word < this.#usedAt; word++) {
      hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }

  #makeRoom(): void {
    if ((this.#count + 1) * this.stride > this.words.length) {
      const larger = new Int32Array(2 * this.words.length)
      larger.set(this.words)
      this.words = larger
    }
    if (2 * this.#keys > this.#table.length) this.#rehash()
  }

  #rehash(): void {
    const heads = this.#table
    this.#table = new Int32Array(2 * heads.length)
    for (const head of heads) if (head > 0) this.#table[this.#slotOf((head - 1) * this.stride)] = head
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(atLeast, 16)))
}
