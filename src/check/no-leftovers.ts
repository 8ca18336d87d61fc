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
 * in use, as by an answer that nobody reads, connections to a store that nobody used again though others had to be
 * opened, as where a client of a pool is never released, streamed bodies of `fetch`, servers that listen,
 * `navigator.locks`, and listeners on one thing for all (the process, an emitter, a signal of the module). A
 * transaction of `sqlite` or `postgres` that stays open is one too many already the first time.
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

/** Things of one class. */
interface Growth {
  readonly things: readonly Leftover[]
  /** Two operations of which one followed the other; or one, where its thing is one too many already. */
  readonly calls: readonly Call[]
}

function growing(history: History, left: readonly Leftover[]): readonly Growth[] {
  const calls = new Map(callsOf(history).map((call) => [call.invoke.invocation, call]))
  const classes = new Map<string, Leftover[]>()
  for (const thing of left)
    if (calls.has(thing.invocation) && calls.has(thing.usedBy ?? thing.invocation))
      classes.set(thing.class, [...(classes.get(thing.class) ?? []), thing])
  return [...classes.values()].flatMap((things) => {
    const own = things.flatMap(({ invocation }) => calls.get(invocation) ?? [])
    const used = things.flatMap(({ invocation, usedBy = invocation }) => calls.get(usedBy) ?? [])
    const first = used.reduce((a, b) => ((b.end?.seq ?? Infinity) < (a.end?.seq ?? Infinity) ? b : a))
    if (things.some(({ kind }) => kind === 'transaction')) return [{ things, calls: [first] }]
    const next = own.reduce((a, b) => (b.invoke.seq > a.invoke.seq ? b : a))
    // Code whose caller has gone may still have a connection, and give it back
    if (things.some(({ kind }) => kind === 'connection') && !isAnswered(first)) return []
    return first.end !== undefined && next.invoke.seq > first.end.seq ? [{ things, calls: [first, next] }] : []
  })
}

function isAnswered({ end }: Call): boolean {
  return end?.kind !== 'info' || end.value !== undefined
}

function leak(history: History, { things, calls }: Growth): Reason {
  const [thing] = things
  if (thing === undefined) throw new Error('Bug: nothing was left open')
  const { node, kind, what, at } = thing
  const ids = [...new Set(things.map(({ invocation }) => invocation))].sort((a, b) => a - b)
  const by = ids.map((id) => nameOf(history, id))
  const end = endOf(history)
  const [often, left] =
    calls.length === 1
      ? ['', 'left it']
      : [` ${things.length} times`, 'left one each, and the next operation will leave another']
  return {
    text:
      `${node} has ${what}${often} when all is quiet${at === undefined ? '' : `, opened by ${at}`}: ` +
      `${by.join(', ')} ${left}. ${cures[kind]}`,
    kind: 'left-open',
    of: `${kind} of ${node}`,
    events: [...calls.map(({ invoke }) => invoke.seq), ...(end === undefined ? [] : [end.seq])],
  }
}

function nameOf({ events }: History, invocation: number): string {
  const invoke = events.find((event) => event.kind === 'invoke' && event.invocation === invocation)
  return invoke?.kind === 'invoke' ? `${invoke.operation}#${invocation}` : String(invocation)
}

const cures: Readonly<Record<Leftover['kind'], string>> = {
  timer: 'Clear it when it has done its work, also where that fails.',
  connection: 'Give it back to its pool, or end it, also where the work fails.',
  socket: 'Read each answer to its end, or destroy it, also where its status is enough.',
  stream: 'Cancel the body, or abort its request, when nobody reads it any more.',
  server: 'Close it, or let one server serve all.',
  listener: 'Remove it when its work is done, also where that fails.',
  transaction: 'Commit it, or roll it back where its work fails.',
  lock: 'Let the promise of its callback settle, also where the work fails.',
}
