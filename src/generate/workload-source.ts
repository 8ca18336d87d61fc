// Where the workloads of one system come from: drawn from the arbitraries of its operations, which also know smaller
// inputs for what they drew last. A class for that memory. Must not know what workloads are for.
import type { History } from '../history/history.ts'
import { aboutOf, type Lengths } from '../scenario/lengths.ts'
import { chance, hash32, pick } from '../plain/random.ts'
import type { Invocation, Scenario, Workload } from '../scenario/scenario.ts'
import { boundsOf, type System } from '../system/system.ts'
import type { Operation } from '../system/operation.ts'
import { closingReads, mostClosing } from './closing-reads.ts'
import { fillingSizes, fillingWorkload } from './filling.ts'
import { readsIn } from './reads-in.ts'
import { allowsLong, sizesOf } from './sizes.ts'
import { drawValue, Shrinkers } from './values.ts'
import { bulkWorkload, pairedWorkload, randomWorkload, smallWorkload } from './workload.ts'

/** Further small workloads after the smallest one. */
const smallWorkloads = 8
/** How many larger workloads are run without faults: a share of the random histories, and at most so many. */
const larger = { most: 20, share: 0.25 } as const
/** After how many of them each operation is carried out many times. */
const beforeBulk = 4
/**
 * How many times: more than the usual pages and limits (10, 20, 25) hold, and one operation for those that hold a
 * hundred. And of how many operations at most.
 */
const bulk = { usual: 26, large: 101, operations: 6 } as const
/** How many workloads of two writes and closing reads there are at least. */
const contendedWorkloads = 12

/** How many other inputs are drawn for an invocation: some may equal what is there. */
const otherInputs = 6

/**
 * Where a node has a capacity: the share of random histories that fill a pool and nothing else, and the share of the
 * random workloads of the others that do.
 */
const fillingShares = { alone: 0.2, random: 0.15 } as const

/** A scenario that was run. */
interface RanScenario {
  readonly scenario: Scenario
  readonly history: History
}

export class WorkloadSource {
  readonly #system: System
  /** How many operations at once fill the pools of nodes. */
  readonly #filling: readonly number[]
  /** What the small workloads drew. */
  readonly #shrinkers = new Shrinkers()
  /** What the last random workload drew. Those before it violated nothing, so nobody will shrink them. */
  #latest = new Shrinkers()
  /** Operations that only read. None are known until a history has shown them. */
  #reads: readonly Operation<unknown>[] = []

  /** What is known of the lengths of time that matter. */
  #lengths: Lengths = { knownMs: [], leftMs: [], mostMs: 0 }

  constructor(system: System) {
    this.#system = system
    this.#filling = fillingSizes(system)
  }

  /** From now on some workloads are about a length of time. */
  learnLengths(lengths: Lengths): void {
    this.#lengths = lengths
  }

