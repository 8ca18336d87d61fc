// conservation: transfers neither create nor lose anything. Knows snapshots and the amount in each row; must not know
// who moved it.
import { effectsOf, type Effect, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions } from '../plain/options.ts'
import type { Reason, ReasonKind } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder } from './by-key.ts'
import { cutShort, endOf, isQuiet } from './calls.ts'
import { snapshotsInUse } from './snapshots.ts'
import { momentOf, noEffect, seqs, shown } from './reason-words.ts'

/** What {@link conservation} expects. */
export interface Conserved {
  /** The sum of every snapshot, in whole units (cents, not fractions), since sums are compared exactly. */
  readonly total: number
}

/**
 * Holds when every atomic snapshot sums to the total. Where the effect comes from decides what a snapshot is:
 *
 * - `rows`: all rows at the end of the history are one snapshot. A wrong sum is violated when nothing was left to do,
 *   and unknown when the history ended at a bound, as a transfer may be half done. No rows at all sum to 0: vacuous if
 *   the total is 0, otherwise violated. With `everyCommit`, all rows after each commit are a snapshot as well, from the
 *   first operation on. A wrong sum there is violated no matter how the history ended: a transfer has to be one commit.
 * - `journal`, `requests`: each value is a snapshot, for example when a handler reads all balances in one transaction
 *   and records them; `amount` adds them up. Violated no matter how the history ended. Vacuous without effects.
 *
 * After the `bank` workload of Jepsen, where each read of all accounts has to sum to one total. A read with another sum
 * is read skew (A5A) of Berenson et al., "A Critique of ANSI SQL Isolation Levels" (SIGMOD 1995).
 *
 * @param amount the amount in a row, or the sum of a whole snapshot
 * @throws if `total` is not a finite number; in `check`, if an amount is not a finite number
 * @example
 * conservation(
 *   rows('account', () => db.prepare('select * from accounts').all() as Account[]),
 *   (a) => a.cents,
 *   { total: 10_000 },
 * )
 * @example
 * conservation(rows('account', allAccounts, { everyCommit: true }), (a) => a.cents, { total: 10_000 })
 * @example
 * conservation(journal<number[]>('balances read'), (balances) => balances.reduce((sum, cents) => sum + cents, 0), {
 *   total: 10_000,
 * })
 */
export function conservation<T>(effect: Effect<T>, amount: (value: T) => number, options: Conserved): Invariant {
  assertOptions(`conservation(${effect.name})`, options ?? null, ['total'])
  const { total } = options
  if (!Number.isFinite(total)) throw new Error(`conservation(${effect.name}): total is ${shown(total)}; give a number.`)
  // The cast holds: values under this name come from this source
  const amountOf = (value: unknown): number => finite(effect.name, value, amount(value as T))
  return {
    kind: 'invariant',
    name: `conservation(${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const effects = inOrder(effectsOf(history, effect.name))
      // Another invariant may have asked for the snapshots of these rows
      const judged = effect.source.from !== 'rows' || effect.source.everyCommit === true
      const between = judged ? inBetween(history, effect.name, amountOf, total) : undefined
      if (between !== undefined) return between
      if (effect.source.from === 'rows' || effect.source.from === 'reads')
        return finalState(history, effect, effects, amountOf, total)
      if (effects.length === 0) return vacuous(noEffect(effect.source))
      const reasons = effects.flatMap((snapshot) => off(effect.name, snapshot, amountOf(snapshot.value), total))
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

/** Refuses NaN, which differs from every total and would be reported as a loss. */
function finite(name: string, value: unknown, found: number): number {
  if (Number.isFinite(found)) return found
  throw new Error(`${name}: the amount of ${shown(value)} is ${shown(found)}; give a number.`)
}

/** The first commit after which the rows do not sum to the total. */
function inBetween(
  history: History,
  name: string,
  amountOf: (value: unknown) => number,
  total: number,
): Verdict | undefined {
  for (const { rows, atMs, event } of snapshotsInUse(history, name)) {
    const sum = sumOf(rows, amountOf)
    if (sum === total) continue
    const text =
      `${countOf(rows)} of ${name} summed to ${sum} after the commit${momentOf({ value: rows, atMs })}: ` +
      `${shown(rows)}; expected ${total}.`
    return {
      kind: 'violated',
      reasons: [
        {
          kind: sum > total ? 'above-total-after-commit' : 'below-total-after-commit',
          of: name,
          text,
          events: [event],
        },
      ],
    }
  }
  return undefined
}

function sumOf(rows: readonly unknown[], amountOf: (value: unknown) => number): number {
  return rows.reduce<number>((sum, row) => sum + amountOf(row), 0)
}

function countOf(rows: readonly unknown[]): string {
  return rows.length === 1 ? 'one row' : `${rows.length} rows`
}

function finalState(
  history: History,
  { name, source }: Pick<Effect<unknown>, 'name' | 'source'>,
  rows: readonly Observed[],
  amountOf: (value: unknown) => number,
  total: number,
): Verdict {
  const sum = sumOf(
    rows.map(({ value }) => value),
    amountOf,
  )
  if (sum === total) return rows.length === 0 ? vacuous(noEffect(source)) : holds
  const text = `${countOf(rows)} of ${name} summed to ${sum} at the end; expected ${total}.`
  if (!isQuiet(history)) return undecided(`${cutShort(history)}, when this was so: ${text}`)
  const end = endOf(history)
  return {
    kind: 'violated',
    reasons: [
      {
        text,
        kind: kindOf(sum, total),
        of: name,
        events: ascending([...seqs(rows), ...(end === undefined ? [] : [end.seq])]),
      },
    ],
  }
}

function off(name: string, snapshot: Observed, sum: number, total: number): readonly Reason[] {
  if (sum === total) return []
  return [
    {
      text: `${name} summed to ${sum}${momentOf(snapshot)}: ${shown(snapshot.value)}; expected ${total}.`,
      kind: kindOf(sum, total),
      of: name,
      events: seqs([snapshot]),
    },
  ]
}

/** Too much and too little are different bugs, so they are different kinds. */
function kindOf(sum: number, total: number): ReasonKind {
  return sum > total ? 'above-total' : 'below-total'
}

function ascending(events: readonly number[]): readonly number[] {
  return [...new Set(events)].sort((a, b) => a - b)
}
