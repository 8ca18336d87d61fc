// noOversell: at no moment is more sold than there is. A safety property over sums, each key on its own. Knows effects
// and their quantities; must not know who bought.
import { effectsOf, type Effect, type Key, type KeyedEffect, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions, assertType } from '../plain/options.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder, keyFor, type Agreeing } from './by-key.ts'
import { askingFor, holdsByKey } from './shared-keys.ts'
import { momentOf, noEffect, seconds, seqs, shown } from './reason-words.ts'

/** Effects with a key and a quantity; made by {@link counted}. */
export interface CountedEffect<K extends Key> extends KeyedEffect<K> {
  quantityOf(value: unknown): number
}

export interface Stock<K extends Key> {
  /** The stock of each key. Rows that are there when the history begins count as sold from it. */
  readonly stock: number | ((key: K) => number)
  /** What comes back into stock; without `counted`, one for each effect. @default nothing */
  readonly restocked?: KeyedEffect<Agreeing<K>> | CountedEffect<Agreeing<K>>
  /**
   * The stock in the system's own data: `counted` rows, whose quantity is the level.
   *
   * @default not checked
   */
  readonly level?: CountedEffect<Agreeing<K>>
}

/**
 * Holds when, at every moment and for every key, no more was sold than the stock plus what was restocked so far, and no
 * level that was read is below 0. Effects of one moment (the rows of one commit) count together. If rows were read only
 * at the end, totals are compared, and a restock without a time counts from the start, so that doubt is no violation.
 * Vacuous when nothing was sold.
 *
 * The invariant "non-negative stock" that needs coordination, in Bailis et al., "Coordination Avoidance in Database
 * Systems" (VLDB 2014); O'Neil, "The Escrow Transactional Method" (1986).
 *
 * @param sold keyed by the thing that is sold; without `counted`, each effect sells one
 * @throws if `stock` is a number below 0 or NaN; in `check`, if a key is not a key, or a stock or quantity is not a
 *   number
 * @example
 * noOversell(ticket.by((t) => t.event), { stock: 1 })
 * @example
 * noOversell(counted(line, (l) => l.sku, (l) => l.quantity), {
 *   stock: (sku) => initial[sku] ?? 0,
 *   restocked: returned.by((r) => r.sku),
 *   level: counted(shelf, (s) => s.sku, (s) => s.left),
 * })
 */
export function noOversell<K extends Key>(
  sold: KeyedEffect<K> | CountedEffect<K>,
  options: Stock<NoInfer<K>>,
): Invariant {
  assertOptions(`noOversell(${sold.name})`, options ?? null, ['stock', 'restocked', 'level'])
  const { stock, restocked, level } = options
  if (typeof stock !== 'number')
    assertType('noOversell: stock', stock ?? null, 'function', 'a number, or a function of the key')
  if (typeof stock === 'number') finite(stock, 'noOversell: stock', 0)
  return {
    kind: 'invariant',
    name: `noOversell(${sold.name})`,
    effects: [sold, restocked, level].flatMap((effect) => (effect === undefined ? [] : [effect.source])),
    check(history: History) {
      const sales = movementsByKey(history, sold)
      const returns: Movements<Key> = restocked === undefined ? new Map() : movementsByKey<Key>(history, restocked)
      const above = Array.from(sales).flatMap(([key, made]) =>
        surplus(sold.name, key, made, returns.get(key) ?? [], stockOf(stock, key)),
      )
      const reasons = [
        ...above,
        ...(level === undefined ? [] : belowZero(level.name, movementsByKey<Key>(history, level))),
      ]
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return sales.size === 0 ? vacuous(noEffect(sold.source)) : soldTogether(history, sold.name, sales)
    },
  }
}

/** Whether two could have bought the same thing: otherwise nothing could be oversold. */
function soldTogether<K extends Key>(history: History, name: string, sales: Movements<K>): Verdict {
  if (Array.from(sales.values()).some((made) => made.some(({ quantity }) => quantity > 1))) return holds
  const asking = askingFor(history)
  return holdsByKey(
    new Map(Array.from(sales, ([key, made]) => [key, made.map(({ observed }) => observed)])),
    (keys) => keys.every((key) => asking(key) < 2),
    `every "${name}" has a key of its own, which no two operations asked for, so nothing can be oversold. Give as ` +
      'key the thing that is sold, and not the sale, and let operations share it: fc.constantFrom of a few things.',
  )
}

