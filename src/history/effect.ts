// Effects: committed changes of the world that invariants count. They have four sources: rows read from a store, views
// of the state of clients, requests that an outside stub accepted, and a journal that the handler writes itself. Knows
// histories. Must not know who simulates.
import { currentJournal } from './journal.ts'
import { assertOptions, assertType } from '../plain/options.ts'
import type { History } from './history.ts'

/** What can serve as a key. */
export type Key = string | number | bigint | boolean

/** A named source of effects, with `by` to join it to operations. */
export interface Effect<T> {
  readonly kind: 'effect'
  readonly name: string
  readonly source: EffectSource
  /** The effects with a key, by which they are joined with operations that have the same key. */
  by<K extends Key>(key: (value: T) => K): KeyedEffect<K>
}

/** Effects with their key for joins. */
export interface KeyedEffect<K extends Key> {
  readonly kind: 'keyed-effect'
  readonly name: string
  readonly source: EffectSource
  keyOf(value: unknown): K
}

/** Where effects come from, for the simulation. */
export type EffectSource = RowsSource | ReadsSource | RequestsSource | JournalSource

export interface RowsSource {
  readonly from: 'rows'
  readonly name: string
  query(): readonly unknown[] | PromiseLike<readonly unknown[]>
  /** Whether it is also read after every commit while exploring. See {@link RowsOptions}. */
  readonly everyCommit?: boolean
  /** Called before each history, to empty a source that is not a store of the system. */
  reset?(): void
}

/** What the clients of an actor show. See `actor(...).reads`. */
export interface ReadsSource {
  readonly from: 'reads'
  readonly name: string
  readonly actor: string
  /** Identifies the actor: two may have the same name. */
  readonly key: symbol
  view(state: unknown): readonly unknown[]
}

export interface RequestsSource {
  readonly from: 'requests'
  readonly name: string
  readonly method: string
  readonly url: string
  parse(request: Request): unknown
  /** The header by whose value the stub recognises a repeated request, which it answers from memory. */
  readonly replays?: string
}

export interface JournalSource {
  readonly from: 'journal'
  readonly name: string
}

/** Makes an effect of any source. */
export function effect<T>(source: EffectSource): Effect<T> {
  return {
    kind: 'effect',
    name: source.name,
    source,
    by: (key) => ({
      kind: 'keyed-effect',
      name: source.name,
      source,
      keyOf: (value) => key(value as T), // values recorded under this name come from this source
    }),
  }
}

/**
 * Effects read from a store: each row is one effect. The query runs outside the simulation: once at the end of a
 * history, and after every commit when a failing history is replayed, so that each row gets a time and a cause.
 *
 * @example
 * const recorded = rows('order', () => db.prepare('select * from orders').all() as Order[])
 * @example
 * const all = db.prepare('select * from accounts')
 * const accounts = rows('account', () => all.all() as Account[], { everyCommit: true })
 */
export function rows<T>(
  name: string,
  query: () => readonly T[] | PromiseLike<readonly T[]>,
  options: RowsOptions = {},
): Effect<T> {
  assertOptions(`rows("${name}")`, options, ['everyCommit'])
  assertType(
    `rows("${name}"): its second argument`,
    query ?? null,
    'function',
    'a function that reads rows: () => [...]',
  )
  const { everyCommit = false } = options
  assertType(`rows("${name}"): everyCommit`, everyCommit, 'boolean', 'true or false')
  return effect<T>({ from: 'rows', name, query, ...(everyCommit ? { everyCommit } : {}) })
}

/** Options of {@link rows}. */
export interface RowsOptions {
  /**
   * Whether to read all rows after every commit of every history and keep each reading as a snapshot. Then
   * `conservation` and `monotonic` also judge the states in between. It costs one query per commit. A query that
   * returns at once sees each commit; one that returns a promise is read after the step, which may hold several
   * commits.
   *
   * @default false
   */
  readonly everyCommit?: boolean
}

/**
 * Effects at the outside world: one for each request that matches and that the stub answers with 2xx.
 *
 * @param name in reports, a verb or noun: `charge`
 * @param pattern `METHOD url`, the URL absolute; a path segment `:name` matches anything, the query is ignored
 * @param parse extracts what to remember from a copy of the request
 * @param options `replays`: the header by which the real provider recognises a repeated request (Stripe:
 *   `idempotency-key`). The stub then answers a repeated request from memory, without a new effect. It answers another
 *   body under the same key with 422, and a request that comes before the first is answered with 409
 *   (draft-ietf-httpapi-idempotency-key-header-07, section 2.6)
 * @throws where the pattern is not `METHOD url`
 * @example
 * const charge = requests('charge', 'POST https://api.stripe.com/v1/payment_intents',
 *   async (r) => ({ order: String((await r.formData()).get('metadata[order]')) }), { replays: 'idempotency-key' })
 */
export function requests<T>(
  name: string,
  pattern: string,
  parse: (request: Request) => T | PromiseLike<T>,
  options: { readonly replays?: string } = {},
): Effect<T> {
  assertOptions(`requests("${name}")`, options, ['replays'])
  assertType(`requests("${name}"): replays`, options.replays, 'string', 'the name of a header')
  assertType(`requests("${name}"): its third argument`, parse ?? null, 'function', 'a function of the Request')
  const match = /^([A-Z]+) (https?:\/\/\S+)$/.exec(pattern)
  if (match === null) {
    throw new Error(
      `requests("${name}"): the pattern "${pattern}" is not "METHOD url". Write e.g. "POST ` +
        'https://api.example.com/charges".',
    )
  }
  const [, method = '', url = ''] = match
  return effect<T>({ from: 'requests', name, method, url, parse, ...options })
}

/** A journal, for effects that appear neither in a store nor at an outside stub. */
export interface Journal<T> extends Effect<T> {
  /**
   * Records one effect of the running node, which may crash directly after it where an invariant reads the journal. An
   * effect of a dead incarnation is ignored. Outside a simulation nothing happens.
   */
  add(value: T): void
}

/**
 * A journal that the handler (or a fake it calls) writes itself.
 *
 * @example
 * const sent = journal<{ to: string }>('email')
 * const mailer = { send: (to: string) => { sent.add({ to }) } }
 */
export function journal<T>(name: string): Journal<T> {
  return { ...effect<T>({ from: 'journal', name }), add: (value) => currentJournal()?.(name, value) }
}

/** An effect as checkers see it, from any source. */
export interface Observed {
  readonly value: unknown
  /** Absent for rows that were only read at the end. */
  readonly atMs?: number
  readonly event?: number
  /** The client whose view it was read from: `client#0`. */
  readonly node?: string
  /** A row of the initial state, and no effect of an operation. */
  readonly wasThere?: true
}

/**
 * All effects of one name in a history: events in order, then readings.
 *
 * @example effectsOf(history, 'charge').map(({ value, atMs }) => [value, atMs])
 */
export function effectsOf(history: History, name: string): readonly Observed[] {
  const observed: Observed[] = []
  for (const event of history.events) {
    if (event.kind === 'effect' && event.effect === name)
      observed.push({ value: event.value, atMs: event.atMs, event: event.seq })
  }
  for (const reading of history.readings) if (reading.effect === name) observed.push(reading)
  return observed
}
