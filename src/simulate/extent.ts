// How far a scenario reaches in time: when its last operation arrives, when the last fault that ends by itself has
// ended, and how far clocks were moved. Known as far as the history has come.
import type { Delivery } from '../scenario/fault/delivery.ts'
import { largestStepOf, reachOf } from '../scenario/fault/reach.ts'

const aMinuteMs = 60_000

export class Extent {
  /** When the last operation arrives, in milliseconds of virtual time. */
  lastArrivalMs = 0
  /** When somebody outside acts again, who was not accepted: a provider. In milliseconds of virtual time. */
  lastExpectedMs = 0
  /** The largest step that a clock has made, in milliseconds. */
  largestStepMs = 0
  #faultsEndMs = 0

  /** When the last operation has arrived, and every fault that ends by itself has ended. */
  get endsMs(): number {
    return Math.max(this.lastArrivalMs, this.#faultsEndMs)
  }

  arrives(atMs: number): void {
    this.lastArrivalMs = Math.max(this.lastArrivalMs, atMs)
  }

  expects(atMs: number): void {
    this.lastExpectedMs = Math.max(this.lastExpectedMs, atMs)
  }

  struck(nowMs: number, delivery: Delivery): void {
    const reachMs = reachOf(delivery)
    // Later ones strike what retries: if each of them made room for more, there would be no end
    const isEarly = nowMs <= this.lastArrivalMs + aMinuteMs
    if (reachMs > 0 && isEarly) this.#faultsEndMs = Math.max(this.#faultsEndMs, nowMs + reachMs)
    this.largestStepMs = Math.max(this.largestStepMs, largestStepOf(delivery))
  }
}
