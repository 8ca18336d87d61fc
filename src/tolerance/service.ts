// How well a history served its operations: which were answered, how fast, on how old data, and when all was over after
// the last fault. Pure: it reads histories, and knows no fault but by what it does to a leg.
import { completionsOf, type History } from '../history/history.ts'
import { invocationOf } from '../scenario/address.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { Service } from './table.ts'

/** What histories add up to. */
export class ServiceTally {
  #begun = 0
  readonly #tookMs: number[] = []
  #oldestMs: number | undefined
  #settledMs: number | undefined

  /** @param workload the ids of the operations that count: probes do not */
  add(history: History, workload: ReadonlySet<number>): void {
    const { events } = history
    const begunMs = new Map<number, number>()
    for (const event of events)
      if (event.kind === 'invoke' && workload.has(event.invocation)) begunMs.set(event.invocation, event.atMs)
    this.#begun += begunMs.size
    const readMs = oldestReads(history)
    for (const end of completionsOf(history)) {
      const begun = begunMs.get(end.invocation)
      if (end.kind !== 'ok' || begun === undefined) continue
      this.#tookMs.push(end.atMs - begun)
      const read = readMs.get(end.invocation)
      if (read !== undefined) this.#oldestMs = Math.max(this.#oldestMs ?? 0, end.atMs - read)
    }
    const settled = settledAfter(history)
    if (settled !== undefined) this.#settledMs = Math.max(this.#settledMs ?? 0, settled)
  }

  get service(): Service {
    const times = this.#tookMs.toSorted((a, b) => a - b)
    const medianMs = times[Math.floor((times.length - 1) / 2)]
    const slowestMs = times.at(-1)
    return {
      ...(this.#begun === 0 ? {} : { availability: times.length / this.#begun }),
      ...(medianMs === undefined ? {} : { medianMs }),
      ...(slowestMs === undefined ? {} : { slowestMs }),
      ...(this.#oldestMs === undefined ? {} : { oldestMs: this.#oldestMs }),
      ...(this.#settledMs === undefined ? {} : { settledMs: this.#settledMs }),
    }
  }
}

/** Of each operation, of when the oldest datum was that it read: a replica that lags gives what is older. */
function oldestReads({ events }: History): ReadonlyMap<number, number> {
  const lag = new Map<number, number>()
  const found = new Map<number, number>()
  for (const event of events) {
    if (event.kind === 'fault') {
      const { asOf } = deliveryOf([event.fault])
      if (asOf !== undefined && 'byMs' in asOf) lag.set(invocationOf(event.fault.at.root) ?? -1, asOf.byMs)
    }
    if (event.kind !== 'store' || event.write) continue
    const id = invocationOf(event.address.root)
    if (id === undefined) continue
    const ofMs = event.atMs - (lag.get(id) ?? 0)
    found.set(id, Math.min(found.get(id) ?? Infinity, ofMs))
  }
  return found
}

/** How long after its last fault a history still answered or changed anything. Undefined where no fault struck. */
function settledAfter({ events }: History): number | undefined {
  const last = events.findLast(({ kind }) => kind === 'fault')
  if (last === undefined) return undefined
  const change = events.findLast(
    (event) => isEnd.has(event.kind) || event.kind === 'effect' || (event.kind === 'store' && event.write),
  )
  return Math.max(0, (change?.atMs ?? last.atMs) - last.atMs)
}

const isEnd: ReadonlySet<string> = new Set(['ok', 'fail', 'info'])