/**
 * An effect with a key and a quantity in whole units: `.by(key)` with one more function.
 *
 * @example
 * counted(line, (l) => l.sku, (l) => l.quantity)
 */
export function counted<T, K extends Key>(
  effect: Effect<T>,
  key: (value: T) => K,
  quantity: (value: T) => number,
): CountedEffect<K> {
  // The cast holds: values under this name come from this source
  return { ...effect.by(key), quantityOf: (value) => quantity(value as T) }
}

interface Movement {
  readonly observed: Observed
  readonly quantity: number
}

type Movements<K extends Key> = ReadonlyMap<K, readonly Movement[]>

function movementsByKey<K extends Key>(history: History, effect: KeyedEffect<K> | CountedEffect<K>): Movements<K> {
  const movements = inOrder(effectsOf(history, effect.name)).map((observed) => ({
    observed,
    quantity:
      'quantityOf' in effect
        ? finite(effect.quantityOf(observed.value), `${effect.name}: the quantity of ${shown(observed.value)}`)
        : 1,
  }))
  return Map.groupBy(movements, ({ observed }) => keyFor(effect, observed.value))
}

function stockOf<K extends Key>(stock: Stock<K>['stock'], key: K): number {
  return typeof stock === 'number' ? stock : finite(stock(key), `noOversell: the stock of ${shown(key)}`, 0)
}

/** Refuses NaN: every comparison with it is false, so it would count as enough. */
function finite(found: number, what: string, least = -Infinity): number {
  if (Number.isFinite(found) && found >= least) return found
  throw new Error(`${what} is ${shown(found)}; give a number${least === 0 ? ' from 0' : ''}.`)
}

/** A reason for the first moment at which more was sold than there was. */
function surplus(
  name: string,
  key: Key,
  sales: readonly Movement[],
  returns: readonly Movement[],
  stock: number,
): readonly Reason[] {
  const out = sales.map((sale) => ({ ...sale, moment: sale.observed.event ?? Infinity, out: sale.quantity }))
  const back = returns.map((restock) => ({ ...restock, moment: restock.observed.event ?? -1, out: -restock.quantity }))
  let net = 0
  for (const [moment, group] of Map.groupBy(
    [...back, ...out].sort((a, b) => order(a.moment, b.moment)),
    (movement) => movement.moment,
  )) {
    for (const movement of group) net += movement.out
    if (net > stock)
      return [
        oversold(
          name,
          key,
          stock,
          out.filter((sale) => sale.moment <= moment),
          back.filter((restock) => restock.moment <= moment),
        ),
      ]
  }
  return []
}

/** Compares without subtraction, since Infinity - Infinity is NaN. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function oversold(
  name: string,
  key: Key,
  stock: number,
  sales: readonly Movement[],
  returns: readonly Movement[],
): Reason {
  const back = total(returns)
  return {
    text:
      `${name}: ${total(sales)} sold for ${shown(key)}${by(sales)}, with ${stock} in stock${restock(back)}; ` +
      `expected at most ${stock + back}.`,
    kind: 'oversold',
    subject: key,
    events: seqs([...sales, ...returns].map(({ observed }) => observed)),
  }
}

function total(movements: readonly Movement[]): number {
  return movements.reduce((sum, { quantity }) => sum + quantity, 0)
}

function by(sales: readonly Movement[]): string {
  const atMs = sales.at(-1)?.observed.atMs
  return atMs === undefined ? '' : ` by ${seconds(atMs)}`
}

function restock(back: number): string {
  return back === 0 ? '' : ` and ${back} restocked`
}

/** A reason for every key whose level was read below 0, at the first such reading. */
function belowZero(name: string, levels: Movements<Key>): readonly Reason[] {
  return Array.from(levels).flatMap(([key, readings]) => {
    const first = readings.find(({ quantity }) => quantity < 0)
    if (first === undefined) return []
    return [
      {
        text: `${name} was ${first.quantity} for ${shown(key)}${momentOf(first.observed)}; expected never below 0.`,
        kind: 'below-zero' as const,
        of: name,
        subject: key,
        events: seqs([first.observed]),
      },
    ]
  })
}
