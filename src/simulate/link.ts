// Links: a call as four points. The request leaves, the work is done, the reply leaves, the reply arrives. Each leg is
// sent at the end of the drain that issued it and meets the adversary there. Here calls are issued, and those that are
// still open are kept.
import { bug } from '../plain/bug.ts'
import type { PathStep } from '../scenario/address.ts'
import { aliasIn } from '../scenario/alias.ts'
import { callerLine, type CallerLine } from './call-details.ts'
import { callId } from './causal-context.ts'
import { isDead, nameOnLinks, type Context, type Life } from './context.ts'
import { count } from './count.ts'
import { callClass, failCall, isEndless, isOver, type LinkCall } from './link-call.ts'
import type { WireCall } from './protocol.ts'
import { sendRequest } from './request-leg.ts'
import { SetupError } from './setup-error.ts'
import { isUnder } from './timers.ts'
import type { World } from './world.ts'

/** The links of a world, for transports that only have a caller's context. */
export function linksOf({ links }: World): Links {
  return links instanceof Links ? links : bug('a world without links')
}

/** All calls of one history that may still end. */
export class Links {
  /** In the order in which their platforms give up; those that never do are last. */
  readonly #open: LinkCall[] = []
  /** No platform ends these. */
  readonly #hung: LinkCall[] = []

  constructor(world: World) {
    world.links = this
  }

  /** Issues a call; it leaves at the end of the drain. `at`: who made it, where that is not on the stack any more. */
  issue<Request, Reply>(world: World, context: Context, wire: WireCall<Request, Reply>, at?: CallerLine): LinkCall {
    const step = stepOf(world, context, wire)
    const call: LinkCall = {
      context,
      wire,
      target: wire.callee.node,
      step,
      id: callId(context, step),
      at: world.details === undefined ? undefined : (at ?? callerLine()),
      limitMs: world.nowMs + wire.protocol.patienceMs,
      limited: Number.isFinite(wire.protocol.patienceMs),
      settled: false,
      hung: false,
      taken: undefined,
      ended: undefined,
      class: undefined,
      sent: -1,
      replied: -1,
    }
    if (context.path.length > longestChain) world.fail(endlessChain(step))
    this.#add(call)
    context.sends?.push(call)
    world.outbox.push({ id: `${call.id} request`, send: () => sendRequest(world, call) })
    return call
  }

  #add(call: LinkCall): void {
    let place = this.#open.length
    while (place > 0 && (this.#open[place - 1]?.limitMs ?? 0) > call.limitMs) place -= 1
    if (place === this.#open.length) this.#open.push(call)
    else this.#open.splice(place, 0, call)
  }

  /** The call that its platform ends next. */
  nextLimit(): LinkCall | undefined {
    for (let first = this.#open[0]; first !== undefined; first = this.#open[0]) {
      const over = isOver(first)
      if (!over && !first.hung && first.limited) return first
      this.#open.shift()
      if ((first.hung || isEndless(first)) && !over) this.#hung.push(first)
    }
    return undefined
  }

  /** Whether somebody waits for an answer that only healing can end. */
  anyHung(): boolean {
    const waits = (call: LinkCall): boolean => call.hung && !isOver(call)
    return this.#hung.some(waits) || this.#open.some(waits)
  }

  /** The calls whose caller still waits. */
  open(): LinkCall[] {
    return [...this.#hung, ...this.#open].filter((call) => !isOver(call))
  }

  /** The calls of a life that nobody has answered; it may be dead. */
  madeBy(life: Life): LinkCall[] {
    return [...this.#hung, ...this.#open].filter(({ context, settled }) => !settled && context.life === life)
  }

  /** Whether a call is open that was made under a causal parent. */
  isUnderWay(parent: string): boolean {
    return this.open().some(({ context }) => isUnder(parent, context.id))
  }

  /** The classes of the calls that their platform may still end, see lasso.ts. */
  *recurring(): Generator<string, void> {
    for (const call of this.#open) if (!isOver(call)) yield callClass(call)
  }

  /** Healing: connections that hang are reset, and those that wait for ever for who has died. */
  resetHung(world: World): void {
    const alive = new Set<unknown>()
    const dead = new Set<unknown>()
    for (const { context, request } of world.serving) (isDead(context.life) ? dead : alive).add(request)
    const isAbandoned = (call: LinkCall): boolean =>
      isEndless(call) && dead.has(call.wire.request) && !alive.has(call.wire.request)
    for (const call of this.open()) {
      if (!call.hung && !isAbandoned(call)) continue
      call.hung = false
      world.scheduler.add(world.nowMs, () => failCall(world, call, 'reset'))
    }
  }
}

/** Nobody designs a call within so many others; who calls itself goes on until memory ends. */
const longestChain = 100

function endlessChain({ from, to, operation }: PathStep): SetupError {
  return new SetupError(
    `"${from}" called ${operation} of "${to}" as the last of ${longestChain} calls, each made while the one before ` +
      'was worked on. Does a node call itself, or do two of them call each other without an end?',
  )
}

/** What a call is called under its parent. */
function stepOf(world: World, context: Context, { protocol, request, callee }: WireCall): PathStep {
  const from = nameOnLinks(context.life)
  const to = callee.node.name
  const operation = protocol.operationOf(request, world.aliases)
  const key =
    world.aliases.length === 0 ? undefined : aliasIn(world.aliases, protocol.textsOf(request), context.invocation)
  const nth = count(context.counts, `${to} ${operation} ${key ?? ''}`)
  return key === undefined ? { from, to, operation, nth } : { from, to, operation, key, nth }
}
