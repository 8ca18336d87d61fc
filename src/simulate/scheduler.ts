// Virtual time: a heap of steps, ordered by time and, within equal times, by sequence. Does not know what a step does.

/** Something to do at a virtual time. */
export interface Step {
  readonly atMs: number
  readonly seq: number
  readonly run: () => void
  cancelled: boolean
  /**
   * Whether it keeps a history going: `work` has to be done first; a `timer` or a `message` may be one of a loop, see
   * lasso.ts; `background` is an unref'd timer and keeps nothing going.
   */
  readonly sort: StepSort
  /** The class of a timer or message, for the lasso; undefined where it cannot do anything any more. */
  readonly recurring: Recurring
}

export type StepSort = 'work' | 'timer' | 'message' | 'background'

type Recurring = () => string | undefined

const never: Recurring = () => undefined

/** The heap and the clock. The clock only moves when a step is taken, or by `advance`. */
export class Scheduler {
  nowMs = 0
  /** How many steps are waiting, by sort. */
  readonly waiting: Record<StepSort, number> = { work: 0, timer: 0, message: 0, background: 0 }
  readonly #heap: Step[] = []
  #seq = 0

  add(atMs: number, run: () => void, sort: StepSort = 'work', recurring: Recurring = never): Step {
    const step: Step = {
      atMs: atMs < this.nowMs ? this.nowMs : atMs,
      seq: this.#seq++,
      run,
      cancelled: false,
      sort,
      recurring,
    }
    this.waiting[sort] += 1
    this.#push(step)
    return step
  }

  cancel(step: Step): void {
    if (step.cancelled) return
    step.cancelled = true
    this.waiting[step.sort] -= 1
  }

  /** The classes of the timers and messages that are waiting. */
  *recurring(): Generator<string, void> {
    for (const step of this.#heap) {
      if (step.cancelled || (step.sort !== 'timer' && step.sort !== 'message')) continue
      const recurring = step.recurring()
      if (recurring !== undefined) yield recurring
    }
  }

  /** When the next step is due; undefined when none is waiting. */
  nextMs(): number | undefined {
    this.#dropCancelled()
    return this.#heap[0]?.atMs
  }

  /** Removes the next step and moves the clock to it. */
  take(): Step | undefined {
    this.#dropCancelled()
    const step = this.#pop()
    if (step === undefined) return undefined
    this.waiting[step.sort] -= 1
    step.cancelled = true // taken: a later cancel changes nothing
    this.nowMs = step.atMs
    return step
  }

  advance(toMs: number): void {
    if (toMs > this.nowMs) this.nowMs = toMs
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) this.#pop()
  }

  #push(step: Step): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(step)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Step // parent < at < length
      if (isDueBefore(above, step)) break
      heap[at] = above
      at = parent
    }
    heap[at] = step
  }

  #pop(): Step | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      // Both below length
      const child = right < heap.length && isDueBefore(heap[right] as Step, heap[left] as Step) ? right : left
      const below = heap[child] as Step
      if (isDueBefore(last, below)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return top
  }
}

function isDueBefore(a: Step, b: Step): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq)
}
