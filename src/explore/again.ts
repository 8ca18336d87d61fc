// Single faults that strike again. Most code answers a failure with another attempt, and gives up, blames the message
// or believes the error at the second or third one. So where a run with one fault shows a next attempt of the call that
// it struck, faults strike that one as well, and the one after it: every fault by which the call fails, and this one.
import { addressId } from '../scenario/address-text.ts'
import { attemptAfter, attemptBefore, isFromOutside, withoutKeys, type Address } from '../scenario/address.ts'
import type { History } from '../history/history.ts'
import { failsCall, type Fault } from '../scenario/fault/registry.ts'
import { allowedOf, faultId, listed, usualFaults, type Allowed } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { Execute, Executed } from './executor.ts'
import { insert, kindsInTurn, type InTurn } from './kinds-in-turn.ts'

/** How many attempts in a row are struck at most. */
const mostAttempts = 3
/** How many histories this takes: a share of the random ones, and at most so many. */
const histories = { most: 40, share: 0.4 } as const
/**
 * Calls of nodes come first, since their loops are the user's own; then calls of clients; then what differs from
 * earlier ones by another field (another status, another length). Of each, what does not fail its call comes last.
 */
const ranks = { last: 100, ofClients: 1_000, alike: 10_000 } as const

/** What strikes again: noted for each run of a single fault. */
export class AgainQueue {
  readonly #sites: readonly Site[]
  readonly #allowed: Allowed
  readonly #most: number
  readonly #sets: InTurn[] = []
  readonly #seen = new Set<string>()
  #left: number

  /**
   * @param atMost the most faults in one history
   * @param numRuns how many random histories are asked for
   */
  constructor(perfect: Executed | undefined, allowed: Allowed, atMost: number, numRuns: number) {
    this.#sites = perfect?.sites ?? []
    this.#allowed = allowed
    this.#most = Math.min(atMost, mostAttempts)
    this.#left = Math.ceil(Math.min(histories.most, numRuns * histories.share))
  }

  get isEmpty(): boolean {
    return this.#left === 0 || this.#sets.length === 0
  }

  /** Notes a run of a single fault in which nothing was violated. */
  note({ scenario: { plan }, history }: Executed): void {
    const [fault] = plan.kind === 'listed' ? plan.faults : []
    if (fault === undefined || this.#most < 2 || this.#left === 0) return
    const second = secondAttempt(history, fault.at)
    if (second === undefined) return
    const call = callId(fault.at)
    if (!this.#seen.has(call)) {
      this.#seen.add(call)
      const sites = this.#sites.filter(({ address }) => callId(address) === call)
      const failing = usualFaults(sites, this.#allowed).filter(failsCall)
      for (const { faults, turn } of kindsInTurn(failing)) for (const one of faults) this.#add(one, second, turn)
    }
    this.#add(fault, second, ranks.last)
  }

  #add(fault: Fault, second: Address, turn: number): void {
    if (this.#seen.has(faultId(fault))) return
    this.#seen.add(faultId(fault))
    const next = { ...second, leg: fault.at.leg }
    const attempts = [next, attemptAfter(next)].slice(0, this.#most - 1)
    const others = allowedOf(
      attempts.map((at) => ({ ...fault, at })),
      this.#allowed,
    )
    if (others.length < attempts.length) return
    const like = `${fault.kind} ${addressId(fault.at)}`
    const rank = this.#seen.has(like) ? ranks.alike : isFromOutside(fault.at) ? ranks.ofClients : 0
    this.#seen.add(like)
    const set = { faults: [fault, ...others], turn: rank + turn }
    insert(this.#sets, set, (other) => other.turn > set.turn)
  }

  take(): readonly Fault[] | undefined {
    if (this.isEmpty) return undefined
    this.#left -= 1
    return this.#sets.shift()?.faults
  }
}

/** Runs the next one, if there is one. */
export async function again(execute: Execute, perfect: Executed, queue: AgainQueue): Promise<Executed | undefined> {
  const faults = queue.take()
  return faults === undefined ? undefined : execute({ ...perfect.scenario, plan: listed(faults) })
}

/** A call, whichever of its legs an address names. */
function callId(address: Address): string {
  return addressId({ ...withoutKeys(address), leg: 'request' })
}

/** The same call in the second attempt, if there is one. Keys are left out: retries may have others. */
function secondAttempt({ events }: History, first: Address): Address | undefined {
  const id = addressId(withoutKeys(first))
  for (const event of events) {
    if (event.kind !== 'send' && event.kind !== 'store') continue
    const { address } = event
    if (address.leg !== first.leg || address.to !== first.to || address.from !== first.from) continue
    const before = attemptBefore(address)
    if (before !== undefined && addressId(withoutKeys(before)) === id) return address
  }
  return undefined
}
