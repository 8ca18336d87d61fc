// noLeftovers: what an operation opens is closed in the end. Judged by growth: what is opened once and kept (a pool, a
// poller that starts with the first request) is no leak, and what each operation adds to is one.
import type { Leftover } from '../history/leftover.ts'
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, unknown, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOf, cutShort, endOf, type Call } from './calls.ts'

/**
 * Holds when sockets, timers and locks are back where they were: whatever nodes (and actors of clients) opened for an
 * operation is closed when the history is quiet. Violated by growth: two operations of which the second began after the
 * first had ended, and for each of them the same code of one process left one open. So neither what a node keeps open
 * from its start on is blamed, nor a connection that is idle in its pool, nor what the first request opens for all
 * others; one for each key that is kept for ever is growth. The reason names what is left, and the line that opened it.
 *
 * Seen are timers (intervals, and timers that arm each other for ever), connections of sockets and of undici that are
 * in use, as by an answer that nobody reads, streamed bodies of `fetch`, servers that listen, and `navigator.locks`.
 * Unknown where the history ended at a bound, or was recorded. Vacuous when no operation opened anything.
 *
 * A resource leak as in Torlak and Chandra, "Effective Interprocedural Resource Leak Detection" (ICSE 2010).
 *
 * @example
 * noLeftovers()
 */
export function noLeftovers(): Invariant {
  return {
    kind: 'invariant',
    name: 'noLeftovers',
    effects: [],
    seesLeftovers: true,
    check(history: History) {
      const { leftovers } = history
      if (leftovers === undefined)
        return unknown('this history does not say what was left open: only a simulation that is asked for it does.')
      if (leftovers.opened === 0)
        return vacuous('no operation opened a socket, a timer or a lock: is there anything to close?')
      const grown = growing(history, leftovers.left)
      if (grown.length === 0) return holds
      if (endOf(history)?.reason !== 'quiet') return undecided(`${cutShort(history)}, when something was still open.`)
      return { kind: 'violated', reasons: grown.map((growth) => leak(history, growth)) }
    },
  }
}

/** Things of one class, of at least two operations of which one followed the other. */
interface Growth {
  readonly things: readonly Leftover[]
  readonly first: Call
  readonly next: Call
}

function growing(history: History, left: readonly Leftover[]): readonly Growth[] {
  const calls = new Map(callsOf(history).map((call) => [call.invoke.invocation, call]))
  const classes = new Map<string, Leftover[]>()
  for (const thing of left)
    if (calls.has(thing.invocation)) classes.set(thing.class, [...(classes.get(thing.class) ?? []), thing])
  return [...classes.values()].flatMap((things) => {
    const own = things.flatMap(({ invocation }) => calls.get(invocation) ?? [])
    const first = own.reduce((a, b) => ((b.end?.seq ?? Infinity) < (a.end?.seq ?? Infinity) ? b : a))
    const next = own.reduce((a, b) => (b.invoke.seq > a.invoke.seq ? b : a))
    return first.end !== undefined && next.invoke.seq > first.end.seq ? [{ things, first, next }] : []
  })
}

function leak(history: History, { things, first, next }: Growth): Reason {
  const [thing] = things
  if (thing === undefined) throw new Error('Bug: nothing was left open')
  const { node, kind, what, at } = thing
  const ids = [...new Set(things.map(({ invocation }) => invocation))].sort((a, b) => a - b)
  const by = ids.map((id) => nameOf(history, id))
  const end = endOf(history)
  return {
    text:
      `${node} has ${what} ${things.length} times when all is quiet${at === undefined ? '' : `, opened by ${at}`}: ` +
      `${by.join(', ')} left one each, and the next operation will leave another. ${cures[kind]}`,
    kind: 'left-open',
    of: `${kind} of ${node}`,
    events: [first.invoke.seq, next.invoke.seq, ...(end === undefined ? [] : [end.seq])],
  }
}

function nameOf({ events }: History, invocation: number): string {
  const invoke = events.find((event) => event.kind === 'invoke' && event.invocation === invocation)
  return invoke?.kind === 'invoke' ? `${invoke.operation}#${invocation}` : String(invocation)
}

const cures: Readonly<Record<Leftover['kind'], string>> = {
  timer: 'Clear it when it has done its work, also where that fails.',
  socket: 'Read each answer to its end, or destroy it, also where its status is enough.',
  stream: 'Cancel the body, or abort its request, when nobody reads it any more.',
  server: 'Close it, or let one server serve all.',
  lock: 'Let the promise of its callback settle, also where the work fails.',
}
