// What a transport gives a link: what a call is on its wire. A link carries requests and replies from one life to
// another and never looks inside; whatever it must know or change, it asks the protocol for. Knows no transport.
import type { NamedLength } from '../scenario/lengths.ts'
import type { Alias } from '../scenario/alias.ts'
import type { Damage, Delivery, InjectedAnswer } from '../scenario/fault/delivery.ts'
import type { EngineFault, Reach } from '../scenario/site.ts'
import type { Node } from './node-state.ts'

/**
 * One wire format: pure functions over its requests and replies.
 *
 * To a link both are `unknown`. What belongs together is checked where a transport makes a `WireCall`, whose methods
 * then take only what that call has made itself.
 */
export interface Protocol<Request = unknown, Reply = unknown> {
  /** How long the client's platform waits for a reply, and for each further piece of its body, in milliseconds. */
  readonly patienceMs: number
  /** How long it tries to connect, in milliseconds. */
  readonly connectMs: number
  /** What is asked, without values, as it stands in addresses: `POST /orders`. */
  operationOf(request: Request, aliases: readonly Alias[]): string
  /** Where the business key is looked for. */
  textsOf(request: Request): readonly string[]
  /** For the story: the arguments of a call that is one of a method. Absent where calls have none. */
  argumentsOf?(request: Request): readonly unknown[]
  /** For the story: the result of such a call. Undefined where it has none, as where the method threw. */
  resultOf?(reply: Reply): { readonly value: unknown } | undefined
  /** For the story: the body of an answer as text. Undefined where it has none, or one that is no text. */
  bodyTextOf?(reply: Reply): string | undefined
  /** The trace context that a request carries; undefined where it carries none. */
  traceOf(request: Request): string | undefined
  /** Whether anybody on its way may deliver a request again. */
  isIdempotent(request: Request): boolean
  /** Whether a request asks for no change. */
  isRead(request: Request): boolean
  /** Whether a reply with this code says that the work was done; undefined where nobody knows. */
  isDone(code: number): boolean | undefined
  /** Lengths of time that a reply names, such as how long to wait or to keep it, in milliseconds. */
  lengthsIn(reply: Reply): readonly NamedLength[]
  /** The number by which the history tells replies apart. */
  codeOf(reply: Reply): number
  /**
   * How many bytes of a reply's body are there when its head leaves; undefined where it has no body, or an empty one.
   */
  bodyBytesOf(request: Request, reply: Reply): number | undefined
  /** Whether a reply's body goes on after its head has left. Absent: never. */
  isStreamed?(reply: Reply): boolean
  /** How many bytes a request's body has; undefined where it has none, or an empty one. */
  requestBytesOf(request: Request): number | undefined
  /** A request as it arrives over a bad connection. */
  arriving(request: Request, flow: BodyFlow): Request
  /** The reply of somebody who answers in the callee's place. `nowMs` is in milliseconds since the epoch. */
  replyInstead(answer: InjectedAnswer, nowMs: number): Reply
  /** The reply of a callee whose handler threw. */
  replyOfFailure(): Reply
  /** The reply of a callee where no place is free, and none to wait for one. */
  replyOfOverload(): Reply
  /** A reply whose body is not what its callee sent. */
  damaged(reply: Reply, damage: Damage): Reply
  /** A reply whose body breaks off after so many bytes; past its end, in place of its end. */
  brokenOff(reply: Reply, atByte: number, later: BodyFlow['later']): Reply
  /** A reply whose last byte comes so many milliseconds after its head. */
  trickled(reply: Reply, overMs: number, later: BodyFlow['later']): Reply
  /** A reply whose pieces of a slow body pass through `relay`; the same reply where its body is complete. */
  relayed(reply: Reply, relay: (rest: BodyRest) => BodyRest): Reply
}

/** Passes one request to an incarnation (`app`: what its `boot` returned) or to an outside host. */
export interface Server<Request = unknown, Reply = unknown> {
  /** Rejects where the handler throws. */
  handle(app: unknown, request: Request): Promise<Reply>
}

/** A node, and how it takes the requests of one protocol. */
export interface Callee<Request, Reply> {
  readonly node: Node
  readonly server: Server<Request, Reply>
}

/** A call as its transport hands it to a link. */
export interface WireCall<Request = unknown, Reply = unknown> {
  readonly protocol: Protocol<Request, Reply>
  readonly request: Request
  readonly callee: Callee<Request, Reply>
  /** Where its name is not looked up. */
  readonly reach?: Reach
  /**
   * Where it was looked up before: how often its callee had moved by then. Who calls an old address is refused there.
   *
   * @default it is looked up now
   */
  readonly lookedUpAfter?: number
  /** Its callee proves who it is, as over TLS: nobody answers in its place. @default it does not */
  readonly proves?: true
  /** What the engine of its callee, a store, may do with it. @default nothing */
  readonly engine?: EngineFault
  /** Where its callee is a store: what the adversary lets the engine of that do. */
  engineDoes?(delivery: Delivery): void
  /** The reply arrived: called at most once, in the caller's context, unless `fail` is. */
  answer(reply: Reply): void
  /**
   * No connection comes about, and its platform goes on trying: for so many milliseconds, where it does not try as long
   * as its protocol says.
   */
  unconnected?(): number | undefined
  /** The call ended without a reply. */
  fail(failure: CallFailure): void
  /** Its caller has gone: what it held is free for others. None of the caller's code runs any more. */
  gone?(): void
}

/** Why a call ended without a reply, as its caller sees it. */
export type CallFailure = Unreached | 'reset' | 'closed' | 'timeout'

/** The request reached nobody, and its caller knows it. */
export type Unreached = 'refused' | 'notFound' | 'tryAgain' | 'unreachable'

const unreached: Readonly<Record<Unreached, true>> = {
  refused: true,
  notFound: true,
  tryAgain: true,
  unreachable: true,
}

/** Whether a call ended, or a leg fares, so that its request certainly reached nobody. */
export function isUnreached(how: unknown): how is Unreached {
  return typeof how === 'string' && Object.hasOwn(unreached, how)
}

/** What becomes of a body on its way. */
export interface BodyFlow {
  /** It breaks off after so many bytes. */
  readonly breaksAtByte?: number
  /** Its last byte comes so many milliseconds after its head, where it does not break off. */
  readonly overMs?: number
  /** Runs something so many milliseconds later, at the receiver, unless it is lost on its way. */
  readonly later: (ms: number, run: () => void) => void
  /** Keeps what the receiver hears if the connection ends before the body. @default it never does */
  readonly whenBroken?: (breaks: () => void) => void
}

/**
 * The rest of a body that is streamed: the listener gets each further piece, then how the body ended. Returns a
 * function that stops listening.
 */
export type BodyRest = (hear: BodyListener) => () => void

/**
 * A piece of a streamed body: bytes, or how it ended. `reset`: the connection broke. `closed`: its
 * server closed the connection before the end. `timeout`: nothing came for longer
 * than the platform waits.
 */
export type BodyPiece = Uint8Array | 'end' | 'reset' | 'closed' | 'timeout'
export type BodyListener = (piece: BodyPiece) => void
