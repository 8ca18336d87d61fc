// Operations: what clients do. A name, an arbitrary for its input, and a function that carries it out.
// Knows fast-check's Arbitrary as a type and nothing of simulation.
import type { Arbitrary } from 'fast-check'
import type { Key } from '../history/effect.ts'

/** How an attempt ended, in Jepsen's words. `info`: nobody knows. */
export type Outcome = 'ok' | 'fail' | 'info'

/** How a client carries an operation out. */
export interface OperationOptions {
  /** How often the client re-sends, at once, after `info` or a refused connection. @default 0 */
  readonly retries?: number
  /**
   * How long the client waits for one attempt, in milliseconds of virtual time; then it gives up on it (`info`).
   *
   * @default none
   */
  readonly timeout?: number
  /**
   * Users submit it twice: a second client, as another tab, carries out some of them again with the same input, 0 to
   * 300 ms later. Its requests may then come twice, as with `retries`. Off unless said so, since it is no mistake of a
   * handler to act twice on two requests where each click is to count. @default false
   */
  readonly doubleSubmit?: boolean
  /**
   * Reads the outcome from what `run` returned.
   *
   * @default 2xx `ok`; 4xx except 408, 425 and 429 `fail`; other Responses `info`; anything else `ok`
   */
  outcome?(result: unknown): Outcome
}

/** What an operation was answered, as the history keeps it: of a Response its status and its body's text. */
export type Answer<R> = Awaited<R> extends Response ? { readonly status: number; readonly body: string } : Awaited<R>

/** An operation of the workload. */
export interface Operation<T, R = unknown> {
  readonly kind: 'operation'
  readonly name: string
  readonly arbitrary: Arbitrary<T>
  readonly retries: number
  readonly timeout: number | undefined
  /**
   * Its `run` itself asks again until it is answered, as a provider does: what it sends may come twice.
   *
   * @default where it has retries or is submitted twice
   */
  readonly atLeastOnce?: boolean
  /** Workloads submit it twice. @default false */
  readonly doubleSubmit?: boolean
  run(input: T): R
  outcome(result: unknown): Outcome
  /** The operation keyed, to be joined with an effect keyed alike. */
  by<K extends Key>(key: (input: T) => K): KeyedOperation<K>
  /**
   * The operation as a checker understands it: an act of a sequential model, a transaction, an id. `answer` is
   * undefined where nobody knows how it ended; what it would have read is then to be undefined too.
   *
   * @example get.as(({ key }, answer) => ({ f: 'read', key, output: answer?.body }))
   */
  as<A>(read: (input: T, answer: Answer<R> | undefined) => A): InterpretedOperation<A>
}

/** Whether what an operation sends may come twice. */
export function deliversAtLeastOnce({ atLeastOnce, retries, doubleSubmit = false }: Operation<unknown>): boolean {
  return atLeastOnce ?? (retries > 0 || doubleSubmit)
}

/** An operation with what it means to a checker. */
export interface InterpretedOperation<A> {
  readonly kind: 'interpreted-operation'
  readonly name: string
  read(input: unknown, answer: unknown): A
}

/** An operation with the key it is joined by. */
export interface KeyedOperation<K extends Key> {
  readonly kind: 'keyed-operation'
  readonly name: string
  keyOf(input: unknown): K
}

/**
 * An operation that clients carry out.
 *
 * @param arbitrary makes inputs: plain data, so that they can be saved
 * @param run carries it out once, usually one `fetch`; called again for each retry
 * @example
 * const pay = op('pay', fc.record({ order: fc.uuid() }),
 *   (o) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(o) }), { retries: 2, timeout: 5_000 })
 */
export function op<T, R = unknown>(
  name: string,
  arbitrary: Arbitrary<T>,
  run: (input: T) => R,
  options: OperationOptions = {},
): Operation<T, R> {
  checkOptions(name, options)
  return {
    kind: 'operation',
    name,
    arbitrary,
    run,
    retries: options.retries ?? 0,
    timeout: options.timeout,
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
      read: (input, answer) => read(input as T, answer as Answer<R> | undefined), // and answers from this run
    }),
  }
}

function checkOptions(name: string, { retries, timeout }: OperationOptions): void {
  if (!/^\S+$/.test(name))
    throw new Error(`op("${name}"): a name is one word without spaces; it stands in stories and addresses.`)
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw new Error(`op("${name}"): retries is ${retries}; give a whole number from 0.`)
  }
  if (timeout !== undefined && !(timeout > 0))
    throw new Error(`op("${name}"): timeout is ${timeout}; give milliseconds above 0.`)
}

/** The default reading of a result, after RFC 9110: 408, 425 and 429 do not say that it did not happen. */
export function outcomeOf(result: unknown): Outcome {
  if (!(result instanceof Response)) return 'ok'
  if (result.ok) return 'ok'
  const { status } = result
  return status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429 ? 'fail' : 'info'
}
