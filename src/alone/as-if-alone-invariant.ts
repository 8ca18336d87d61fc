// asIfAlone: the handlers, one operation after the other on a perfect network, are the specification. Knows neither how
// they are run nor how ends are compared.
import type { EffectSource } from '../history/effect.ts'
import { assertList, assertOptions, assertType } from '../plain/options.ts'
import { vacuous, type Invariant, type RunsAlone } from '../verdict/verdict.ts'
import { AloneRuns } from './alone-runs.ts'
import { Comparison } from './comparison.ts'
import { endOf } from './facts.ts'
import { outcomesOf } from './outcomes.ts'

/** Options of {@link asIfAlone}. */
export interface AsIfAloneOptions {
  /**
   * What is not compared: an effect, a store or table, or a column by the end of its path. `*` is any name: `fence`,
   * `orders.version`, `*.attempts`. For counters of attempts, versions and tokens.
   *
   * @default everything is compared
   */
  readonly ignore?: readonly string[]
  /**
   * Effects, and tables as `store.table`, in which equal ones count as one, also where only generated ids differ: they
   * may come more than once.
   *
   * @default none
   */
  readonly atLeastOnce?: readonly string[]
  /**
   * Operations whose `ok` promises nothing: what they ask for may have been done or not, at any time. For what is sent
   * and forgotten, and for requests that are merged.
   *
   * @default none
   */
  readonly may?: readonly string[]
  /**
   * What may be left of an operation without an answer. `partial`: any part of what it does, since it may have stopped
   * half-way. `whole`: all of it or nothing, as a transfer promises.
   *
   * @default 'partial'
   */
  readonly unknown?: 'partial' | 'whole'
  /**
   * Whether each `ok` has to give the same answer as in that order, too; and an operation that was answered before
   * another began then comes before it. Answers that a fault changed on their way to the client do not count.
   *
   * @default false
   */
  readonly answers?: boolean
}

/** With more operations there are too many orders: four have 24, and 65 where nobody knows how they ended. */
const mostOperations = 4

/**
 * Holds when the end of a history (the rows of the registered stores, and the effects) is that of *some* order of its
 * operations, carried out one after the other on a perfect network by the same system. All that were answered ok are
 * among them, none that failed, and any of those whose end nobody knows. It needs no key and no model: the handlers,
 * undisturbed, are the specification.
 *
 * Ids that the system generates may differ, as long as they can be renamed one to one, and times do not count.
 *
 * It judges states: not how long something takes, not in which order effects come, and it does not see a mistake that
 * the handlers also make undisturbed. Workloads have at most four operations. Vacuous for more of them, where no
 * operation was carried out, and for a recorded history, since nothing can be run then. Unknown where the history did
 * not end in quiet, though its operations alone do; where these do not either, what goes on changing is left out. The
 * runs for comparison take one to two times as long as the histories themselves.
 *
 * After Burckhardt, Dern, Musuvathi and Tan, "Line-Up: a complete and automatic linearizability checker" (PLDI 2010).
 *
 * @param effects those that are compared beside the stores, and beside the effects of the system's other invariants
 * @throws where an option is not known
 * @example
 * invariants: [asIfAlone([charge], { ignore: ['*.attempts'] })]
 */
export function asIfAlone(
  effects: readonly { readonly name: string; readonly source: EffectSource }[] = [],
  options: AsIfAloneOptions = {},
): Invariant {
  const {
    ignore = [],
    atLeastOnce = [],
    may = [],
    unknown: left = 'partial',
    answers = false,
  } = checked(effects, options)
  const known = new WeakMap<RunsAlone, AloneRuns>()
  const runsOf = (simulation: RunsAlone): AloneRuns => {
    const runs = known.get(simulation) ?? new AloneRuns(simulation, { ignore, atLeastOnce })
    known.set(simulation, runs)
    return runs
  }
  return {
    kind: 'invariant',
    name: effects.length === 0 ? 'asIfAlone' : `asIfAlone(${effects.map(({ name }) => name).join(', ')})`,
    effects: effects.map(({ source }) => source),
    mostOperations,
    check: () => vacuous('asIfAlone runs the system again, and a history alone has none: use it in a test.'),
    async judge(run, simulation) {
      const done = outcomesOf(run, may)
      const count = done.ok.length + done.maybe.length
      if (count > mostOperations)
        return vacuous(
          `${count} operations have too many orders: asIfAlone judges histories of at most ${mostOperations}.`,
        )
      if (count + done.failed.length === 0) return vacuous('no operation was carried out.')
      const end = await endOf(run.history, simulation.system.stores ?? [], { ignore, atLeastOnce })
      const runs = runsOf(simulation)
      return new Comparison({ run, end, runs, done, isPartial: left === 'partial', answers, atLeastOnce }).verdict()
    },
  }
}

function checked(effects: unknown, options: AsIfAloneOptions): AsIfAloneOptions {
  assertList('asIfAlone(): its first argument', effects, 'a list of effects: [charge]')
  assertOptions('asIfAlone()', options, ['ignore', 'atLeastOnce', 'may', 'unknown', 'answers'])
  for (const name of ['ignore', 'atLeastOnce', 'may'] as const)
    assertList(`asIfAlone(): ${name}`, options[name] ?? [], "a list of names: ['charge']")
  assertType('asIfAlone(): answers', options.answers, 'boolean', 'true or false')
  const { unknown: left } = options
  if (left !== undefined && left !== 'partial' && left !== 'whole')
    throw new Error(`asIfAlone(): unknown is ${JSON.stringify(left)}; give 'partial' or 'whole'.`)
  return options
}
