// The delivery of one leg: what becomes of it on its way. Faults rewrite it; the simulation carries it out.
import type { Leg } from '../address.ts'

/** What becomes of one leg on its way; faults rewrite it one after the other. */
export interface Delivery {
  /** Added to the usual latency. */
  readonly delayMs: number
  /**
   * `notFound`, `tryAgain`: its callee's name could not be looked up; `unreachable`: no connection came about;
   * `closed`: the connection was being closed.
   */
  readonly fate:
    'pass' | 'lost' | 'hang' | 'refused' | 'notFound' | 'tryAgain' | 'unreachable' | 'reset' | 'closed' | 'cut'
  /** Answered in the callee's stead (request), or instead of the callee's answer (reply). */
  readonly answer?: InjectedAnswer
  /** Further copies of a request: `afterMs` after the first copy's arrival, or after its reply left. */
  readonly copies: readonly { readonly after: 'request' | 'reply'; readonly afterMs: number }[]
  /**
   * Nodes that stop here: the sender once the leg has left, the receiver as it arrives. A sender's reply never leaves,
   * unless it has `answered`.
   */
  readonly crashes: readonly {
    readonly node: string
    readonly restartAfterMs: number
    readonly answered?: boolean
    /** It stays down while another instance of the node goes on. */
    readonly forGood?: boolean
    /** Its connections are reset at once. */
    readonly hangsUp?: boolean
  }[]
  /**
   * Nodes that stop here for a while, where they would crash. `replaced`: a new incarnation takes the requests from
   * here on.
   */
  readonly pauses: readonly { readonly node: string; readonly forMs: number; readonly replaced: boolean }[]
  /**
   * Nodes whose process gets SIGTERM here: once the leg has left, or just after the receiver has taken it up. A new
   * incarnation boots beside it. `stillRoutedMs`: for so long new requests go to the old one. `heir`: how somebody else
   * answers at the address that it leaves.
   */
  readonly deploys?: readonly {
    readonly node: string
    readonly graceMs: number
    readonly stillRoutedMs: number
    readonly heir?: InjectedAnswer
  }[]
  /** Wall clocks that move here. */
  readonly jumps: readonly { readonly node: string; readonly byMs: number; readonly afterMs?: number }[]
  /** Timer clocks that run fast (positive) or slow from here on, in millionths. */
  readonly drifts: readonly { readonly node: string; readonly ppm: number; readonly forMs?: number }[]
  /** The connection breaks after so many bytes of the leg's body; past its end, in place of its end. */
  readonly breaksAtByte?: number
  /** The last byte of the leg's body comes so long after its head. */
  readonly trickleMs?: number
  /** The client of its operation goes away: once it has left, or after so many pieces of a streamed answer. */
  readonly leavesAfter?: number
  /** A read sees its store as it was: so many writes ago, or so many milliseconds. */
  readonly asOf?: StoreAge
  /** So much later its machine loses power, and the store all from this commit on. */
  readonly powerLost?: { readonly afterMs: number; readonly restartAfterMs: number }
  /** What arrives in place of the reply's body, under its own status. */
  readonly body?: Damage
  /** What begins for later legs, this one included. */
  readonly begins?: readonly Condition[]
}

/** An answer of somebody on the way: an HTTP status, and how long a client is asked to wait before it tries again. */
export interface InjectedAnswer {
  readonly status: number
  readonly retryAfterMs?: number
  /** Retry-After is a date, by the true clock of whoever answers, and not a number of seconds. */
  readonly dated?: true
  /** It is no excuse: whoever is at the address answers as it would to anybody. */
  readonly stranger?: true
}

/** How old what a replica holds is: by the writes that it has not heard of, or by time. */
export type StoreAge = { readonly writes: number } | { readonly byMs: number }

/** A reply's body: its first half, nothing, or a proxy's page. */
export type Damage = 'truncated' | 'empty' | 'html'

/** A change of all legs of some links, from now on. */
export interface Condition {
  readonly from: Side
  readonly to: Side
  /** Only these legs. Absent: both. */
  readonly leg?: Leg
  /** How long it lasts, in milliseconds of virtual time. Absent: until healed. */
  readonly forMs?: number
  readonly what:
    | { readonly kind: 'cut' }
    /** A store takes no writes. */
    | { readonly kind: 'readonly' }
    | { readonly kind: 'slower'; readonly byMs: number }
    /** How long a leg takes: at the median, and at the 99th percentile; drawn by `key` and the leg's name. */
    | {
        readonly kind: 'latency'
        readonly typicalMs: number
        readonly tailMs: number
        readonly key: string
        /** How many bytes of each body come in a second. Absent: all at once. */
        readonly bytesPerSecond?: number
      }
}

/** These, or with `others` all but these. Absent names: everybody. */
export interface Side {
  readonly names?: readonly string[]
  readonly others?: boolean
}

/** A leg that nothing happens to. */
export const undisturbed: Delivery = {
  delayMs: 0,
  fate: 'pass',
  copies: [],
  crashes: [],
  pauses: [],
  jumps: [],
  drifts: [],
}

/** A clock never stops, since otherwise its timers would never fire. */
const slowestPace = 0.1

/** How fast a clock runs whose drifts add up to `ppm` millionths: 1 is correct. */
export function paceOf(ppm: number): number {
  return Math.max(1 + ppm / 1_000_000, slowestPace)
}

/** Whether the answer is not what its callee sent: its body is replaced or breaks off, or its connection breaks. */
export function damagesAnswer({ body, breaksAtByte, fate }: Delivery): boolean {
  return body !== undefined || breaksAtByte !== undefined || fate === 'reset'
}
