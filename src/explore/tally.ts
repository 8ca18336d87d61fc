// The tally of an exploration: what all its histories add up to, so that its result can say how much it means. Counts
// and remarks only. Must not know how histories are found or judged.
import { completionsOf, type Completion, type History } from '../history/history.ts'
import type { FaultKind } from '../scenario/fault/registry.ts'
import type { Claim, NamedFaults } from '../system/tolerates.ts'
import type { Exhaustive, Explored, ExploredSets, Folded } from '../verdict/explored.ts'
import type { Verdict } from '../verdict/verdict.ts'
import type { Executed } from './executor.ts'

/** A store of several processes. `mixed`: it is read by one call and changed by another. */
interface StoreOfSeveral {
  readonly store: string
  readonly mixed: boolean
  /** One of the processes waited for another in shared memory. */
  readonly entangled: boolean
}

/** How a process dies of an error. */
const byError: ReadonlySet<unknown> = new Set(['uncaught exception', 'unhandled rejection', 'boot failed'])

/** What a handler threw on a perfect network. */
export interface ThrownAlone {
  readonly node: string
  readonly text: string
  /** Nobody caught it, so that its process ended. */
  readonly died: boolean
}

/** What the tally knows of the claim. */
type TalliedClaim = Pick<Claim, 'kinds' | 'named' | 'notTried'>

/** Adds up verdicts, history by history: one result for each invariant. */
interface VerdictFold {
  add(verdicts: readonly Verdict[]): void
  result(): readonly Folded[]
}

/** Counts of histories by what they were for: the strategies know them. */
type HistoryCounts = Pick<
  Explored,
  | 'saved'
  | 'perfect'
  | 'orders'
  | 'singles'
  | 'again'
  | 'consequences'
  | 'sets'
  | 'exhaustive'
  | 'smallest'
  | 'swarm'
  | 'shrink'
>

