// Tries interleavings of processes that share a store. Each change that another process could have read before comes
// late once: in workloads of two operations that begin at once, or with one operation moved so that both use the store
// at the same moment. Needs no faults, so it comes before them.
import { invocationOf } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import { lateClass } from '../scenario/late-change.ts'
import { listed, noFaults } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'

/** What they found so far. */
export interface Orders {
  /** Histories in which a change came late. */
  readonly run: number
  /** The first history that violates an invariant. */
  readonly violating?: Executed
}

/** How many late changes are tried, and how many of them may differ only by their workload or repetition. */
const [mostOrders, mostAlike] = [60, 3] as const
/** How many workloads are run to find late changes, and how often an operation of one workload is moved for that. */
const [mostWorkloads, mostShifts] = [80, 2] as const

/**
 * Runs them, and says after each history what was found so far.
 *
 * @param perfect a fault-free run with its catalogue
 */
export async function* orders(
  execute: Execute,
  perfect: Executed,
  workloads: Iterable<Workload>,
): AsyncGenerator<Orders, void> {
  const alike = new Map<string, number>()
  let run = 0
  let met = 0
  let violating: Executed | undefined
  const found = (): Orders => ({ run, ...(violating === undefined ? {} : { violating }) })
  const isOver = (): boolean => violating !== undefined || run === mostOrders || met === mostWorkloads
  const note = (executed: Executed): Executed => {
    if (executed.violations.length > 0) violating = executed
    return executed
  }
  async function* eachLate({ scenario, orders: possible }: Executed): AsyncGenerator<Orders, void> {
    for (const late of possible) {
      const times = alike.get(lateClass(late)) ?? 0
      if (violating !== undefined || run === mostOrders || times === mostAlike) continue
      alike.set(lateClass(late), times + 1)
      run += 1
      note(await execute({ ...scenario, plan: listed([], [late]) }))
      yield found()
    }
  }
  /** Runs workloads until one violates an invariant; with `once`, also until one has a change that could come late. */
  async function* each(candidates: Iterable<Workload>, once: boolean): AsyncGenerator<Orders, void> {
    for (const workload of candidates) {
      if (isOver()) return
      met += 1
      const executed = note(await execute({ ...perfect.scenario, workload, plan: noFaults }, { collect: true }))
      yield found()
      if (isOver()) return
      const isApart = !once && executed.orders.length === 0
      yield* isApart ? each(shifted(executed), true) : eachLate(executed)
      if (once && executed.orders.length > 0) return
    }
  }
  yield* eachLate(perfect)
  yield* each(shifted(perfect), true)
  yield* each(workloads, false)
}

/** The workload with one operation begun later, so that it uses a store at the same moment as another operation. */
function* shifted({ scenario: { workload }, history }: Executed): Generator<Workload, void> {
  const calls = history.events.filter((event) => event.kind === 'store')
  for (const one of workload.invocations) {
    const own = calls.filter(({ address }) => invocationOf(address.root) === one.id)
    const later = new Set<number>()
    for (const { atMs, address } of own)
      for (const other of calls)
        if (
          other.atMs > atMs &&
          other.address.to === address.to &&
          rootText(other.address.root) !== rootText(address.root)
        )
          later.add(other.atMs - atMs)
    for (const byMs of [...later].sort((a, b) => a - b).slice(0, mostShifts)) {
      const invocations = workload.invocations.map((other) =>
        other === one ? { ...one, afterMs: one.afterMs + byMs } : other,
      )
      yield { invocations }
    }
  }
}
