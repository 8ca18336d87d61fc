// The conditions of links that last longer than one message: partitions, slow links, slow nodes. The first fault that
// needs them creates them and healing drops them, so that a history without such faults never asks. The time of a slow
// leg is drawn from its name alone, so it does not depend on the order of events.
import type { Condition, Delivery, Side } from '../scenario/fault/delivery.ts'
import type { Leg } from '../scenario/address.ts'
import { longestOnTheWayMs } from '../scenario/lengths.ts'
import { chance } from '../plain/random.ts'

/** A leg (a request or a reply) that is being sent now. */
export interface Leaving {
  readonly from: string
  readonly to: string
  readonly leg: Leg
  /** Its name in the history. The time that it takes on a slow link is drawn from this name. */
  readonly id: string
  /** How long it takes without a fault, in milliseconds. */
  readonly usualMs: number
  /** How large its body is. @default there is none */
  readonly bytes?: number | undefined
}

/** All conditions that are in force. */
export class Conditions {
  readonly #lasting: { readonly condition: Condition; readonly fromMs: number; readonly untilMs: number }[] = []
  /** Connections that a cut has broken, of which neither end has heard yet. */
  readonly broken: (() => void)[] = []

  begin(conditions: readonly Condition[], nowMs: number): void {
    for (const condition of conditions)
      this.#lasting.push({ condition, fromMs: nowMs, untilMs: nowMs + (condition.forMs ?? Infinity) })
  }

  /**
   * The delivery of a leg under the conditions of this moment. The delays of several slow links add up; a link that is
   * cut loses everything.
   */
  on(delivery: Delivery, leaving: Leaving, nowMs: number): Delivery {
    let { fate, delayMs, trickleMs = 0 } = delivery
    for (const { condition, untilMs } of this.#lasting) {
      if (nowMs >= untilMs || condition.what.kind === 'readonly' || !covers(condition, leaving)) continue
      if (condition.what.kind === 'cut') fate = 'cut'
      else delayMs += extraMs(condition.what, leaving)
      trickleMs = Math.max(trickleMs, passingMs(condition.what, leaving.bytes))
    }
    if (trickleMs !== (delivery.trickleMs ?? 0)) return { ...delivery, fate, delayMs, trickleMs }
    return fate === delivery.fate && delayMs === delivery.delayMs ? delivery : { ...delivery, fate, delayMs }
  }

  /** How long some bytes that leave one of these nodes for the other now take beyond the usual, in milliseconds. */
  passingMs(from: string, to: string, bytes: number, nowMs: number): number {
    const now = this.#lasting.filter(
      ({ condition, untilMs }) => nowMs < untilMs && isOn(condition.from, from) && isOn(condition.to, to),
    )
    return Math.max(0, ...now.map(({ condition }) => passingMs(condition.what, bytes)))
  }

  /** Whether a store takes no writes now. */
  refuses(store: string, nowMs: number): boolean {
    return this.#lasting.some(
      ({ condition: { what, to }, untilMs }) => what.kind === 'readonly' && nowMs < untilMs && isOn(to, store),
    )
  }

  /** Whether bytes that leave one of these nodes for the other at this moment are lost. */
  cuts(from: string, to: string, atMs: number): boolean {
    return this.#lasting.some(
      ({ condition: { what, ...sides }, fromMs, untilMs }) =>
        what.kind === 'cut' && fromMs <= atMs && atMs < untilMs && isOn(sides.from, from) && isOn(sides.to, to),
    )
  }
}

function covers({ from, to, leg }: Condition, leaving: Leaving): boolean {
  return (leg === undefined || leg === leaving.leg) && isOn(from, leaving.from) && isOn(to, leaving.to)
}

function isOn({ names, others = false }: Side, name: string): boolean {
  return names === undefined || names.includes(name) !== others
}

/** How long the bytes of a body take where a link is narrow, in milliseconds. */
function passingMs(what: Condition['what'], bytes = 0): number {
  if (what.kind !== 'latency' || what.bytesPerSecond === undefined) return 0
  return Math.min(Math.floor((bytes * 1_000) / what.bytesPerSecond), longestOnTheWayMs)
}

function extraMs(
  what: Extract<Condition['what'], { readonly kind: 'slower' | 'latency' }>,
  { id, usualMs }: Leaving,
): number {
  return what.kind === 'slower' ? what.byMs : drawnMs(what, chance(0, `${what.key} ${id}`)) - usualMs
}

/** Draws beyond the 99.9th percentile, or below the 0.1th, are cut off there. */
const longestShare = 0.999

/**
 * The quantile of a log-logistic distribution with this median and this 99th percentile, in whole milliseconds, because
 * JavaScript engines may differ in the last digit of a power.
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
