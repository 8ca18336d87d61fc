// One history beside the runs of its operations one after the other. Knows how ends are compared, and not how
// operations are run.
import { bug } from '../plain/bug.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { holds, undecided, unknown, violated, type JudgedRun, type Verdict } from '../verdict/verdict.ts'
import { reasonOf, type Nearest } from './alone-reason.ts'
import type { AloneRuns, Times, WhenAlone } from './alone-runs.ts'
import { differenceOf, type ComparedFacts } from './difference.ts'
import { countsOf, sameCounts, type EndState, type Fact } from './facts.ts'
import type { Outcomes } from './outcomes.ts'
import { possibleOrders, subsets } from './possible-orders.ts'
import { atomsOfFacts, renamed, type Atom } from './renamed.ts'

interface ComparisonOptions {
  readonly run: JudgedRun
  readonly end: EndState
  readonly runs: AloneRuns
  readonly done: Outcomes
  readonly isPartial: boolean
  readonly answers: boolean
  /** Sources in which equal facts count as one. */
  readonly atLeastOnce: readonly string[]
}

/** One history beside the runs of its operations one after the other. */
export class Comparison {
  readonly #options: ComparisonOptions
  #nearest: Nearest | undefined
  /** What goes on changing where there is no rest: it is not compared. */
  #endless: ReadonlySet<string> = new Set()
  /** A run for comparison did not come to rest. */
  #isRestless = false

  constructor(options: ComparisonOptions) {
    this.#options = options
  }

  async verdict(): Promise<Verdict> {
    const { done, run, end, answers } = this.#options
    const orders = possibleOrders(done.ok, done.maybe, done.spans, answers)
    for (const order of end.isQuiet ? orders : []) if (await this.#explains(order)) return holds
    for (const order of orders) if (await this.#explains(order, done.beganMs)) return holds
    if (!end.isQuiet && run.patient !== true)
      return undecided('the history did not end in quiet, so more might still have come.')
    if (!end.isQuiet && !this.#isRestless)
      return unknown(
        'the history did not end in quiet, and the same operations alone do. Let what repeats come to rest.',
      )
    if (end.isQuiet && this.#isRestless) return unknown('operations that are carried out alone do not come to rest.')
    const nearest = this.#nearest ?? bug('no order was compared')
    const facts = [...end.facts, ...end.answers.values()]
    return violated(reasonOf({ history: run.history, facts, done, nearest, endless: [...this.#endless] }))
  }

  async #explains(order: readonly number[], at?: Times): Promise<boolean> {
    const { run, end, runs, done, isPartial } = this.#options
    const when = this.#when(at)
    const alone = await runs.end(run.scenario, order, when)
    if (!alone.isQuiet) this.#isRestless = true
    if (!end.isQuiet && at !== undefined) this.#endless = await runs.endless(run.scenario, order, at)
    const [found, expected] = [this.#factsOf(end), this.#factsOf(alone)]
    if (sameCounts(texts(found), texts(expected))) return true
    const literals = await runs.literals(run.scenario, order, when)
    const sides = [this.#side(found, literals), this.#side(expected, literals)] as const
    if (sameCounts(countsOf(sides[0].lines), countsOf(sides[1].lines))) return true
    const isWhole = order.length === done.ok.length + done.maybe.length
    if (isPartial && isWhole && done.maybe.length > 0 && (await this.#isWithin(order, literals, at))) return true
    // A row that only refers to one that is missing is not told, unless nothing else differs
    const alike = differenceOf(this.#side(found, literals, 0), this.#side(expected, literals, 0))
    const difference = alike.size > 0 ? alike : differenceOf(...sides)
    if (this.#nearest === undefined || difference.size < this.#nearest.difference.size)
      this.#nearest = { order, difference }
    return false
  }

  /** Where there is no rest, what is compared is given as long as the history was. */
  #when(at: Times | undefined): WhenAlone {
    const { run, end } = this.#options
    return { ...(at === undefined ? {} : { at }), isHasty: !end.isQuiet && run.patient !== true }
  }

  /** Whether each fact is there as often as in one of the runs of this order without some of the unknown ones. */
  async #isWithin(order: readonly number[], whole: ReadonlySet<Atom>, at: Times | undefined): Promise<boolean> {
    const { run, end, runs, done } = this.#options
    const ends: EndState[] = []
    for (const kept of subsets(done.maybe))
      ends.push(
        await runs.end(
          run.scenario,
          order.filter((id) => done.ok.includes(id) || kept.includes(id)),
          this.#when(at),
        ),
      )
    // What only a shorter run has is no id of the whole one: an earlier value of a counter
    const all = atomsOfFacts(this.#factsOf(await runs.end(run.scenario, order, this.#when(at))))
    const shorter = ends.flatMap((one) => [...atomsOfFacts(this.#factsOf(one))].filter((atom) => !all.has(atom)))
    const literals = new Set([...whole, ...shorter])
    const counts = ends.map((one) => countsOf(this.#side(this.#factsOf(one), literals).lines))
    const here = countsOf(this.#side(this.#factsOf(end), literals).lines)
    const lines = new Set([here, ...counts].flatMap((one) => [...one.keys()]))
    return [...lines].every((line) => {
      const often = counts.map((one) => one.get(line) ?? 0)
      const n = here.get(line) ?? 0
      return n >= Math.min(...often) && n <= Math.max(...often)
    })
  }

  /**
   * What is compared of an end: the views of those clients all of whose operations were answered ok, since one that
   * failed may show there, too; and where answers count, those of operations that were answered ok.
   */
  #factsOf({ facts, answers }: EndState): readonly Fact[] {
    const { run, done } = this.#options
    const byClient = Map.groupBy(run.scenario.workload.invocations, ({ client }) => `client#${client}`)
    const clients = new Set(
      [...byClient].flatMap(([name, all]) => (all.every(({ id }) => done.ok.includes(id)) ? [name] : [])),
    )
    const isChanged = (id: number): boolean => run.fired.some((fault) => isOnAnswer(fault, done.nameOf(id)))
    const compared = this.#options.answers ? done.ok.filter((id) => !isChanged(id)) : []
    return [
      ...facts.filter(
        ({ client, source }) => (client === undefined || clients.has(client)) && !this.#endless.has(source),
      ),
      ...compared.flatMap((id) => answers.get(id) ?? []),
    ]
  }

  /** Facts with the lines by which they are compared; of equal ones that may come more than once, one. */
  #side(facts: readonly Fact[], literals: ReadonlySet<Atom>, rounds?: number): ComparedFacts {
    const lines = renamed(facts, literals, rounds)
    const kept = [...facts.keys()].filter((n) => {
      const { source } = facts[n] ?? bug('a line without a fact')
      return !this.#options.atLeastOnce.includes(source) || lines.indexOf(lines[n] ?? '') === n
    })
    return { facts: kept.flatMap((n) => facts[n] ?? []), lines: kept.map((n) => lines[n] ?? '') }
  }
}

/** Whether a fault struck what the operation itself was answered. */
function isOnAnswer({ at }: Fault, name: string): boolean {
  const root = at.root
  return at.path.length === 0 && root.kind === 'operation' && `${root.operation}#${root.invocation}` === name
}

function texts(facts: readonly Fact[]): ReadonlyMap<string, number> {
  return countsOf(facts.map(({ text }) => text))
}
