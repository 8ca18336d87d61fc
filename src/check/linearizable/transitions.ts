// Transitions: the answers of the model, each asked for once. States are numbers, the same number for equal content; a
// table covers the first states. Some calls are repeated to test the model. Must not know orders.
import type { Act } from '../../history/act.ts'
import type { Model, Need } from '../../system/model.ts'
import { Interned } from '../content.ts'
import { shown } from '../reason-words.ts'
import type { StatePartition } from './state-partition.ts'
import { actAt } from './operation-words.ts'

/** The act cannot have this answer in this state. */
export const refused = -1

/** The table has a row for each of so many states at most, and at most so many cells. */
const tabledStates = 2_000
const tabledCells = 2 ** 21
const firstStates = 32
const stepsAnAnswer = 16
/** So many first calls of `step` are all repeated, to test the model; after that, one in 64. */
const repeatedFirst = 8

/** A model on one part, with states and acts as numbers. */
export class Transitions {
  readonly initial: number
  readonly #model: Model<unknown>
  readonly #part: StatePartition
  readonly #states = new Interned()
  /** Row: state; column: kind of act. Cell 0: not asked yet; 1: refused; otherwise 2 + the next state. */
  #table: Int32Array
  readonly #tabled: number
  #calls = 0
  /**
   * The cost of all calls of the model so far, in steps: a call is slower than the table, especially with large states.
   */
  #cost = 0

  constructor(model: Model<unknown>, part: StatePartition) {
    this.#model = model
    this.#part = part
    this.#tabled = Math.min(tabledStates, Math.floor(tabledCells / Math.max(part.samples.length, 1)))
    this.#table = new Int32Array(Math.min(firstStates, part.samples.length + 2, this.#tabled) * part.samples.length)
    this.initial = this.#states.idOf(model.initial())
    if (this.#states.idOf(model.initial()) !== this.initial) {
      throw new Error(
        `The model ${model.name} starts with ${shown(model.initial())}, but also with ` +
          `${shown(this.state(this.initial))}: initial() has to return the same each time.`,
      )
    }
  }

  get bytes(): number {
    return this.#table.byteLength + this.#states.bytes
  }

  get cost(): number {
    return this.#cost
  }

  state(id: number): unknown {
    return this.#states.values[id]
  }

  /** The number of the next state, or `refused`. */
  next(state: number, kind: number): number {
    const cell = state * this.#part.samples.length + kind
    const known = this.#table[cell]
    if (known !== undefined && known !== 0) return known - 2
    const next = this.#ask(state, kind)
    if (state < this.#tabled) {
      if (known === undefined) this.#grow(cell)
      this.#table[cell] = next + 2
    }
    return next
  }

  /** Whether the model has `needs`. */
  get hasNeeds(): boolean {
    return this.#model.needs !== undefined
  }

  /** What a read-only kind that is refused in this state needs. */
  needs(state: number, kind: number): readonly Need[] {
    return this.#model.needs?.(this.state(state), this.act(kind)) ?? []
  }

  act(kind: number): Act {
    return this.#part.samples[kind]?.act as Act // the cast holds: a kind is an index in samples
  }

  #grow(cell: number): void {
    const larger = new Int32Array(
      Math.min(
        Math.max(2 * this.#table.length, cell + this.#part.samples.length),
        this.#tabled * this.#part.samples.length,
      ),
    )
    larger.set(this.#table)
    this.#table = larger
  }

  #ask(state: number, kind: number): number {
    const before = this.#states.bytes
    const isSampled = this.#calls < repeatedFirst || (this.#calls + 1) % 64 === 0
    const given = isSampled ? shown(this.state(state)) : ''
    const next = this.#step(state, kind)
    this.#calls += 1
    this.#cost += stepsAnAnswer + ((this.#states.bytes - before) >> 6)
    if (isSampled) {
      this.#assertUntouched(state, kind, given)
      this.#assertFunction(state, kind, next)
    }
    if (next !== refused && next !== state && this.#part.readOnly[kind] === true) {
      throw new Error(
        `${this.#name(kind)} is declared read-only, but the model ${this.#model.name} turns ` +
          `${shown(this.state(state))} into ${shown(this.state(next))}. Correct readOnly, or step.`,
      )
    }
    return next
  }

  #step(state: number, kind: number): number {
    const next = this.#model.step(this.state(state), this.act(kind))
    return next === undefined ? refused : this.#states.idOf(next)
  }

  #assertUntouched(state: number, kind: number, given: string): void {
    const left = shown(this.state(state))
    if (left !== given)
      throw new Error(
        `${this.#name(kind)}: the model ${this.#model.name} changed the state that step was given, ${given} ` +
          `into ${left}. Return a new state, and leave the given one as it is.`,
      )
  }

  #assertFunction(state: number, kind: number, first: number): void {
    const again = this.#step(state, kind)
    const said = (next: number): string => (next === refused ? 'a refusal' : shown(this.state(next)))
    if (again !== first) {
      throw new Error(
        `${this.#name(kind)}: the model ${this.#model.name} steps from ${shown(this.state(state))} to ` +
          `${said(first)}, and asked again to ${said(again)}. ` +
          'step has to be a function of its arguments alone, and to leave them as they are.',
      )
    }
  }

  #name(kind: number): string {
    const sample = this.#part.samples[kind]
    return sample === undefined ? 'An operation' : actAt(sample)
  }
}
