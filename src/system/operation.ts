// Operations: what clients do. A name, an arbitrary for the input, and a function that carries the operation out. Knows
// fast-check's Arbitrary as a type, and nothing of simulation.
import { statusOfAnswer } from '../history/http-status.ts'
import type { Arbitrary } from 'fast-check'
import type { Key } from '../history/effect.ts'
import { isRefusal } from '../history/status-why.ts'
import { callerFile } from '../plain/caller-file.ts'
import { assertNumber, assertOptions, assertType, foundWords } from '../plain/options.ts'

/** How an attempt ended, in Jepsen's words. `info`: nobody knows. */
export type Outcome = 'ok' | 'fail' | 'info'

/** How a client carries an operation out. */
export interface OperationOptions {
  /** How often the client tries again, at once, after `info` or a refused connection. @default 0 */
  readonly retries?: number
  /**
   * How long the client waits for one attempt, in milliseconds of virtual time. Then it gives up (`info`).
   *
   * @default none
   */
  readonly timeout?: number
  /**
   * Whether users may submit it twice: another client, like a second tab, then carries out some invocations again with
   * the same input, 0 to 300 ms later. Requests may then come twice, as with `retries`. Off by default, since a handler
   * may rightly act twice where each click counts.
   *
   * @default false
   */
  readonly doubleSubmit?: boolean
  /**
   * Derives the outcome from what `run` returned. `fail` applies to the last request that asked for a change; if that
   * had no answer, to all requests without an answer. If another request may have been carried out, the operation is
   * `info`.
   *
   * @default 2xx `ok`; 4xx except 408, 425 and 429 `fail`; other Responses `info`; anything else `ok`
   */
  outcome?(result: unknown): Outcome
}

/** The answer to an operation, as the history keeps it: for a Response, its status and the text of its body. */
export type Answer<R> = Awaited<R> extends Response ? { readonly status: number; readonly body: string } : Awaited<R>

/** An operation of the workload. */
export interface Operation<T, R = unknown> {
  readonly kind: 'operation'
  readonly name: string
  readonly arbitrary: Arbitrary<T>
  readonly retries: number
  readonly timeout: number | undefined
  /**
   * Whether its requests may come twice, for example because `run` itself repeats them until they are answered.
   *
   * @default true where it has retries or is submitted twice
   */
  readonly atLeastOnce?: boolean
  /**
   * The file that declares it. The lengths of time in it, and in the local files that it imports, are tried for pauses,
   * delays, gaps and steps of clocks.
   *
   * @default unknown: only lengths that are seen while it runs, and usual ones, are tried
   */
  readonly declaredIn?: string
  /** Whether workloads submit it twice. @default false */
  readonly doubleSubmit?: boolean
  /**
   * Who carries it out, by the name of its column in stories, where no client does: a provider, which begins without
   * waiting for what it began before, never stops, and whose clock is right.
   *
   * @default a client
   */
  readonly provider?: string
  /**
   * What an attacker does with messages like its own: a part of the system where an invariant (`authentic`) takes its
   * messages for genuine.
   *
   * @default nothing
   */
  readonly attack?: Operation<unknown>
  run(input: T): R
  outcome(result: unknown): Outcome
  /** The operation with a key, by which it is joined with effects that have the same key. */
  by<K extends Key>(key: (input: T) => K): KeyedOperation<K>
  /**
   * The operation as a checker understands it: an act of a sequential model, a transaction, an id. `answer` is
   * undefined where nobody knows how it ended. What it would have read must then be undefined too.
   *
   * @example get.as(({ key }, answer) => ({ f: 'read', key, output: answer?.body }))
   */
  as<A>(read: (input: T, answer: Answer<R> | undefined) => A): InterpretedOperation<A>
}

/** Whether what an operation sends may come twice. */
export function deliversAtLeastOnce({ atLeastOnce, retries, doubleSubmit = false }: Operation<unknown>): boolean {
  return atLeastOnce ?? (retries > 0 || doubleSubmit)
}

/** An operation with its meaning for a checker. */
export interface InterpretedOperation<A> {
  readonly kind: 'interpreted-operation'
  readonly name: string
  read(input: unknown, answer: unknown): A
}

/** An operation with its key for joins. */
export interface KeyedOperation<K extends Key> {
  readonly kind: 'keyed-operation'
  readonly name: string
  keyOf(input: unknown): K
}

/** An arbitrary of fast-check, which declares its classes twice: once for CommonJS projects. */
export interface AnyArbitrary<T> {
  generate(random: never, biasFactor: number | undefined): { readonly value: T }
  canShrinkWithoutContext(value: unknown): boolean
}

/**
 * An operation that clients carry out.
 *
 * @param arbitrary makes inputs: plain data, so that they can be saved
 * @param run carries it out once, usually by one `fetch`; called again for each retry
 * @example
 * const pay = op('pay', fc.record({ order: fc.uuid() }),
 *   (o) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(o) }), { retries: 2, timeout: 5_000 })
 */
export function op<T, R = unknown>(
  name: string,
  arbitrary: AnyArbitrary<T>,
  run: (input: T) => R,
  options: OperationOptions = {},
): Operation<T, R> {
  checkOptions(name, run, options)
  const declaredIn = callerFile()
  return {
    kind: 'operation',
    name,
    arbitrary: arbitrary as Arbitrary<T>, // whatever declares it, there is one class; a copy is refused when it draws
    run,
    retries: options.retries ?? 0,
    timeout: options.timeout,
    ...(declaredIn === undefined ? {} : { declaredIn }),
    ...(options.doubleSubmit === undefined ? {} : { doubleSubmit: options.doubleSubmit }),
    outcome: (result) => (options.outcome === undefined ? outcomeOf(result) : options.outcome(result)),
    by: (key) => ({
      kind: 'keyed-operation',
      name,
      keyOf: (input) => key(input as T), // inputs recorded under this name come from this arbitrary
    }),
    as: (read) => ({
      kind: 'interpreted-operation',
      name,
      read: (input, answer) => read(input as T, answer as Answer<R> | undefined), // and so do answers from this `run`
    }),
  }
}

const known: Record<keyof OperationOptions, true> = { retries: true, timeout: true, doubleSubmit: true, outcome: true }

function checkOptions(name: string, run: unknown, options: OperationOptions): void {
  const of = `op("${name}")`
  if (typeof name !== 'string' || !/^\S+$/.test(name))
    throw new Error(`${of}: a name is one word without spaces; it stands in stories and addresses.`)
  if (typeof run !== 'function')
    throw new Error(`${of}: its third argument is ${foundWords(run)}; give a function: (input) => fetch(...).`)
  assertOptions(of, options, known)
  assertNumber(`${of}: retries`, options.retries, 'a whole number from 0')
  assertNumber(`${of}: timeout`, options.timeout, 'milliseconds above 0')
  assertType(`${of}: doubleSubmit`, options.doubleSubmit, 'boolean', 'true or false')
  assertType(`${of}: outcome`, { ...options }['outcome'], 'function', "a function: (result) => 'ok', 'fail' or 'info'")
}

/** The default outcome of a result (RFC 9110): 408, 425 and 429 do not mean that it did not happen. */
export function outcomeOf(result: unknown): Outcome {
  const status = statusOfAnswer(result)
  if (status === undefined || (status >= 200 && status < 300)) return 'ok'
  return status >= 400 && isRefusal(status) ? 'fail' : 'info'
}