export class Tally {
  readonly #verdicts: VerdictFold
  readonly #claim: TalliedClaim
  /** What the user named and has not fired yet. */
  readonly #unfired: Set<NamedFaults>
  readonly #seed: number
  readonly #fired: Partial<Record<FaultKind, number>> = {}
  readonly #answered = new Set<string>()
  /** How each operation first ended other than ok. */
  readonly #failed = new Map<string, Completion>()
  readonly #usedStores = new Set<string>()
  /** Effects that were seen. */
  readonly #effects = new Set<string>()
  /** Nodes with a capacity where a request found no place free. */
  readonly #full = new Set<string>()
  readonly #survivors = new Set<string>()
  readonly #shared = new Set<string>()
  readonly #sharedStores = new Set<string>()
  readonly #mixedStores = new Set<string>()
  readonly #entangledStores = new Set<string>()
  /** Stores on which a change came late. */
  readonly #reordered = new Set<string>()
  readonly #remarks: string[] = []
  /** The first history of listed faults after which an invariant could not be judged, and how many there were. */
  #unclear: (Executed & { readonly times: number }) | undefined
  /** A handler that threw although no fault struck. */
  #threw: ThrownAlone | undefined
  /** What was told in every history without faults. */
  #told: readonly string[] | undefined
  #counts: HistoryCounts = {
    saved: 0,
    perfect: { run: 0, violated: 0 },
    singles: { run: 0, violated: 0, total: 0 },
    swarm: { run: 0, violated: 0 },
    shrink: 0,
  }

  constructor(verdicts: VerdictFold, claim: TalliedClaim, seed: number) {
    this.#verdicts = verdicts
    this.#claim = claim
    this.#unfired = new Set(claim.named)
    this.#seed = seed
  }

  /** Adds a history that counts for the result. */
  add({ verdicts, history, fired, late }: Executed): void {
    for (const { at } of late) this.#reordered.add(at.to)
    this.#verdicts.add(verdicts)
    for (const fault of fired) {
      this.#fired[fault.kind] = (this.#fired[fault.kind] ?? 0) + 1
      for (const named of this.#unfired) if (named.includes(fault)) this.#unfired.delete(named)
    }
    for (const end of completionsOf(history)) {
      if (end.kind === 'ok') this.#answered.add(end.operation)
      else if (!this.#failed.has(end.operation)) this.#failed.set(end.operation, end)
    }
    for (const { effect } of [...history.readings, ...(history.views ?? [])]) this.#effects.add(effect)
    for (const event of history.events) {
      if (event.kind === 'effect') this.#effects.add(event.effect)
      if (event.kind === 'store' || event.kind === 'send') this.#usedStores.add(event.address.to)
      if (event.kind === 'queue') this.#full.add(event.node)
    }
  }

  /** Notes nodes whose memory outlived a crash, those whose instances share memory, and stores of several processes. */
  addMemory(
    survivors: readonly string[],
    shared: readonly string[],
    sharedStores: readonly StoreOfSeveral[] = [],
  ): void {
    for (const { store, mixed, entangled } of sharedStores) {
      if (entangled) this.#entangledStores.add(store)
      this.#sharedStores.add(store)
      if (mixed) this.#mixedStores.add(store)
    }
    for (const node of survivors) this.#survivors.add(node)
    for (const node of shared) this.#shared.add(node)
  }

  /** Replaces counts. */
  count(counts: Partial<HistoryCounts>): void {
    this.#counts = { ...this.#counts, ...counts }
  }

  /** Single faults, or sets of them, after which an invariant could not be judged, by the first. */
  get unclear(): (Executed & { readonly times: number }) | undefined {
    return this.#unclear
  }

  /** Notes a history of faults that were listed, where an invariant could not be judged in it. */
  noteUnclear(executed: Executed): void {
    if (executed.verdicts.every(({ kind }) => kind !== 'unknown')) return
    this.#unclear = { ...(this.#unclear ?? executed), times: 1 + (this.#unclear?.times ?? 0) }
  }

  /** How many single faults have not been run yet, or sets that `exhaustive` asks for. */
  get leftOfCertificate(): number {
    const { singles, sets = [], exhaustive } = this.#counts
    const [, ...larger] = exhaustive?.asked ?? []
    const asked = larger.reduce((sum, { count }) => sum + count, singles.total)
    const run = sets.reduce((sum, one) => sum + one.run, singles.run)
    return [singles, ...sets].some(({ violated }) => violated > 0) ? 0 : asked - run
  }

  /** Notes how many sets of faults `exhaustive` asks for, which is known better and better. */
  countAsked(faults: Exhaustive['faults'], asked: Exhaustive['asked']): void {
    this.count({ exhaustive: { faults, asked, histories: this.#counts.exhaustive?.histories ?? 0 } })
  }

  /** Notes how many different histories these have shown. */
  countHistories(histories: number): void {
    const { exhaustive } = this.#counts
    if (exhaustive !== undefined) this.count({ exhaustive: { ...exhaustive, histories } })
  }

  /** Counts sets of one size: so many of all were run. */
  countSets(counted: ExploredSets): void {
    const others = (this.#counts.sets ?? []).filter(({ faults }) => faults !== counted.faults)
    this.count({ sets: [...others, counted] })
  }

  /** Adds fault-free executions, all of one scenario. */
  countPerfect({ violations, history }: Executed, executions: number): void {
    const threw = history.events.find(
      (event) => event.kind === 'threw' || (event.kind === 'crash' && byError.has(event.why)),
    )
    if (threw !== undefined)
      this.#threw ??= { node: threw.node, text: noteOf(history, threw.seq), died: threw.kind === 'crash' }
    const told = history.notes.flatMap(({ printed }) => printed?.hint ?? [])
    this.#told = [...new Set(this.#told?.filter((text) => told.includes(text)) ?? told)]
    const { run, violated } = this.#counts.perfect
    this.count({ perfect: { run: run + executions, violated: violated + (violations.length > 0 ? 1 : 0) } })
  }

  /** Adds sentences for people, to be printed with the result. */
  remark(...texts: readonly string[]): void {
    this.#remarks.push(...texts)
  }

  get explored(): Explored {
    return {
      ...this.#counts,
      fired: this.#fired,
      allowed: this.#claim.kinds,
      ...(this.#claim.notTried === undefined ? {} : { notTried: this.#claim.notTried }),
      seed: this.#seed,
      survivors: [...this.#survivors],
      shared: [...this.#shared],
    }
  }

  /** What the user named and never fired, in words. */
  get unfired(): readonly string[] {
    return [...this.#unfired].map(({ words }) => words)
  }

  get folded(): readonly Folded[] {
    return this.#verdicts.result()
  }

  get remarks(): readonly string[] {
    return this.#remarks
  }

  /** Whether an operation was answered ok in any history. */
  hasAnswered(operation: string): boolean {
    return this.#answered.has(operation)
  }

  /** Whether an effect was there in any history. */
  hasSeen(effect: string): boolean {
    return this.#effects.has(effect)
  }

  /** The first handler that threw although no fault struck. */
  get threwAlone(): ThrownAlone | undefined {
    return this.#threw
  }

  /** What the world told in every history without faults. */
  get toldAlone(): readonly string[] {
    return this.#told ?? []
  }

  /** How an operation first ended other than ok, if it did. */
  failedEnd(operation: string): Completion | undefined {
    return this.#failed.get(operation)
  }

  /** Whether several processes use one store. */
  get sharesStore(): boolean {
    return this.#sharedStores.size > 0
  }

  /** Stores of several processes that no two of them ever used at the same moment. */
  get untriedStores(): readonly string[] {
    return [...this.#mixedStores].filter((store) => !this.#reordered.has(store))
  }

  /** Stores that a process used after it had waited for another in shared memory. */
  get entangledStores(): readonly string[] {
    return [...this.#entangledStores]
  }

  /** Whether a request found no place free at a node with a capacity. */
  wasFull(node: string): boolean {
    return this.#full.has(node)
  }

  hasUsed(store: string): boolean {
    return this.#usedStores.has(store)
  }
}

function noteOf({ notes }: History, seq: number): string {
  return notes.find(({ event, printed }) => event === seq && printed === undefined)?.text ?? 'an error'
}
