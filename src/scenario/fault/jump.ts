// A wall clock steps at a leg of a call: NTP sets it back, or forward after a suspend. Timers are not affected. On a
// request leg, the caller's clock steps just after sending; the callee's when the request arrives, or `afterMs` later,
// while the callee works. On a reply leg, the callee's clock steps when it answers; the caller's when the answer
// arrives. Clients have clocks too. Survives: the monotonic clock for durations, ids that guard against a clock that
// goes back. Example: a stopwatch on `Date.now()` shows that a call took minus ten seconds.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { momentPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Jump {
  readonly kind: 'jump'
  readonly at: Address
  /** Whose clock steps: a node that is one of the two ends of `at`, or `client`. */
  readonly node: string
  /** Forward (positive) or back, in milliseconds. */
  readonly byMs: number
  /** How much later it steps, in milliseconds of virtual time. @default 0 */
  readonly afterMs?: number
}

const [backMs, forwardMs] = [-10_000, 3_600_000] as const

/** What a claim may name of it. */
export interface JumpParts {
  readonly direction: 'forward' | 'back'
  /** The largest step. */
  readonly withinMs: number
}

export const jump: FaultSpec<Jump, JumpParts> = {
  kind: 'jump',
  weight: 1.8,
  parts: {
    direction: {
      type: 'choices',
      words: { forward: 'forward', back: 'back' },
      of: ({ byMs }) => (byMs < 0 ? 'back' : 'forward'),
    },
    withinMs: { type: 'bound', unit: 'ms', limited: (fault, most) => ({ ...fault, byMs: atMost(fault.byMs, most) }) },
  },
  ownNode: ({ node }) => node,
  fields: {
    node: { type: 'node' },
    byMs: { type: 'ms', target: 0 },
    afterMs: { type: 'ms', target: 1, min: 0, optional: true },
  },
  values: (site) => (site.address.leg === 'request' ? jumps(site, calleeOf(site), [backMs, forwardMs]) : []),
  rarer(site) {
    if (site.address.leg === 'reply') return jumps(site, [...calleeOf(site), ...callerOf(site)], [backMs])
    const during = jumps(site, calleeOf(site), [backMs, forwardMs]).map((one) => ({ ...one, afterMs: 1 }))
    return [...jumps(site, callerOf(site), [backMs, forwardMs]), ...during]
  },
  lasting: (fault, ms) => ({ ...fault, byMs: Math.sign(fault.byMs) * ms }),
  rewrite: (delivery, { node, byMs, afterMs }) => ({
    ...delivery,
    jumps: [...delivery.jumps, { node, byMs, ...(afterMs === undefined ? {} : { afterMs }) }],
  }),
  words: (fault) => `${whose(fault)} clock jumps ${stepWords(fault)}${laterWords(fault)}`,
  phrase: (fault) => `set ${whose(fault)} clock ${stepWords(fault)} ${whenPhrase(fault)}`,
  milder(fault) {
    const smaller = { ...fault, byMs: Math.trunc(fault.byMs / 2) }
    return [{ fault: smaller, words: jump.words(smaller) }]
  },
}

function calleeOf({ nodes, address: { to } }: Site): readonly string[] {
  return nodes.filter((node) => node === to)
}

function callerOf({ nodes, address: { from, to } }: Site): readonly string[] {
  return from === 'client' ? [from] : nodes.filter((node) => node !== to)
}

function jumps({ kind, address: at }: Site, nodes: readonly string[], steps: readonly number[]): readonly Jump[] {
  return kind === 'call' ? nodes.flatMap((node) => steps.map((byMs) => ({ kind: 'jump', at, node, byMs }))) : []
}

function stepWords({ byMs }: Jump): string {
  return `${durationWords(byMs)} ${byMs < 0 ? 'back' : 'forward'}`
}

function laterWords({ afterMs = 0 }: Jump): string {
  return afterMs === 0 ? '' : `, ${durationWords(afterMs)} later`
}

function whenPhrase({ at, node, afterMs = 0 }: Jump): string {
  const moment = momentPhrase(at, node)
  return afterMs === 0 ? moment : moment.replace(/^(as|after|right after) /, `${durationWords(afterMs)} after `)
}

function whose({ node }: Jump): string {
  return node === 'client' ? "the client's" : `${node}'s`
}
