// The state of links that outlasts one leg: partitions, slow links, slow nodes. Made by the first fault that needs it,
// dropped by healing, so that a history without such a fault never asks. Pure but for the list: what a leg's time is
// depends on its name alone.
import type { Condition, Delivery, Side } from '../scenario/fault/delivery.ts'
import type { Leg } from '../scenario/address.ts'
import { chance } from '../plain/random.ts'

/** A leg that leaves now. */
export interface Leaving {
  readonly from: string
  readonly to: string
  readonly leg: Leg
  /** Its name in the history, by which its time is drawn. */
  readonly id: string
  /** How long it takes usually, in milliseconds. */
  readonly usualMs: number
}

/** All that lasts. */
export class Conditions {
  readonly #lasting: { readonly condition: Condition; readonly untilMs: number }[] = []

  begin(conditions: readonly Condition[], nowMs: number): void {
    for (const condition of conditions)
      this.#lasting.push({ condition, untilMs: nowMs + (condition.forMs ?? Infinity) })
  }

  /**
   * A leg's delivery as the links are at this moment. Several slow ones add up; a cut one loses whatever it carries.
   */
  on(delivery: Delivery, leaving: Leaving, nowMs: number): Delivery {
    let { fate, delayMs } = delivery
    for (const { condition, untilMs } of this.#lasting) {
      if (nowMs >= untilMs || !covers(condition, leaving)) continue
      if (condition.what.kind === 'cut') fate = 'cut'
      else delayMs += extraMs(condition.what, leaving)
    }
    return fate === delivery.fate && delayMs === delivery.delayMs ? delivery : { ...delivery, fate, delayMs }
  }

  /** Whether bytes from one to the other are lost now. */
  cuts(from: string, to: string, nowMs: number): boolean {
    return this.#lasting.some(
      ({ condition, untilMs }) =>
        condition.what.kind === 'cut' && nowMs < untilMs && isOn(condition.from, from) && isOn(condition.to, to),
    )
  }
}

function covers({ from, to, leg }: Condition, leaving: Leaving): boolean {
  return (leg === undefined || leg === leaving.leg) && isOn(from, leaving.from) && isOn(to, leaving.to)
}

function isOn({ names, others = false }: Side, name: string): boolean {
  return names === undefined || names.includes(name) !== others
}

function extraMs(what: Exclude<Condition['what'], { readonly kind: 'cut' }>, { id, usualMs }: Leaving): number {
  return what.kind === 'slower' ? what.byMs : drawnMs(what, chance(0, `${what.key} ${id}`)) - usualMs
}

/** Nothing takes longer than one in a thousand would, nor shorter. */
const longestShare = 0.999

/**
 * The quantile of a log-logistic distribution with this median and this 99th percentile, whole milliseconds: engines
 * may differ in the last digit of a power.
 */
function drawnMs(
  { typicalMs, tailMs }: { readonly typicalMs: number; readonly tailMs: number },
  share: number,
): number {
  const spread = Math.log(tailMs / typicalMs) / Math.log(99)
  const within = Math.min(Math.max(share, 1 - longestShare), longestShare)
  const odds = within / (1 - within)
  return Math.max(1, Math.round(typicalMs * odds ** spread))
}
