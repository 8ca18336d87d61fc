// traced: all requests that an operation causes belong to one trace. A safety property over the requests of each
// operation. Knows sends and their `traceparent`, not effects or answers.
import { invocationOf } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { History, Send } from '../history/history.ts'
import { traceParent } from '../history/trace.ts'
import { assertList, assertOptions } from '../plain/options.ts'
import { ofLink, type Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { seconds, shown } from './reason-words.ts'

/** Options of {@link traced}. */
export interface TracedOptions {
  /**
   * Hosts and nodes that need not receive the trace, such as a provider outside the company. Requests to them are
   * ignored.
   *
   * @default none
   */
  readonly except?: readonly string[]
}

/**
 * Holds when, for every operation that a client sends with a `traceparent`, every request that it causes carries the
 * same trace id: the client's own attempts, and the requests of all nodes on the way. The client's first `traceparent`
 * is the one that counts; derive it from the input, so that retries share it. Violated by a request with no
 * `traceparent`, with another trace id, or with an invalid one. Never unknown: what was not sent needs no trace.
 *
 * Vacuous when no operation's client sent a `traceparent`: let the operation's `run` set the header.
 *
 * W3C Recommendation "Trace Context - Level 1" (2021), sections 3.2 and 4.3.
 *
 * @example
 * const pay = op('pay', order, (o) =>
 *   fetch('http://shop/orders', { method: 'POST', headers: { traceparent: o.trace }, body: JSON.stringify(o) }),
 * )
 * traced({ except: ['api.stripe.com'] })
 */
export function traced(options: TracedOptions = {}): Invariant {
  assertOptions('traced()', options, ['except'])
  const { except = [] } = options
  assertList('traced(): except', except, "['api.stripe.com']")
  const outside = new Set(except)
  return {
    kind: 'invariant',
    name: 'traced',
    effects: [],
    check(history: History): Verdict {
      const operations = operationsIn(history, outside)
      const begun = operations.flatMap((requests) => tracedFrom(requests))
      if (begun.length === 0) return nothingTraced(operations.flat())
      const reasons = begun.flatMap(brokenIn)
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

/**
 * The requests of each operation of a client, in order, without those that a node sends on its own (at boot, by a
 * timer).
 */
function operationsIn({ events }: History, outside: ReadonlySet<string>): readonly (readonly Send[])[] {
  const invoked = new Set(events.flatMap((event) => (event.kind === 'invoke' ? [event.invocation] : [])))
  const requests = new Map<number, Send[]>()
  for (const event of events) {
    if (event.kind !== 'send' || event.request !== -1 || outside.has(event.address.to)) continue
    const invocation = invocationOf(event.address.root)
    if (invocation === undefined || !invoked.has(invocation)) continue
    const known = requests.get(invocation)
    if (known === undefined) requests.set(invocation, [event])
    else known.push(event)
  }
  return [...requests.values()]
}

/** An operation, and its trace. */
interface Traced {
  readonly requests: readonly Send[]
  readonly first: Send
  readonly traceId: string
}

function tracedFrom(requests: readonly Send[]): readonly Traced[] {
  for (const first of requests) {
    const parent = first.address.path.length > 0 || first.trace === undefined ? undefined : traceParent(first.trace)
    if (parent !== undefined) return [{ requests, first, traceId: parent.traceId }]
  }
  return []
}

/** A reason for the first request without the trace. Later ones are mostly a consequence, so they are only counted. */
function brokenIn({ requests, first, traceId }: Traced): readonly Reason[] {
  const wrong = requests.filter(({ trace }) => trace === undefined || traceParent(trace)?.traceId !== traceId)
  const [broken] = wrong
  if (broken === undefined) return []
  const { root, from, to, operation } = broken.address
  const more = wrong.length === 1 ? '' : ` (${wrong.length - 1} more of its requests are wrong)`
  return [
    {
      text:
        `${operation} from ${from} to ${to} at ${seconds(broken.atMs)} ${carries(broken)}, caused by ` +
        `${rootText(root)}, whose client sent trace ${traceId} at ${seconds(first.atMs)}${more}; ` +
        'expected the same trace.',
      kind: broken.trace === undefined ? 'no-trace' : 'another-trace',
      ...ofLink(from, to),
      subject: rootText(root),
      events: [first.seq, broken.seq].sort((a, b) => a - b),
    },
  ]
}

function carries({ trace }: Send): string {
  if (trace === undefined) return 'carries no traceparent'
  const parent = traceParent(trace)
  return parent === undefined ? `carries ${shown(trace)}, which is no traceparent` : `carries trace ${parent.traceId}`
}

function nothingTraced(requests: readonly Send[]): Verdict {
  const [odd] = requests.filter(({ trace, address }) => trace !== undefined && address.path.length === 0)
  if (odd !== undefined)
    return vacuous(
      `no client sent a traceparent: ${shown(odd.trace)} of ${rootText(odd.address.root)} at ${seconds(odd.atMs)} is ` +
        'not one; write "00-<32 hex digits>-<16 hex digits>-01".',
    )
  return vacuous(
    requests.length === 0
      ? 'no operation sent a request.'
      : 'no client sent a traceparent: let the operation set the header, as a browser or gateway that traces does.',
  )
}