  /** The length of time that a random history is about, see `aboutOf`. */
  about(seed: number, turn?: number): number | undefined {
    return aboutOf(seed, this.#lengths, turn)
  }

  /** One of each operation: first with the smallest inputs, then with random ones. */
  *small(seed: number): Generator<Workload, void> {
    const { operations } = this.#system
    yield smallWorkload(seed, operations, 'smallest', this.#shrinkers)
    for (let n = 0; n < smallWorkloads; n++)
      yield smallWorkload(hash32(seed, `baseline ${n}`) | 0, operations, 'drawn', this.#shrinkers)
  }

  /**
   * Learns from a fault-free run which operations only read, so that workloads may end with them. Returns its workload
   * with reads at the end, of what was written last; the same one if every read comes after every write.
   */
  closed({ scenario: { workload, seed }, history }: RanScenario): Workload {
    const names = readsIn(history)
    this.#reads = this.#system.operations.filter(({ name }) => names.has(name))
    const { invocations } = workload
    const after = invocations.slice(invocations.findLastIndex(({ operation }) => !names.has(operation)) + 1)
    const reads = this.#reads.filter(({ name }) => after.every(({ operation }) => operation !== name))
    const closing = closingReads(seed, invocations, { reads, most: reads.length, shrinkers: this.#shrinkers })
    return closing.length === 0 ? workload : { invocations: [...invocations, ...closing] }
  }

  /**
   * For bugs that need no fault: larger workloads, pools that are full, and writes that meet. Once lengths of time are
   * known, some are about these.
   *
   * @param numRuns how many random histories are asked for
   */
  *faultless(seed: number, numRuns: number): Generator<Workload, void> {
    for (let n = 0; n === 0 || n < Math.min(larger.most, numRuns * larger.share); n++) {
      const own = hash32(seed, `perfect ${n}`) | 0
      yield this.random(own, this.about(own, n))
      if (n + 1 === beforeBulk) yield* this.#bulk(seed)
    }
    for (const size of this.#filling)
      yield fillingWorkload(hash32(seed, `fill ${size}`) | 0, size, this.#system.operations, this.#shrinkers)
    yield* this.#contended(seed)
  }

  /** One operation many times: those that write, where it is known what reads. None where histories are short. */
  *#bulk(seed: number): Generator<Workload, void> {
    if (!allowsLong(this.#system)) return
    const { operations } = this.#system
    const writes = operations.filter((operation) => !this.#reads.includes(operation)).slice(0, bulk.operations)
    const large = writes[pick(seed, 'large', writes.length)]
    for (const operation of writes) {
      const size = operation === large ? bulk.large : bulk.usual
      const given = { operations, shrinkers: this.#shrinkers }
      yield bulkWorkload(hash32(seed, `bulk ${operation.name}`) | 0, operation, size, given)
    }
  }

  /**
   * Workloads of two operations that begin at once: every pair of operations, twice. None if the system has one client.
   */
  *pairs(seed: number): Generator<Workload, void> {
    for (const round of [1, 2])
      for (const first of this.#system.operations)
        for (const second of this.#system.operations)
          yield* this.#pair(hash32(seed, `pair ${round} ${first.name} ${second.name}`) | 0, first, second)
  }

  /**
   * Two writes that begin at once, and then reads of what they wrote: every pair of writes, so often that there are
   * enough. None if no operation is known to read, or if the system has one client.
   */
  *#contended(seed: number): Generator<Workload, void> {
    const writes = this.#system.operations.filter((operation) => !this.#reads.includes(operation))
    if (this.#reads.length === 0 || writes.length === 0) return
    const pairs = writes.flatMap((first, index) => writes.slice(index).map((second) => [first, second] as const))
    for (let round = 0; round * pairs.length < contendedWorkloads; round++)
      for (const [first, second] of pairs)
        yield* this.#pair(hash32(seed, `contended ${round} ${first.name} ${second.name}`) | 0, first, second)
  }

  *#pair(seed: number, first: Operation<unknown>, second: Operation<unknown>): Generator<Workload, void> {
    const { clients, maxOperations } = boundsOf(this.#system)
    if (clients < 2 || maxOperations < 2) return
    const { invocations } = pairedWorkload(seed, [first, second], this.#shrinkers)
    const most = Math.min(mostClosing, maxOperations - invocations.length)
    const closing = closingReads(seed, invocations, { reads: this.#reads, most, shrinkers: this.#shrinkers })
    yield { invocations: [...invocations, ...closing] }
  }

  /** Any operations by any clients, as the system limits them. */
  random(seed: number, aboutMs?: number): Workload {
    this.#latest = new Shrinkers()
    const filling = this.#fill(seed, fillingShares.random)
    if (filling !== undefined) return filling
    return randomWorkload(
      seed,
      {
        ...sizesOf(this.#system, seed),
        operations: this.#system.operations,
        reads: this.#reads,
        aboutMs,
      },
      this.#latest,
    )
  }

  /** Operations that begin at once and fill the pool of a node, for a share of the seeds; undefined for the others. */
  filling(seed: number): Workload | undefined {
    this.#latest = new Shrinkers()
    return this.#fill(hash32(seed, 'alone') | 0, fillingShares.alone)
  }

  #fill(seed: number, share: number): Workload | undefined {
    const sizes = chance(seed, 'filling') < share ? this.#filling : []
    const size = sizes[pick(seed, 'filling size', sizes.length)]
    return size === undefined ? undefined : fillingWorkload(seed, size, this.#system.operations, this.#latest)
  }

  /** Smaller inputs for an invocation, the most aggressive first. None where the system has no such operation. */
  smallerInputs({ operation, input }: Invocation): Iterable<unknown> {
    const known = this.#system.operations.find(({ name }) => name === operation)
    const shrinkers = this.#latest.knows(operation, input) ? this.#latest : this.#shrinkers
    return known === undefined ? [] : shrinkers.smaller(operation, known.arbitrary, input)
  }

  /** A few other inputs for an invocation, always the same ones. None where the system has no such operation. */
  *otherInputs({ operation }: Invocation): Generator<unknown, void> {
    const known = this.#system.operations.find(({ name }) => name === operation)
    if (known === undefined) return
    for (let n = 0; n < otherInputs; n++)
      yield drawValue(operation, known.arbitrary, hash32(n, `another ${operation}`) | 0).value_
  }

  /** Whether an operation's arbitrary says that it could have drawn an input. Where it cannot tell, it says no. */
  couldDraw({ operation }: Invocation, input: unknown): boolean {
    const known = this.#system.operations.find(({ name }) => name === operation)
    return known?.arbitrary.canShrinkWithoutContext(input) === true
  }
}
